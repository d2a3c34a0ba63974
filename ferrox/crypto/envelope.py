"""Envelope encryption: data keys, which seal bytes, wrapped by key encryption keys.

AES-256-GCM under a random nonce (NIST SP 800-38D). Authenticated with a wrapped key are the id of
the key that wraps it, the name of what it seals, and the encryption context: a wrapped key that is
moved to another place does not open there.
"""

from ferrox.crypto import gcm
from ferrox.crypto.segments import DATA_KEY_BYTES
from ferrox.errors import SealBroken

KEK_BYTES = gcm.KEY_BYTES
WRAPPED_BYTES = DATA_KEY_BYTES + gcm.OVERHEAD_BYTES


class KeyEncryptionKey:
    """Wraps data keys.

    kek_id   what stored data keys name it by
    context  what the owner of the key binds its use to
    """

    __slots__ = ("_context", "_key", "kek_id")

    def __init__(self, kek_id: str, key: bytes | bytearray, context: bytes = b"") -> None:
        if len(key) != KEK_BYTES:
            raise ValueError(f"a key encryption key has {KEK_BYTES} bytes")
        self.kek_id = kek_id
        self._key = bytes(key)
        self._context = context

    def __repr__(self) -> str:
        """Name the key, never show it."""
        return f"KeyEncryptionKey({self.kek_id!r})"

    def wrap(self, data_key: bytes, name: bytes) -> bytes:
        """The wrapped form of a data key; `name` is that of what it seals."""
        return gcm.seal(self._key, data_key, self._authenticated(name))

    def unwrap(self, wrapped: bytes, name: bytes) -> bytes:
        """The data key; SealBroken if it was not wrapped here, for this name and context."""
        try:
            return gcm.unseal(self._key, wrapped, self._authenticated(name))
        except ValueError:
            raise SealBroken(f"a data key does not open under {self.kek_id}") from None

    def _authenticated(self, name: bytes) -> bytes:
        pieces = (b"ferrox: data key", self.kek_id.encode(), name, self._context)
        return b"".join(len(piece).to_bytes(4, "big") + piece for piece in pieces)
