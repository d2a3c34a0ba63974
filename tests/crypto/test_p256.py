"""Public keys on P-256, by the examples of RFC 6979, A.2.5."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrox.crypto import p256
from ferrox.crypto.p256 import ORDER

PRIVATE_KEY = 0xC9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721
SAMPLE = (
    0xEFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716,
    0xF7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8,
)
TEST = (
    0xF1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367,
    0x019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083,
)
KEY = p256.public_key_of(PRIVATE_KEY)


def der(*numbers: int) -> bytes:
    """A sequence of numbers, none of them long."""
    parts = [number.to_bytes(number.bit_length() // 8 + 1) for number in numbers]
    content = b"".join(bytes([2, len(part)]) + part for part in parts)
    return bytes([0x30, len(content)]) + content


@pytest.mark.parametrize(("message", "numbers"), [(b"sample", SAMPLE), (b"test", TEST)])
def test_the_examples_verify(message: bytes, numbers: tuple[int, int]) -> None:
    assert KEY.has_signed(message, der(*numbers))
    assert not KEY.has_signed(message + b"!", der(*numbers))
    assert not p256.public_key_of(PRIVATE_KEY + 1).has_signed(message, der(*numbers))


@pytest.mark.parametrize(
    "numbers",
    [
        (),
        (SAMPLE[0],),
        (*SAMPLE, 1),
        (0, 0),
        (0, SAMPLE[1]),
        (SAMPLE[0], 0),
        (SAMPLE[0] + ORDER, SAMPLE[1]),
        (SAMPLE[0], SAMPLE[1] + ORDER),
        (ORDER, ORDER),
        (SAMPLE[1], SAMPLE[0]),
    ],
)
def test_other_numbers_are_no_signature(numbers: tuple[int, ...]) -> None:
    assert not KEY.has_signed(b"sample", der(*numbers))


@pytest.mark.parametrize(
    "signature",
    [
        b"",
        b"\x30",
        der(*SAMPLE) + b"\0",
        der(*SAMPLE)[:-1],
        b"\x31" + der(*SAMPLE)[1:],
        b"\x30\x81" + der(*SAMPLE)[1:],  # a length in two bytes where one is enough
        b"\x30\x80" + der(*SAMPLE)[2:] + b"\0\0",  # a length that is told at the end
        b"\x30\x47\x02\x22\0" + der(*SAMPLE)[4:],  # a number with a zero too many
        b"\x30\x84\xff\xff\xff\xff",
        b"\x30\x06\x04\x01\x01\x04\x01\x01",
    ],
)
def test_there_is_one_way_to_write_a_signature(signature: bytes) -> None:
    assert KEY.has_signed(b"sample", der(*SAMPLE))
    assert not KEY.has_signed(b"sample", signature)


@given(st.binary(max_size=80) | st.binary(max_size=78).map(lambda rest: b"\x30\x44" + rest))
def test_anything_else_is_simply_no_signature(signature: bytes) -> None:
    assert not KEY.has_signed(b"sample", signature)


@given(st.integers(0, 8 * len(der(*SAMPLE)) - 1))
def test_no_bit_of_a_signature_can_be_turned(bit: int) -> None:
    signature = bytearray(der(*SAMPLE))
    signature[bit // 8] ^= 1 << bit % 8

    assert not KEY.has_signed(b"sample", bytes(signature))


def test_a_public_key_shows_nothing_of_the_private_one() -> None:
    assert "PublicKey object at" in repr(KEY)
    assert not hasattr(KEY, "__dict__")
    assert not KEY._scheme.can_sign()
