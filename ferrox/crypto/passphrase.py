"""A passphrase → a key, by Argon2id.

https://www.rfc-editor.org/rfc/rfc9106 (section 4: the second recommended choice of parameters)

Deriving takes 64 MiB and a tenth of a second, so each key is derived once. The passphrase itself
is asked for when it is needed and wiped afterwards, as far as Python allows.
"""

import secrets
from collections.abc import Callable
from typing import Any, NamedTuple

from ferrox.crypto.sealing import KEY_BYTES

SALT_BYTES = 16


class Derivation(NamedTuple):
    """How a key is derived; not secret, and kept beside what the key seals."""

    salt: bytes
    passes: int = 3
    memory_kib: int = 64 * 1024
    lanes: int = 4

    @classmethod
    def new(cls) -> "Derivation":
        """With a salt that was never used."""
        return cls(secrets.token_bytes(SALT_BYTES))

    @classmethod
    def from_plain(cls, document: dict[str, Any]) -> "Derivation":
        """What `plain` returned."""
        return cls(**document | {"salt": bytes.fromhex(document["salt"])})

    def plain(self) -> dict[str, Any]:
        """As values that JSON has."""
        return self._asdict() | {"salt": self.salt.hex()}


class Passphrase:
    """A passphrase that is read when a key is derived from it.

    read  returns it; it is wiped after use
    """

    def __init__(self, read: Callable[[], bytearray]) -> None:
        self._read = read
        self._keys: dict[Derivation, bytearray] = {}

    def key(self, derivation: Derivation, *, anew: bool = False) -> bytearray:
        """The key; `anew` from the passphrase as it is now, which may be another one."""
        key = None if anew else self._keys.get(derivation)
        if key is None:
            key = self._keys[derivation] = self._derive(derivation)
        return key

    def _derive(self, derivation: Derivation) -> bytearray:
        from argon2.low_level import Type, hash_secret_raw  # late: few servers have a passphrase

        text = self._read()
        try:
            key = hash_secret_raw(
                bytes(text),
                derivation.salt,
                time_cost=derivation.passes,
                memory_cost=derivation.memory_kib,
                parallelism=derivation.lanes,
                hash_len=KEY_BYTES,
                type=Type.ID,
            )
            return bytearray(key)
        finally:
            text[:] = bytes(len(text))
