"""Envelope encryption: data keys, which seal bytes, wrapped by key encryption keys.

AES-256-GCM under a random nonce (NIST SP 800-38D). Authenticated with a wrapped key are the id of
the key that wraps it, the name of what it seals, and the encryption context: a wrapped key that is
moved to another place does not open there.
"""

import os
from typing import TYPE_CHECKING

from ferrox.crypto.segments import DATA_KEY_BYTES
from ferrox.errors import SealBroken

if TYPE_CHECKING:
    from Crypto.Cipher._mode_gcm import GcmMode

KEK_BYTES = 32
WRAPPED_BYTES = 12 + DATA_KEY_BYTES + 16

_NONCE_BYTES = 12
_TAG_BYTES = 16


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
        nonce = os.urandom(_NONCE_BYTES)
        ciphertext, tag = self._cipher(nonce, name).encrypt_and_digest(data_key)
        return nonce + ciphertext + tag

    def unwrap(self, wrapped: bytes, name: bytes) -> bytes:
        """The data key; SealBroken if it was not wrapped here, for this name and context."""
        nonce, rest = wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:]
        try:
            return self._cipher(nonce, name).decrypt_and_verify(
                rest[:-_TAG_BYTES], rest[-_TAG_BYTES:]
            )
        except ValueError:
            raise SealBroken(f"a data key does not open under {self.kek_id}") from None

    def _cipher(self, nonce: bytes, name: bytes) -> "GcmMode":
        from Crypto.Cipher import AES  # late: it costs 40 ms, and many servers seal nothing

        cipher = AES.new(self._key, AES.MODE_GCM, nonce=nonce, mac_len=_TAG_BYTES)
        kek_id = self.kek_id.encode()
        for piece in (b"ferrox: data key", kek_id, name, self._context):
            cipher.update(len(piece).to_bytes(4, "big") + piece)
        return cipher
