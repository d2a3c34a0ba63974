"""AES-256-GCM under a random nonce: what was sealed opens, and nothing else does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrox.crypto import gcm

KEY = bytes(range(gcm.KEY_BYTES))


@given(st.binary(max_size=200), st.binary(max_size=50))
def test_what_was_sealed_opens(plaintext: bytes, authenticated: bytes) -> None:
    sealed = gcm.seal(KEY, plaintext, authenticated)

    assert len(plaintext) + gcm.OVERHEAD_BYTES == len(sealed)
    assert plaintext == gcm.unseal(KEY, sealed, authenticated)


def test_what_another_implementation_sealed_opens() -> None:
    """Made with OpenSSL: nonce 00 00 00 00 00 00 00 01 00 00 00 00, 16 zeros authenticated."""
    nonce = bytes(7) + b"\1" + bytes(4)
    ciphertext, tag = "507f101c52f6fcf39073fafac959", "572946df85352de74f979df948fc8c90"

    assert b"attack at dawn" == gcm.unseal(KEY, nonce + bytes.fromhex(ciphertext + tag), bytes(16))


def test_no_two_seals_are_alike() -> None:
    assert gcm.seal(KEY, b"data", b"") != gcm.seal(KEY, b"data", b"")


def test_every_change_is_refused() -> None:
    sealed = gcm.seal(KEY, b"data", b"here")

    for index in range(len(sealed)):
        changed = sealed[:index] + bytes([sealed[index] ^ 1]) + sealed[index + 1 :]
        with pytest.raises(ValueError, match="MAC check failed"):
            gcm.unseal(KEY, changed, b"here")
    for key, authenticated in ((KEY[::-1], b"here"), (KEY, b"there")):
        with pytest.raises(ValueError, match="MAC check failed"):
            gcm.unseal(key, sealed, authenticated)


@pytest.mark.parametrize("length", [0, 1, 11, 12, 27])
def test_what_is_too_short_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match=r"MAC|Nonce|nonce"):
        gcm.unseal(KEY, gcm.seal(KEY, b"data", b"")[:length], b"")
