"""The master key: the root of all keys that seal objects. It is given at each start, never stored.

    root key   the master key itself, 32 bytes, or what Argon2id makes of a master passphrase
    KEK        random; one document of settings.db each, sealed under the root key
    data keys  random; one for each blob, wrapped under a KEK (see `storage.sealing`)

What is stored of the root key is how it is derived, and one sealed word by which a wrong one is
found out when the server starts, before anything is sealed under it.
"""

from functools import partial
from typing import Any, NamedTuple

from ferrox.crypto.passphrase import Derivation, Passphrase
from ferrox.crypto.sealing import Seal
from ferrox.encryption_settings import EncryptionSettings
from ferrox.errors import SealBroken, StartError
from ferrox.setting_kinds import read_key
from ferrox.storage.identities.identities import Identities
from ferrox.storage.identities.transaction import Tx
from ferrox.storage.key_file import read_passphrase

TABLE = "sse"

_ROOT = "root"
_WORD = b"ferrox"


class MasterKey(NamedTuple):
    """A master key; it does not show."""

    key: bytes

    def __repr__(self) -> str:
        """Say what it is, never the key."""
        return "MasterKey(…)"


class Root(NamedTuple):
    """The document that a master key is known by."""

    name: str
    document: dict[str, Any]


Given = MasterKey | Passphrase
"""What an operator gives to seal objects under."""


def given_master_key(config: EncryptionSettings) -> Given | None:
    """The master key that settings give, if they do; StartError."""
    if config.sse_master_key is not None:
        return MasterKey(read_key(config.sse_master_key))
    if config.sse_passphrase_file is not None:
        return Passphrase(partial(read_passphrase, config.sse_passphrase_file))
    path = config.sse_master_key_file
    if path is None:
        return None
    try:
        return MasterKey(read_key(path.read_text("ascii")))
    except OSError as error:
        raise StartError(f"key file {path} cannot be read: {error.strerror}") from None
    except ValueError:
        raise StartError(
            f"key file {path} does not hold 32 bytes in base64 or hexadecimal"
        ) from None


def root_seal(identities: Identities, given: Given) -> Seal:
    """The seal of the root key. Blocks; the first time it writes down how to know it again.

    raises  StartError when it is not the one that was given before
    """
    document = identities.document(TABLE, _ROOT)
    if document is None:
        seal, root = new_root(given)

        def write(tx: Tx) -> None:
            tx.put_document(TABLE, root.name, root.document)

        identities.change_now(write)
        return seal
    stored = document.get("derivation")
    if (stored is None) != isinstance(given, MasterKey):
        kind = "key" if stored is None else "passphrase"
        raise StartError(f"the objects of this data directory are sealed under a master {kind}")
    seal = _seal(given, None if stored is None else Derivation.from_plain(stored))
    try:
        seal.open(document["word"], _ROOT)
    except SealBroken:
        raise StartError("this is not the master key of this data directory's objects") from None
    return seal


def new_root(given: Given) -> tuple[Seal, Root]:
    """The seal of a master key that is given for the first time, and how to know it again."""
    derivation = None if isinstance(given, MasterKey) else Derivation.new()
    seal = _seal(given, derivation)
    plain = {} if derivation is None else {"derivation": derivation.plain()}
    return seal, Root(_ROOT, plain | {"word": seal.seal(_WORD, _ROOT)})


def has_master_key(identities: Identities) -> bool:
    """Whether one was ever given, so that there may be objects that need it."""
    return identities.document(TABLE, _ROOT) is not None


def _seal(given: Given, derivation: Derivation | None) -> Seal:
    if isinstance(given, MasterKey):
        return Seal(given.key)
    if derivation is None:
        raise ValueError("a passphrase needs a derivation")
    return Seal(given.key(derivation))
