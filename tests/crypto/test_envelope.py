"""Wrapped data keys open under the same key, id, name and context, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrox.crypto.envelope import WRAPPED_BYTES, KeyEncryptionKey
from ferrox.errors import SealBroken

KEY = bytes(range(32))
DATA_KEY = bytes(32)
KEK = KeyEncryptionKey("s3:1", KEY, b'{"a":"b"}')


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=40))
def test_a_data_key_opens_as_it_was_wrapped(data_key: bytes, name: bytes) -> None:
    wrapped = KEK.wrap(data_key, name)

    assert WRAPPED_BYTES == len(wrapped)
    assert data_key not in wrapped
    assert data_key == KEK.unwrap(wrapped, name)


def test_no_two_wrappings_are_alike() -> None:
    assert KEK.wrap(DATA_KEY, b"n") != KEK.wrap(DATA_KEY, b"n")


@pytest.mark.parametrize(
    "other",
    [
        KeyEncryptionKey("s3:2", KEY, b'{"a":"b"}'),
        KeyEncryptionKey("s3:1", KEY[::-1], b'{"a":"b"}'),
        KeyEncryptionKey("s3:1", KEY, b'{"a":"c"}'),
        KeyEncryptionKey("s3:1", KEY),
    ],
)
def test_another_key_id_or_context_does_not_open_it(other: KeyEncryptionKey) -> None:
    with pytest.raises(SealBroken, match="does not open under"):
        other.unwrap(KEK.wrap(DATA_KEY, b"name"), b"name")


def test_under_another_name_it_does_not_open() -> None:
    """Not even where the bytes of id, name and context are the same in a row."""
    wrapped = KeyEncryptionKey("s3:1", KEY, b"context").wrap(DATA_KEY, b"name")

    with pytest.raises(SealBroken):
        KeyEncryptionKey("s3:1", KEY, b"econtext").unwrap(wrapped, b"nam")


@given(st.integers(0, 8 * WRAPPED_BYTES - 1))
def test_no_bit_can_change(bit: int) -> None:
    wrapped = bytearray(KEK.wrap(DATA_KEY, b"name"))
    wrapped[bit // 8] ^= 1 << bit % 8

    with pytest.raises(SealBroken):
        KEK.unwrap(bytes(wrapped), b"name")


@pytest.mark.parametrize("length", [0, 11, 12, 28, WRAPPED_BYTES - 1])
def test_what_is_too_short_does_not_open(length: int) -> None:
    with pytest.raises(SealBroken):
        KEK.unwrap(KEK.wrap(DATA_KEY, b"name")[:length], b"name")


def test_a_key_of_another_length_is_refused_and_none_shows() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        KeyEncryptionKey("s3:1", KEY[:31])

    assert "KeyEncryptionKey('s3:1')" == repr(KEK)
