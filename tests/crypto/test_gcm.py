"""AES-256-GCM: every implementation computes what the standard says; messages open as sealed."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrox.crypto import gcm, openssl
from ferrox.crypto.gcm import AesGcm
from ferrox.crypto.pycryptodome import Pycryptodome

KEY = bytes(range(gcm.KEY_BYTES))
NONCE = bytes(range(12))
IMPLEMENTATIONS = (openssl.of_python(), Pycryptodome())

every_implementation = pytest.mark.parametrize(
    "implementation", IMPLEMENTATIONS, ids=lambda one: one.name
)


def encrypted(
    implementation: AesGcm, key: bytes, nonce: bytes, authenticated: bytes, plaintext: bytes
) -> tuple[str, str]:
    data = bytearray(plaintext)
    tag = implementation.encrypt(key, nonce, authenticated, memoryview(data))
    return data.hex(), tag.hex()


def decrypted(
    implementation: AesGcm, authenticated: bytes, ciphertext: bytes, tag: bytes
) -> bytes | None:
    data = bytearray(ciphertext)
    is_authentic = implementation.decrypt(KEY, NONCE, authenticated, memoryview(data), tag)
    return bytes(data) if is_authentic else None


ZERO = bytes(32), bytes(12)
CASE_15 = (
    bytes.fromhex("feffe9928665731c6d6a8f9467308308" * 2),
    bytes.fromhex("cafebabefacedbaddecaf888"),
)
PLAINTEXT = bytes.fromhex(
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
    "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255"
)
CIPHERTEXT = (
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
    "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad"
)
AUTHENTICATED = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")


@every_implementation
@pytest.mark.parametrize(
    ("key_and_nonce", "authenticated", "plaintext", "expected"),
    [
        (ZERO, b"", b"", ("", "530f8afbc74536b9a963b4f1c4cb738b")),
        (
            ZERO,
            b"",
            bytes(16),
            ("cea7403d4d606b6e074ec5d3baf39d18", "d0d1c8a799996bf0265b98b5d48ab919"),
        ),
        (CASE_15, b"", PLAINTEXT, (CIPHERTEXT, "b094dac5d93471bdec1a502270e3cc6c")),
        (
            CASE_15,
            AUTHENTICATED,
            PLAINTEXT[:60],
            (CIPHERTEXT[:120], "76fc6ece0f4e1768cddf8853bb2d551b"),
        ),
    ],
    ids=["13", "14", "15", "16"],
)
def test_it_is_that_of_the_standard(
    implementation: AesGcm,
    key_and_nonce: tuple[bytes, bytes],
    authenticated: bytes,
    plaintext: bytes,
    expected: tuple[str, str],
) -> None:
    """Test cases 13 to 16 of "The Galois/Counter Mode of Operation", as in NIST's suite."""
    assert expected == encrypted(implementation, *key_and_nonce, authenticated, plaintext)


@given(st.one_of(st.binary(max_size=200), st.integers(0, 40_000).map(bytes)), st.binary())
def test_all_compute_the_same_and_open_what_another_sealed(
    plaintext: bytes, authenticated: bytes
) -> None:
    """Long data goes another way than short, see `openssl`."""
    results = {
        encrypted(implementation, KEY, NONCE, authenticated, plaintext)
        for implementation in IMPLEMENTATIONS
    }

    ((ciphertext, tag),) = (map(bytes.fromhex, pair) for pair in results)
    for implementation in IMPLEMENTATIONS:
        assert plaintext == decrypted(implementation, authenticated, ciphertext, tag)


@every_implementation
@given(st.integers(0, (24 + 16 + 4) * 8 - 1))
def test_no_bit_of_data_tag_and_what_is_authenticated_can_change(
    implementation: AesGcm, bit: int
) -> None:
    ciphertext, tag = encrypted(implementation, KEY, NONCE, b"here", bytes(24))
    whole = bytearray(bytes.fromhex(ciphertext + tag) + b"here")
    whole[bit // 8] ^= 1 << bit % 8

    found = decrypted(implementation, bytes(whole[40:]), bytes(whole[:24]), bytes(whole[24:40]))

    assert found is None


@every_implementation
@pytest.mark.parametrize("length", [0, 4, 12, 15, 17])
def test_a_tag_of_another_length_is_refused(implementation: AesGcm, length: int) -> None:
    """A cut tag is easier to guess."""
    ciphertext, tag = encrypted(implementation, KEY, NONCE, b"", b"data")
    changed = (bytes.fromhex(tag) + b"\0")[:length]

    assert decrypted(implementation, b"", bytes.fromhex(ciphertext), changed) is None


def test_openssl_computes_where_python_shows_it() -> None:
    assert "OpenSSL" == gcm.aes_gcm().name


@pytest.mark.parametrize(
    "hidden",
    [
        "sys.modules['_hashlib'] = None",
        "import _hashlib; _hashlib.__file__ = '/nowhere.so'",
        "import _ctypes; _hashlib = __import__('_hashlib'); _hashlib.__file__ = _ctypes.__file__",
    ],
    ids=["no hashlib of OpenSSL", "no such library", "a library that does not show it"],
)
def test_pycryptodome_computes_where_python_hides_it(hidden: str) -> None:
    code = f"""
import sys
{hidden}
from ferrox.crypto import gcm
print(gcm.aes_gcm().name, gcm.unseal(bytes(32), gcm.seal(bytes(32), b"data", b""), b""))
"""

    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert ("", "pycryptodome b'data'") == (run.stderr, run.stdout.strip())


def test_pycryptodome_is_not_loaded_for_nothing() -> None:
    code = """
import sys
from ferrox.crypto import gcm
gcm.seal(bytes(32), b"data", b"")
print([name for name in sys.modules if name.startswith("Crypto")])
"""

    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert ("", "[]") == (run.stderr, run.stdout.strip())


@given(st.binary(max_size=200), st.binary(max_size=50))
def test_what_was_sealed_opens(plaintext: bytes, authenticated: bytes) -> None:
    sealed = gcm.seal(KEY, plaintext, authenticated)

    assert len(plaintext) + gcm.OVERHEAD_BYTES == len(sealed)
    assert plaintext == gcm.unseal(KEY, sealed, authenticated)


def test_no_two_seals_are_alike() -> None:
    assert gcm.seal(KEY, b"data", b"") != gcm.seal(KEY, b"data", b"")


def test_every_change_is_refused() -> None:
    sealed = gcm.seal(KEY, b"data", b"here")

    for index in range(len(sealed)):
        changed = sealed[:index] + bytes([sealed[index] ^ 1]) + sealed[index + 1 :]
        with pytest.raises(ValueError, match="not authentic"):
            gcm.unseal(KEY, changed, b"here")
    for key, authenticated in ((KEY[::-1], b"here"), (KEY, b"there")):
        with pytest.raises(ValueError, match="not authentic"):
            gcm.unseal(key, sealed, authenticated)


@pytest.mark.parametrize("length", [0, 1, 11, 12, 27])
def test_what_is_too_short_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="too short"):
        gcm.unseal(KEY, gcm.seal(KEY, b"data", b"")[:length], b"")
