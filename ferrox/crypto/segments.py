"""Sealed segments: the bytes of one blob under one data key, AES-256-GCM segment by segment.

NIST SP 800-38D. A data key seals one blob and nothing else, so the nonce of a segment is its number
and no two are alike. Authenticated with each segment is the name of its blob: what stands at
another place of the blob, or in another blob, does not open. How many segments there are, and the
length of the whole, is what the end mark proves: an HMAC-SHA-256 under a key derived from the data
key over everything that follows the data.
"""

import hmac
import os
import struct

from ferrox.crypto.gcm import TAG_BYTES, aes_gcm
from ferrox.errors import SealBroken

__all__ = ["DATA_KEY_BYTES", "END_MARK_BYTES", "TAG_BYTES", "SegmentCipher", "new_data_key"]

DATA_KEY_BYTES = 32
END_MARK_BYTES = 32

_NONCE = struct.Struct(">Q4x")
_END_LABEL = b"ferrox: end of a sealed blob"


def new_data_key() -> bytes:
    """A key for one blob."""
    return os.urandom(DATA_KEY_BYTES)


class SegmentCipher:
    """Seals and opens the segments of one blob.

    name   what the segments are bound to: the blob's name
    """

    def __init__(self, data_key: bytes | bytearray, name: bytes) -> None:
        if len(data_key) != DATA_KEY_BYTES:
            raise ValueError(f"a data key has {DATA_KEY_BYTES} bytes")
        self._gcm = aes_gcm()
        self._key = bytes(data_key)
        self._name = name

    def __repr__(self) -> str:
        """Name the blob, never the key."""
        return f"SegmentCipher({self._name.hex()})"

    def seal(self, number: int, segment: memoryview) -> bytes:
        """Turn a segment into ciphertext where it stands; its tag."""
        return self._gcm.encrypt(self._key, _NONCE.pack(number), self._name, segment)

    def open(self, number: int, segment: memoryview, tag: bytes) -> None:
        """Turn ciphertext into the segment where it stands; SealBroken if it is not authentic."""
        if not self._gcm.decrypt(self._key, _NONCE.pack(number), self._name, segment, tag):
            raise SealBroken(f"segment {number} is not what was sealed there")

    def end_mark(self, tail: bytes) -> bytes:
        """What proves everything behind the data, and with it how much data there is."""
        key = hmac.digest(self._key, _END_LABEL + self._name, "sha256")
        return hmac.digest(key, tail, "sha256")
