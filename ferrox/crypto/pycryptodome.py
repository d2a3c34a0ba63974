"""AES-256-GCM of pycryptodome, loaded without a detour: for a Python that hides its OpenSSL.

Import this late: it costs 20 ms, and many servers seal nothing.

pycryptodome calls its C code by cffi where that is, else by ctypes; both are as quick. cffi has to
parse declarations of C first, which doubles what loading costs; a frozen program has no cffi. On
ctypes it asks in what format programs are on this machine, by running one, and uses the answer on
Windows only.

Any thread may be the first to want it. All of this happens while the module is imported, which one
thread does and the others wait for.
"""

import sys
from typing import TYPE_CHECKING

from ferrox.crypto.gcm import TAG_BYTES

if TYPE_CHECKING:
    from Crypto.Cipher._mode_gcm import GcmMode


def _choose_ctypes() -> None:
    others = {"cffi": sys.modules["cffi"]} if "cffi" in sys.modules else {}
    sys.modules["cffi"] = None  # type: ignore[assignment] # as if there were none
    try:
        from Crypto.Util import _raw_api
    finally:
        del sys.modules["cffi"]
        sys.modules.update(others)
    _raw_api.cached_architecture[:] = ["64bit", "ELF"]


if "Crypto.Util._raw_api" not in sys.modules:
    _choose_ctypes()

from Crypto.Cipher import AES  # noqa: E402 - once that is chosen


class Pycryptodome:
    """AES-256-GCM by pycryptodome."""

    name = "pycryptodome"

    def encrypt(self, key: bytes, nonce: bytes, authenticated: bytes, data: memoryview) -> bytes:
        """Turn data into ciphertext where it stands; return the tag (16 bytes)."""
        cipher = _begin(key, nonce, authenticated)
        cipher.encrypt(data, output=data)
        return cipher.digest()

    def decrypt(
        self, key: bytes, nonce: bytes, authenticated: bytes, data: memoryview, tag: bytes
    ) -> bool:
        """Turn data into plaintext where it stands; whether it is authentic."""
        cipher = _begin(key, nonce, authenticated)
        cipher.decrypt(data, output=data)
        try:
            cipher.verify(tag)
        except ValueError:
            return False
        return True


def _begin(key: bytes, nonce: bytes, authenticated: bytes) -> "GcmMode":
    cipher: GcmMode = AES.new(key, AES.MODE_GCM, nonce=nonce, mac_len=TAG_BYTES)
    cipher.update(authenticated)
    return cipher
