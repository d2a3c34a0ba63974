"""Secrets at rest: AES-256-GCM, bound to the place they were sealed for.

The text form is "v1." and the unpadded URL-safe base64 of nonce (12 bytes, random), ciphertext and
tag (16 bytes). The context is authenticated with it: a sealed secret copied to another place does
not open. Random nonces are safe for far more secrets under one key (2^32) than a settings database
holds.
"""

import base64
import binascii

from ferrox.crypto import gcm
from ferrox.crypto.gcm import KEY_BYTES
from ferrox.errors import SealBroken

__all__ = ["KEY_BYTES", "Seal"]

_PREFIX = "v1."


class Seal:
    """Seals and opens under one key."""

    def __init__(self, key: bytes | bytearray) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"the key of a seal has {KEY_BYTES} bytes")
        self._key = bytearray(key)

    def seal(self, plaintext: bytes, context: str) -> str:
        """Return a text that only this key and the same context can open."""
        return _PREFIX + _text(gcm.seal(self._key, plaintext, _authenticated(context)))

    def open(self, sealed: str, context: str) -> bytes:
        """Return what was sealed; SealBroken if key, context or text are not the same."""
        text = sealed.removeprefix(_PREFIX)
        if text == sealed:
            raise SealBroken("a sealed secret has an unknown form")
        try:
            data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            if _text(data) != text:  # the last character has bits that a lax decoder ignores
                raise SealBroken("a sealed secret has an unknown form")
            return gcm.unseal(self._key, data, _authenticated(context))
        except (ValueError, binascii.Error):
            raise SealBroken("a sealed secret does not open: other key, or damaged") from None


def _authenticated(context: str) -> bytes:
    return (_PREFIX + context).encode()


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")
