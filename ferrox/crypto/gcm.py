"""AES-256-GCM (NIST SP 800-38D): who computes it, and messages under a random nonce.

OpenSSL needs 4 µs for a message and 0.2 µs for each KiB, pycryptodome 35 and 0.5. So OpenSSL does
it, unless Python hides the one that it brought.

A message is nonce (12 bytes), ciphertext and tag (16 bytes) in one. Random nonces are safe for 2^32
messages under one key.
"""

import functools
import os
from typing import Protocol

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
OVERHEAD_BYTES = NONCE_BYTES + TAG_BYTES


class AesGcm(Protocol):
    """AES-256-GCM of one library: KEY_BYTES of key, NONCE_BYTES of nonce, TAG_BYTES of tag."""

    name: str

    def encrypt(self, key: bytes, nonce: bytes, authenticated: bytes, data: memoryview) -> bytes:
        """Turn data into ciphertext where it stands; return the tag."""
        ...

    def decrypt(
        self, key: bytes, nonce: bytes, authenticated: bytes, data: memoryview, tag: bytes
    ) -> bool:
        """Turn data into plaintext where it stands; if this is False, nobody may see it."""
        ...


@functools.cache
def aes_gcm() -> AesGcm:
    """The quickest there is, loaded when it is first wanted: many servers seal nothing."""
    try:
        from ferrox.crypto.openssl import of_python

        return of_python()
    except (ImportError, OSError, AttributeError):
        from ferrox.crypto.pycryptodome import Pycryptodome

        return Pycryptodome()


def seal(key: bytes | bytearray, plaintext: bytes, authenticated: bytes) -> bytes:
    """Return what only this key opens, and only beside the same authenticated bytes."""
    nonce = os.urandom(NONCE_BYTES)
    data = bytearray(plaintext)
    tag = aes_gcm().encrypt(bytes(key), nonce, authenticated, memoryview(data))
    return nonce + data + tag


def unseal(key: bytes | bytearray, sealed: bytes, authenticated: bytes) -> bytes:
    """Return what was sealed; ValueError if key, bytes or what is authenticated are others."""
    if len(sealed) < OVERHEAD_BYTES:
        raise ValueError("a sealed message is too short")
    nonce, tag = sealed[:NONCE_BYTES], sealed[-TAG_BYTES:]
    data = bytearray(sealed[NONCE_BYTES:-TAG_BYTES])
    if not aes_gcm().decrypt(bytes(key), nonce, authenticated, memoryview(data), tag):
        raise ValueError("a sealed message is not authentic")
    return bytes(data)
