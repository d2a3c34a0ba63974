"""OpenSSL is called as it wants to be called; what it computes is in test_gcm.py."""

import _hashlib
import ctypes
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from ferrox.crypto import openssl
from ferrox.errors import Fault

KEY, NONCE = bytes(range(32)), bytes(12)
OPENSSL = openssl.of_python()


def test_a_failure_leaves_no_error_for_the_tls_of_the_same_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It would take the error of another for its own, and close a connection that is well."""
    monkeypatch.setattr(openssl, "_GET_TAG", 0x7777)  # something that OpenSSL does not know
    library = ctypes.CDLL(_hashlib.__file__)
    library.ERR_peek_error.restype = ctypes.c_ulong

    with pytest.raises(Fault, match="does not encrypt"):
        OPENSSL.encrypt(KEY, NONCE, b"", memoryview(bytearray(16)))

    assert 0 == library.ERR_peek_error()


@pytest.mark.parametrize(("key_bytes", "nonce_bytes"), [(0, 12), (31, 12), (33, 12), (32, 11)])
def test_keys_and_nonces_of_another_length_are_refused(key_bytes: int, nonce_bytes: int) -> None:
    """OpenSSL would read as many bytes as it needs, whatever follows in memory."""
    data = memoryview(bytearray(16))

    with pytest.raises(ValueError, match="a key of 32 bytes and a nonce of 12"):
        OPENSSL.encrypt(bytes(key_bytes), bytes(nonce_bytes), b"", data)
    with pytest.raises(ValueError, match="a key of 32 bytes and a nonce of 12"):
        OPENSSL.decrypt(bytes(key_bytes), bytes(nonce_bytes), b"", data, bytes(16))


def test_many_threads_seal_and_open_at_once() -> None:
    barrier = threading.Barrier(8)

    def work(number: int) -> bool:
        barrier.wait()
        data = bytearray(number.to_bytes(2, "big") * 20_000)
        plaintext = bytes(data)
        nonce = number.to_bytes(12, "big")
        for _ in range(50):
            tag = OPENSSL.encrypt(KEY, nonce, b"name", memoryview(data))
            if not OPENSSL.decrypt(KEY, nonce, b"name", memoryview(data), tag):
                return False
        return plaintext == data

    with ThreadPoolExecutor(8) as threads:
        assert [True] * 8 == list(threads.map(work, range(8)))


def test_only_memory_that_may_be_written_is_taken() -> None:
    with pytest.raises(TypeError, match="not writable"):
        OPENSSL.encrypt(KEY, NONCE, b"", memoryview(b"constant"))


def test_only_memory_in_one_piece_is_taken() -> None:
    with pytest.raises((TypeError, ValueError, BufferError), match="contiguous"):
        OPENSSL.encrypt(KEY, NONCE, b"", memoryview(bytearray(16))[::2])
