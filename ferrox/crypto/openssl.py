"""AES-256-GCM of the OpenSSL that Python brought for TLS and hashes, called by ctypes.

Python has no door to its ciphers. `hashlib` is linked against OpenSSL, so that is found through
the library of `hashlib`; where that is built into Python itself (as in the frozen program), among
what the program shows.

https://docs.openssl.org/3.0/man3/EVP_EncryptInit/: a context for each message, the key with its
nonce, what is authenticated only, the data, the end, the tag. Errors of OpenSSL wait in a queue of
their thread, where a TLS connection of the same thread would find them: a message that is refused
clears it.
"""

import ctypes
from collections.abc import Callable
from typing import Any

from ferrox.crypto.gcm import KEY_BYTES, NONCE_BYTES, TAG_BYTES
from ferrox.errors import Fault

_GET_TAG, _SET_TAG = 0x10, 0x11

_LONG_BYTES = 16 * 1024
"""From so much data on it pays to let other threads of Python run."""

_MAX_BYTES = 2**31 - 1
"""What OpenSSL takes at once."""

_POINTER = ctypes.c_void_p
_INT = ctypes.c_int


def of_python() -> "OpenSsl":
    """The one that Python brought: ImportError, OSError or AttributeError if it is out of reach."""
    import _hashlib

    return OpenSsl(getattr(_hashlib, "__file__", None))


class OpenSsl:
    """AES-256-GCM by one library, which is found through another; without a path, by the program.

    raises  OSError, AttributeError when there is none, or it does not show what is needed
    """

    name = "OpenSSL"

    def __init__(self, path: str | None) -> None:
        # PyDLL keeps Python's lock, which is cheaper for what takes a microsecond; CDLL lets go.
        library, unlocked = ctypes.PyDLL(path), ctypes.CDLL(path)
        update = _POINTER, _POINTER, ctypes.POINTER(_INT), _POINTER, _INT
        init = _POINTER, _POINTER, _POINTER, ctypes.c_char_p, ctypes.c_char_p, _INT
        self._new = _function(library.EVP_CIPHER_CTX_new, _POINTER)
        self._free = _function(library.EVP_CIPHER_CTX_free, None, _POINTER)
        self._init = _function(library.EVP_CipherInit_ex, _INT, *init)
        self._update = _function(library.EVP_CipherUpdate, _INT, *update)
        self._update_long = _function(unlocked.EVP_CipherUpdate, _INT, *update)
        self._finish = _function(library.EVP_CipherFinal_ex, _INT, *update[:3])
        self._control = _function(
            library.EVP_CIPHER_CTX_ctrl, _INT, _POINTER, _INT, _INT, ctypes.c_char_p
        )
        self._clear_errors = _function(library.ERR_clear_error, None)
        self._cipher = _function(library.EVP_aes_256_gcm, _POINTER)()

    def encrypt(self, key: bytes, nonce: bytes, authenticated: bytes, data: memoryview) -> bytes:
        """Turn data into ciphertext where it stands; return the tag (16 bytes)."""
        tag = ctypes.create_string_buffer(TAG_BYTES)
        context = self._new()
        try:
            if not (
                self._begin(context, key, nonce, authenticated, is_sealing=True)
                and self._pass_through(context, data)
                and self._control(context, _GET_TAG, TAG_BYTES, tag) > 0
            ):
                self._clear_errors()
                raise Fault("OpenSSL does not encrypt")
        finally:
            self._free(context)
        return tag.raw

    def decrypt(
        self, key: bytes, nonce: bytes, authenticated: bytes, data: memoryview, tag: bytes
    ) -> bool:
        """Turn data into plaintext where it stands; whether it is authentic."""
        if len(tag) != TAG_BYTES:
            return False
        context = self._new()
        try:
            if (
                self._begin(context, key, nonce, authenticated, is_sealing=False)
                and self._control(context, _SET_TAG, TAG_BYTES, tag) > 0
                and self._pass_through(context, data)
            ):
                return True
            self._clear_errors()
            return False
        finally:
            self._free(context)

    def _begin(
        self, context: int, key: bytes, nonce: bytes, authenticated: bytes, *, is_sealing: bool
    ) -> bool:
        if len(key) != KEY_BYTES or len(nonce) != NONCE_BYTES:  # as many are read in any case
            raise ValueError(
                f"AES-256-GCM has a key of {KEY_BYTES} bytes and a nonce of {NONCE_BYTES}"
            )
        if self._init(context, self._cipher, None, key, nonce, is_sealing) <= 0:
            return False
        written = ctypes.byref(_INT())
        return self._update(context, None, written, authenticated, len(authenticated)) > 0

    def _pass_through(self, context: int, data: memoryview) -> bool:
        """All of the data, in place, and the end: whether OpenSSL is content."""
        length = len(data)
        if length > _MAX_BYTES:
            raise ValueError(f"a message of {length} bytes is too long")
        written = ctypes.byref(_INT())
        if length:
            place = ctypes.byref(ctypes.c_char.from_buffer(data))
            update = self._update if length < _LONG_BYTES else self._update_long
            if update(context, place, written, place, length) <= 0:
                return False
        return self._finish(context, None, written) > 0


def _function(function: Any, result: Any, *arguments: Any) -> Callable[..., int]:
    function.restype = result
    function.argtypes = arguments
    return function  # type: ignore[no-any-return] # ctypes makes functions out of nothing
