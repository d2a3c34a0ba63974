"""Server-side encryption as headers ask for it.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/serv-side-encryption.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/specifying-kms-encryption.html

A customer's key is in memory for as long as its request lasts, and nowhere else. What is kept of it
is a fingerprint: an HMAC under the key itself, so that the same key is known again and nothing can
be learnt from it.

The headers that bring it are looked at in the order of AWS: whether they are there, whether the key
is any, whether its MD5 is right, and only then its algorithm. How long it is, is asked of what is
to be stored under it; elsewhere a key of another length is simply not the right one.
"""

import base64
import binascii
import hashlib
import hmac
import json
import string
from collections.abc import Mapping
from typing import NamedTuple

from ferrox.errors import InvalidArgument, InvalidEncryptionAlgorithmError, S3Error
from ferrox.records import Encryption

AES256 = "AES256"
KMS = "aws:kms"
DSSE = "aws:kms:dsse"
ALGORITHMS = (AES256, KMS, DSSE)

PREFIX = "x-amz-server-side-encryption"
SOURCE_PREFIX = "x-amz-copy-source-server-side-encryption"
_KMS_HEADERS = (f"{PREFIX}-aws-kms-key-id", f"{PREFIX}-context", f"{PREFIX}-bucket-key-enabled")

_CUSTOMER_HEADERS = {
    prefix: frozenset(f"{prefix}-customer-{part}" for part in ("algorithm", "key", "key-md5"))
    for prefix in (PREFIX, SOURCE_PREFIX)
}

KEY_BYTES = 32
_SALT_DIGITS = 16
_SIGNS = string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/="
_PADDING = _SIGNS.index("=")

_OF_CUSTOMER = "Requests specifying Server Side Encryption with Customer provided keys must provide"


class CustomerKey(NamedTuple):
    """A key that a request brings, of any length, and its MD5 in base64."""

    key: bytes
    md5: str

    def __repr__(self) -> str:
        """Show neither: the MD5 of a weak key tells it."""
        return "CustomerKey(…)"

    def fingerprint(self, salt: str) -> str:
        """What may be kept of the key; `salt` is some hexadecimal digits."""
        return salt + hmac.digest(self.key, b"ferrox: fingerprint" + salt.encode(), "sha256").hex()

    def fits(self, fingerprint: str) -> bool:
        """Whether this is the key that a fingerprint was made of."""
        made = self.fingerprint(fingerprint[:_SALT_DIGITS])
        is_same = hmac.compare_digest(made.encode(), fingerprint.encode())
        return is_same and len(self.key) == KEY_BYTES


class Asked(NamedTuple):
    """Encryption with keys of the server.

    kms_key_id  id, ARN or alias, "" for the one that is there by default
    context     as one canonical JSON text, "" for none
    bucket_key  None: the request says nothing of it
    """

    algorithm: str
    kms_key_id: str = ""
    context: str = ""
    bucket_key: bool | None = None


def brings_key(headers: Mapping[str, str], prefix: str = PREFIX) -> bool:
    """Whether the request speaks of a customer's key."""
    return not _CUSTOMER_HEADERS[prefix].isdisjoint(headers)


def brings_whole_key(headers: Mapping[str, str]) -> bool:
    """Whether it has all that there is to be said of one."""
    return _CUSTOMER_HEADERS[PREFIX] <= headers.keys()


def customer_key(
    headers: Mapping[str, str], prefix: str = PREFIX, *, needs_md5: bool = True
) -> CustomerKey | None:
    """The key that the request brings, checked; None if it brings none.

    needs_md5  what only reads may leave the MD5 away
    """
    if not brings_key(headers, prefix):
        return None
    parts = ("algorithm", "key", "key-md5")
    algorithm, encoded, md5 = (headers.get(f"{prefix}-customer-{part}") for part in parts)
    if algorithm is None:
        raise _bad(f"{_OF_CUSTOMER} a valid encryption algorithm.")
    if encoded is None:
        raise _bad(f"{_OF_CUSTOMER} an appropriate secret key.")
    if md5 is None and needs_md5:
        raise _bad(f"{_OF_CUSTOMER} the client calculated MD5 of the secret key.")
    key = _decoded(encoded)
    if not key:
        raise _bad("The secret key was invalid - too short.", encoded)
    computed = base64.b64encode(hashlib.md5(key, usedforsecurity=False).digest())
    told = computed if md5 is None else md5.encode("utf-8", "surrogateescape")
    if not hmac.compare_digest(computed, told):
        raise _bad("The calculated MD5 hash of the key did not match the hash that was provided.")
    if algorithm != AES256:
        raise InvalidEncryptionAlgorithmError(ArgumentName=PREFIX, ArgumentValue=algorithm)
    return CustomerKey(key, computed.decode())


