"""Sealed segments: what was sealed opens at its own place, and nothing else does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrox.crypto.segments import DATA_KEY_BYTES, SegmentCipher, new_data_key
from ferrox.errors import SealBroken

KEY = bytes(range(DATA_KEY_BYTES))
NAME = bytes(16)


def sealed(cipher: SegmentCipher, number: int, data: bytes) -> tuple[bytes, bytes]:
    segment = bytearray(data)
    tag = cipher.seal(number, memoryview(segment))
    return bytes(segment), tag


def opened(cipher: SegmentCipher, number: int, data: bytes, tag: bytes) -> bytes:
    segment = bytearray(data)
    cipher.open(number, memoryview(segment), tag)
    return bytes(segment)


@given(st.binary(max_size=3000), st.integers(0, 2**40))
def test_a_segment_opens_as_it_was_sealed(data: bytes, number: int) -> None:
    cipher = SegmentCipher(new_data_key(), NAME)

    assert data == opened(cipher, number, *sealed(cipher, number, data))


def test_segments_are_those_of_the_standard() -> None:
    """AES-256-GCM of another implementation, which the name of the primitive promises.

    Made with OpenSSL's EVP_aes_256_gcm: key 00…1f, nonce of segment 1, name as additional data.
    """
    ciphertext, tag = sealed(SegmentCipher(KEY, NAME), 1, b"attack at dawn")

    assert "507f101c52f6fcf39073fafac959" == ciphertext.hex()
    assert "572946df85352de74f979df948fc8c90" == tag.hex()


@pytest.mark.parametrize("other", [0, 2, 1 << 33])
def test_a_segment_does_not_open_at_another_place(other: int) -> None:
    cipher = SegmentCipher(KEY, NAME)

    with pytest.raises(SealBroken, match=f"segment {other} is not"):
        opened(cipher, other, *sealed(cipher, 1, b"data"))


def test_a_segment_does_not_open_in_another_blob_or_under_another_key() -> None:
    ciphertext, tag = sealed(SegmentCipher(KEY, NAME), 1, b"data")

    for other in (SegmentCipher(KEY, b"\1" * 16), SegmentCipher(KEY[::-1], NAME)):
        with pytest.raises(SealBroken):
            opened(other, 1, ciphertext, tag)


@given(st.integers(0, 4 * 8 - 1))
def test_no_bit_of_a_segment_can_change(bit: int) -> None:
    cipher = SegmentCipher(KEY, NAME)
    ciphertext, tag = sealed(cipher, 7, b"data")
    changed = bytearray(ciphertext)
    changed[bit // 8] ^= 1 << bit % 8

    with pytest.raises(SealBroken):
        opened(cipher, 7, bytes(changed), tag)


def test_the_end_mark_knows_the_tail_the_blob_and_the_key() -> None:
    cipher = SegmentCipher(KEY, NAME)
    mark = cipher.end_mark(b"tail")

    assert mark == SegmentCipher(KEY, NAME).end_mark(b"tail")
    assert mark != cipher.end_mark(b"tai1")
    assert mark != SegmentCipher(KEY, b"\1" * 16).end_mark(b"tail")
    assert mark != SegmentCipher(KEY[::-1], NAME).end_mark(b"tail")


def test_a_key_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        SegmentCipher(KEY[:16], NAME)


def test_the_key_does_not_show() -> None:
    assert KEY.hex() not in repr(SegmentCipher(KEY, NAME))


def test_a_segment_is_sealed_as_the_standard_has_it() -> None:
    """AES-256-GCM, test cases 13 and 14 of "The Galois/Counter Mode of Operation", as in NIST's
    validation suite: key, nonce and plaintext of zeros, no additional data."""
    cipher = SegmentCipher(bytes(32), b"")

    assert (b"", "530f8afbc74536b9a963b4f1c4cb738b") == hex_tag(sealed(cipher, 0, b""))
    ciphertext, tag = sealed(cipher, 0, bytes(16))
    assert "cea7403d4d606b6e074ec5d3baf39d18" == ciphertext.hex()
    assert "d0d1c8a799996bf0265b98b5d48ab919" == tag.hex()


def hex_tag(found: tuple[bytes, bytes]) -> tuple[bytes, str]:
    return found[0], found[1].hex()
