"""Secrets at rest: AES-256-GCM, bound to the place they were sealed for.

The text form is "v1." and the unpadded URL-safe base64 of nonce (12 bytes, random), ciphertext and
tag (16 bytes). The context is authenticated with it: a sealed secret copied to another place does
not open. Random nonces are safe for far more secrets under one key (2^32) than a settings database
holds.
"""

import base64
import binascii
import os
from typing import TYPE_CHECKING

from ferrox.errors import SealBroken

if TYPE_CHECKING:
    from Crypto.Cipher._mode_gcm import GcmMode

KEY_BYTES = 32

_PREFIX = "v1."
_NONCE_BYTES = 12
_TAG_BYTES = 16


class Seal:
    """Seals and opens under one key."""

    def __init__(self, key: bytes | bytearray) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"the key of a seal has {KEY_BYTES} bytes")
        self._key = bytearray(key)

    def seal(self, plaintext: bytes, context: str) -> str:
        """Return a text that only this key and the same context can open."""
        nonce = os.urandom(_NONCE_BYTES)
        ciphertext, tag = self._cipher(nonce, context).encrypt_and_digest(plaintext)
        return _PREFIX + _text(nonce + ciphertext + tag)

    def open(self, sealed: str, context: str) -> bytes:
        """Return what was sealed; SealBroken if key, context or text are not the same."""
        text = sealed.removeprefix(_PREFIX)
        if text == sealed:
            raise SealBroken("a sealed secret has an unknown form")
        try:
            data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            if _text(data) != text:  # the last character has bits that a lax decoder ignores
                raise SealBroken("a sealed secret has an unknown form")
            nonce, rest = data[:_NONCE_BYTES], data[_NONCE_BYTES:]
            return self._cipher(nonce, context).decrypt_and_verify(
                rest[:-_TAG_BYTES], rest[-_TAG_BYTES:]
            )
        except (ValueError, binascii.Error):
            raise SealBroken("a sealed secret does not open: other key, or damaged") from None

    def _cipher(self, nonce: bytes, context: str) -> "GcmMode":
        from Crypto.Cipher import AES  # late: it costs 40 ms, and many servers seal nothing

        cipher = AES.new(self._key, AES.MODE_GCM, nonce=nonce, mac_len=_TAG_BYTES)
        cipher.update((_PREFIX + context).encode())
        return cipher


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")