def check_length(key: CustomerKey) -> None:
    """Raise unless something may be stored under this key."""
    if len(key.key) != KEY_BYTES:
        raise _bad("The secret key was invalid for the specified algorithm.")


def insecure() -> S3Error:
    """The refusal of a key that comes over plain HTTP."""
    return _bad(
        "Requests specifying Server Side Encryption with Customer provided keys must be made over "
        "a secure connection."
    )


def misplaced(algorithm: str) -> S3Error:
    """The refusal where an operation that begins no object is asked to encrypt one.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/specifying-s3-encryption.html
    """
    return _bad(f"{PREFIX} header is not supported for this operation.", algorithm)


def asked(headers: Mapping[str, str]) -> Asked | None:
    """The encryption with keys of the server that the request asks for; None for none."""
    algorithm = headers.get(PREFIX)
    if algorithm is None:
        for name in _KMS_HEADERS[:2]:
            if name in headers:
                raise _needs_kms(name, headers[name])
        return None
    if algorithm not in ALGORITHMS:
        raise InvalidArgument(
            "The encryption method specified is not supported",
            ArgumentName=PREFIX,
            ArgumentValue=algorithm,
        )
    if algorithm == AES256:
        for name in _KMS_HEADERS[:2]:
            if name in headers:
                raise _needs_kms(name, headers[name])
        return Asked(AES256)
    key_id, context, bucket_key = (headers.get(name) for name in _KMS_HEADERS)
    return Asked(algorithm, key_id or "", _context(context), _switch(bucket_key))


def tells_md5(sealed: Encryption | None) -> bool:
    """Whether the entity tag of bytes that are sealed so is their MD5.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
    """
    return sealed is None or sealed.sse == AES256


def new_salt(random: bytes) -> str:
    """The salt of a fingerprint, out of random bytes."""
    return random.hex()[:_SALT_DIGITS]


def _context(encoded: str | None) -> str:
    """The encryption context: base64 of a flat JSON object of strings."""
    if not encoded:
        return ""
    try:
        context = json.loads(base64.b64decode(encoded, validate=True))
        json.dumps(context, ensure_ascii=False).encode()  # half of a surrogate pair is no character
    except (binascii.Error, ValueError, RecursionError):
        context = None
    is_flat = isinstance(context, dict) and all(isinstance(one, str) for one in context.values())
    if not is_flat:
        raise InvalidArgument(
            "The header 'x-amz-server-side-encryption-context' shall be Base64-encoded UTF-8 "
            "string holding JSON which represents a string-string map",
            ArgumentName=f"{PREFIX}-context",
            ArgumentValue=encoded,
        )
    return json.dumps(context, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _switch(text: str | None) -> bool | None:
    if text is None:
        return None
    if text.lower() not in {"true", "false"}:
        raise InvalidArgument(ArgumentName=_KMS_HEADERS[2], ArgumentValue=text)
    return text.lower() == "true"


def _needs_kms(name: str, value: str) -> S3Error:
    return InvalidArgument(
        "Server Side Encryption with AWS KMS managed key requires HTTP header "
        "x-amz-server-side-encryption : aws:kms",
        ArgumentName=name,
        ArgumentValue=value,
    )


def _decoded(encoded: str) -> bytes:
    """Undo base64 as AWS does: skip what means nothing, and drop an end that is cut off.

    An equals sign counts wherever it stands; only as the third or fourth of four is it padding.
    """
    if not encoded.isascii():
        raise _bad(
            "The secret key was improperly encoded. The secret key must be Base64 encoded.", encoded
        )
    signs = [_SIGNS.index(sign) for sign in encoded if sign in _SIGNS]
    decoded = bytearray()
    for at in range(0, len(signs) - 3, 4):
        one, two, three, four = signs[at : at + 4]
        decoded.append((one << 2 | two >> 4) & 0xFF)
        if three != _PADDING:
            decoded.append((two << 4 | three >> 2) & 0xFF)
        if four != _PADDING:
            decoded.append((three << 6 | four) & 0xFF)
    return bytes(decoded)


def _bad(message: str, value: str | None = None) -> S3Error:
    error = InvalidArgument(message, ArgumentName=PREFIX)
    if value is not None:
        error.details["ArgumentValue"] = value
    return error
