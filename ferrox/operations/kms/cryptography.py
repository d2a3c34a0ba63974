"""What is done with keys: seal, open, seal anew, make data keys and random bytes.

https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#encrypt_context
https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html

A ciphertext names its key, and is authenticated with the encryption context as canonical JSON:

    offset  bytes   what
    0       1       form, 1
    1       16      id of the key
    17      4       number of the version of its material
    21      28 + n  what `crypto.envelope` makes of n bytes
"""

import json
import secrets
import struct
import uuid
from collections.abc import Mapping
from typing import Any

from ferrox.crypto.envelope import KeyEncryptionKey
from ferrox.errors import AccessDenied, SealBroken
from ferrox.kms_errors import (
    DryRun,
    IncorrectKey,
    InvalidCiphertext,
    NotFound,
    UnsupportedOperation,
    Validation,
)
from ferrox.operations.kms.amending import material_id
from ferrox.operations.kms.call import KmsCall
from ferrox.operations.kms.registry import handles
from ferrox.protocol.kms import operations as o
from ferrox.protocol.kms.cryptography import (
    SYMMETRIC,
    DecryptInput,
    DecryptOutput,
    EncryptInput,
    EncryptOutput,
    GenerateDataKeyInput,
    GenerateDataKeyOutput,
    GenerateDataKeyWithoutPlaintextOutput,
    GenerateRandomInput,
    GenerateRandomOutput,
    NewDataKey,
    ReEncryptInput,
    ReEncryptOutput,
    Tried,
)
from ferrox.storage.keys.kms_keys import PREFIX
from ferrox.storage.keys.kms_records import KmsKey

Context = Mapping[str, str] | None

_HEAD = struct.Struct(">B16sI")
_FORM = 1
_NAME = b"a ciphertext of KMS"
"""What stands for the name of a blob: what seals objects does not open here."""
_SPEC_BYTES = {"AES_256": 32, "AES_128": 16}
_NO_KEY = (
    "The ciphertext refers to a customer master key that does not exist, does not exist in this "
    "region, or you are not allowed to access."
)


@handles(o.Encrypt)
async def encrypt(call: KmsCall, args: EncryptInput) -> EncryptOutput:
    """Seal up to 4 KiB."""
    _require_symmetric(args.encryption_algorithm)
    key = _usable(call, args.key_id)
    _stop_if_tried(args)
    sealed = _seal(call, key, args.plaintext, args.encryption_context)
    return EncryptOutput(ciphertext_blob=sealed, key_id=call.keys.arn(key))


@handles(o.Decrypt)
async def decrypt(call: KmsCall, args: DecryptInput) -> DecryptOutput:
    """Open what was sealed."""
    _require_symmetric(args.encryption_algorithm)
    _refuse_recipient(args.recipient)
    opened = _Opening(call, args.ciphertext_blob, args.key_id, args.encryption_context)
    opened.require(o.Decrypt.action)
    _stop_if_tried(args)
    return DecryptOutput(
        key_id=call.keys.arn(opened.key),
        plaintext=opened.plaintext(),
        key_material_id=opened.material_id,
    )


@handles(o.ReEncrypt)
async def re_encrypt(call: KmsCall, args: ReEncryptInput) -> ReEncryptOutput:
    """Open what was sealed, and seal it under another key or context."""
    _require_symmetric(args.source_encryption_algorithm)
    _require_symmetric(args.destination_encryption_algorithm)
    source_context = args.source_encryption_context
    source = _Opening(call, args.ciphertext_blob, args.source_key_id, source_context)
    source.require("kms:ReEncryptFrom")
    target = call.key(args.destination_key_id, o.On.KEY_IN_USE)
    call.require_on_key("kms:ReEncryptTo", target, args.destination_encryption_context)
    call.keys.require_usable(target)
    _stop_if_tried(args)
    context = args.destination_encryption_context
    return ReEncryptOutput(
        ciphertext_blob=_seal(call, target, source.plaintext(), context),
        source_key_id=call.keys.arn(source.key),
        key_id=call.keys.arn(target),
        source_key_material_id=source.material_id,
        destination_key_material_id=material_id(target),
    )


@handles(o.GenerateDataKey)
async def generate_data_key(call: KmsCall, args: GenerateDataKeyInput) -> GenerateDataKeyOutput:
    """Make a data key: as it is, and sealed."""
    _refuse_recipient(args.recipient)
    data_key, told = _new_data_key(call, args)
    return GenerateDataKeyOutput(plaintext=data_key, **told)


