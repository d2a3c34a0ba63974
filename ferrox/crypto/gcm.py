"""AES-256-GCM under a random nonce: nonce (12 bytes), ciphertext and tag (16 bytes) in one.

NIST SP 800-38D. Random nonces are safe for 2^32 messages under one key.
"""

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from Crypto.Cipher._mode_gcm import GcmMode

KEY_BYTES = 32
OVERHEAD_BYTES = 12 + 16

_NONCE_BYTES = 12
_TAG_BYTES = 16


def seal(key: bytes | bytearray, plaintext: bytes, authenticated: bytes) -> bytes:
    """Return what only this key opens, and only beside the same authenticated bytes."""
    nonce = os.urandom(_NONCE_BYTES)
    ciphertext, tag = _cipher(key, nonce, authenticated).encrypt_and_digest(plaintext)
    return nonce + ciphertext + tag


def unseal(key: bytes | bytearray, sealed: bytes, authenticated: bytes) -> bytes:
    """Return what was sealed; ValueError if key, bytes or what is authenticated are others."""
    nonce, rest = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    return _cipher(key, nonce, authenticated).decrypt_and_verify(
        rest[:-_TAG_BYTES], rest[-_TAG_BYTES:]
    )


def _cipher(key: bytes | bytearray, nonce: bytes, authenticated: bytes) -> "GcmMode":
    from ferrox.crypto.aes import AES  # late: it costs 20 ms

    cipher: GcmMode = AES.new(key, AES.MODE_GCM, nonce=nonce, mac_len=_TAG_BYTES)
    cipher.update(authenticated)
    return cipher
