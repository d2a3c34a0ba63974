"""The master key: the root of all keys that seal objects. It is given at each start, never stored.

    root key   the master key itself, 32 bytes, or what Argon2id makes of a master passphrase
    KEK        random; one document of settings.db each, sealed under the root key
    data keys  random; one for each blob, wrapped under a KEK (see `storage.sealing`)

What is stored of the root key is how it is derived, and one sealed word by which a wrong one is
found out when the server starts, before anything is sealed under it.
"""

import base64
import binascii

from ferrox.crypto.passphrase import Derivation, Passphrase
from ferrox.crypto.sealing import KEY_BYTES, Seal
from ferrox.errors import SealBroken, StartError
from ferrox.storage.identities.identities import Identities
from ferrox.storage.identities.transaction import Tx

TABLE = "sse"

_ROOT = "root"
_WORD = b"ferrox"


def read_master_key(text: str) -> bytes:
    """The 32 bytes that a text says in hexadecimal or base64; ValueError says what is wrong."""
    text = text.strip()
    try:
        if len(text) == 2 * KEY_BYTES:
            return bytes.fromhex(text)
        key = base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    except (ValueError, binascii.Error):
        key = b""
    if len(key) != KEY_BYTES:
        raise ValueError(f"not {KEY_BYTES} bytes in base64 or hexadecimal")
    return key


def root_seal(identities: Identities, given: bytes | Passphrase) -> Seal:
    """The seal of the root key. Blocks; the first time it writes down how to know it again.

    raises  StartError when it is not the one that was given before
    """
    document = identities.document(TABLE, _ROOT)
    if document is None:
        derivation = None if isinstance(given, bytes) else Derivation.new()
        seal = _seal(given, derivation)

        def write(tx: Tx) -> None:
            plain = {} if derivation is None else {"derivation": derivation.plain()}
            tx.put_document(TABLE, _ROOT, plain | {"word": seal.seal(_WORD, _ROOT)})

        identities.change_now(write)
        return seal
    stored = document.get("derivation")
    if (stored is None) != isinstance(given, bytes):
        kind = "key" if stored is None else "passphrase"
        raise StartError(f"the objects of this data directory are sealed under a master {kind}")
    seal = _seal(given, None if stored is None else Derivation.from_plain(stored))
    try:
        seal.open(document["word"], _ROOT)
    except SealBroken:
        raise StartError("this is not the master key of this data directory's objects") from None
    return seal


def has_master_key(identities: Identities) -> bool:
    """Whether one was ever given, so that there may be objects that need it."""
    return identities.document(TABLE, _ROOT) is not None


def _seal(given: bytes | Passphrase, derivation: Derivation | None) -> Seal:
    if isinstance(given, bytes):
        return Seal(given)
    if derivation is None:
        raise ValueError("a passphrase needs a derivation")
    return Seal(given.key(derivation))