@handles(o.GenerateDataKeyWithoutPlaintext)
async def generate_data_key_without_plaintext(
    call: KmsCall, args: NewDataKey
) -> GenerateDataKeyWithoutPlaintextOutput:
    """Make a data key for later: only sealed."""
    _, told = _new_data_key(call, args)
    return GenerateDataKeyWithoutPlaintextOutput(**told)


@handles(o.GenerateRandom)
async def generate_random(_call: KmsCall, args: GenerateRandomInput) -> GenerateRandomOutput:
    """Make random bytes."""
    _refuse_recipient(args.recipient)
    if args.custom_key_store_id:
        raise UnsupportedOperation("Key stores are not supported by this server.")
    if args.number_of_bytes is None:
        raise Validation("NumberOfBytes is required.")
    return GenerateRandomOutput(plaintext=secrets.token_bytes(args.number_of_bytes))


class _Opening:
    """A ciphertext, its key, and what it was sealed with."""

    def __init__(
        self, call: KmsCall, ciphertext: bytes, named_key: str | None, context: Context
    ) -> None:
        """Find the key, whether or not it opens; InvalidCiphertext, IncorrectKey, NotFound."""
        self._call = call
        self._context = context
        key_id, self._number, self._wrapped = _parsed(ciphertext)
        key = call.keys.key(key_id)
        if named_key is not None:
            named = call.key(named_key, o.On.KEY_IN_USE)
            if named.key_id != key_id:
                raise IncorrectKey
        if key is None:
            raise AccessDenied(_NO_KEY)
        self.key: KmsKey = key

    @property
    def material_id(self) -> str:
        """Which version of the key's material it was sealed with."""
        return material_id(self.key, self._number)

    def require(self, action: str) -> None:
        """Refuse a caller who may not do this with the key, and a key that cannot be used."""
        self._call.require_on_key(action, self.key, self._context)
        self._call.keys.require_usable(self.key)

    def plaintext(self) -> bytes:
        """What was sealed; InvalidCiphertext."""
        kek_id = f"{PREFIX}{self.key.key_id}/{self._number}"
        try:
            kek = self._call.keys.kek(kek_id, _canonical(self._context))
            return kek.unwrap(self._wrapped, _NAME)
        except (SealBroken, NotFound):
            raise InvalidCiphertext from None


def _parsed(ciphertext: bytes) -> tuple[str, int, bytes]:
    """Key, version and sealed bytes of a ciphertext."""
    if len(ciphertext) <= _HEAD.size or ciphertext[0] != _FORM:
        raise InvalidCiphertext
    _, key_id, number = _HEAD.unpack_from(ciphertext)
    return str(uuid.UUID(bytes=key_id)), number, ciphertext[_HEAD.size :]


def _seal(call: KmsCall, key: KmsKey, plaintext: bytes, context: Context) -> bytes:
    kek: KeyEncryptionKey = call.keys.current(key, _canonical(context))
    head = _HEAD.pack(_FORM, uuid.UUID(key.key_id).bytes, len(key.versions))
    return head + kek.wrap(plaintext, _NAME)


def _canonical(context: Context) -> str:
    """An encryption context as one text; without any it is like an empty one."""
    if not context:
        return ""
    return json.dumps(context, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _usable(call: KmsCall, named: str) -> KmsKey:
    key = call.key(named, o.On.KEY_IN_USE)
    call.keys.require_usable(key)
    return key


def _new_data_key(call: KmsCall, args: NewDataKey) -> tuple[bytes, dict[str, Any]]:
    """A data key, and what is told of it beside it."""
    key = _usable(call, args.key_id)
    data_key = secrets.token_bytes(_length(args))
    _stop_if_tried(args)
    told = {
        "ciphertext_blob": _seal(call, key, data_key, args.encryption_context),
        "key_id": call.keys.arn(key),
        "key_material_id": material_id(key),
    }
    return data_key, told


def _length(args: NewDataKey) -> int:
    """How many bytes of a data key are asked for, in one way or the other."""
    if (args.number_of_bytes is None) == (args.key_spec is None):
        raise Validation("Please specify either number of bytes or key spec.")
    return args.number_of_bytes or _SPEC_BYTES[args.key_spec or ""]


def _require_symmetric(algorithm: str) -> None:
    if algorithm != SYMMETRIC:
        raise UnsupportedOperation(f"{algorithm} is not supported by this server.")


def _refuse_recipient(recipient: Mapping[str, str] | None) -> None:
    """Refuse to tell what is wanted for somebody else's eyes only."""
    if recipient is not None:
        raise UnsupportedOperation("Recipient is not supported by this server.")


def _stop_if_tried(args: Tried) -> None:
    if args.dry_run:
        raise DryRun
