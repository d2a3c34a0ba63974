"""Tokens, encoded keys and page sizes of listings."""

from urllib.parse import unquote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrox.errors import InvalidArgument
from ferrox.protocol import listing
from ferrox.protocol.listing import ContinuationToken

KEYS = st.text(alphabet=st.characters(exclude_categories=["Cs"]))


@given(KEYS)
def test_a_token_comes_back(after: str) -> None:
    assert ContinuationToken(after) == ContinuationToken.decode(ContinuationToken(after).encode())


@given(KEYS)
def test_a_token_needs_no_escaping_but_its_padding(after: str) -> None:
    assert set(ContinuationToken(after).encode()) <= set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_="
    )


@pytest.mark.parametrize("text", ["", "a", "AAAA", "photos/1.jpg", "ä", "AQAAAAD/", "AgAAAAA=" * 2])
def test_a_foreign_token_is_refused(text: str) -> None:
    with pytest.raises(InvalidArgument) as refused:
        ContinuationToken.decode(text)

    assert "The continuation token provided is incorrect" == str(refused.value)


@given(KEYS, st.data())
def test_a_changed_token_is_refused(after: str, data: st.DataObject) -> None:
    token = ContinuationToken(after).encode()
    position = data.draw(st.integers(0, len(token) - 1))
    changed = data.draw(st.sampled_from("AZaz09-_+/=").filter(lambda c: c != token[position]))

    with pytest.raises(InvalidArgument):
        ContinuationToken.decode(token[:position] + changed + token[position + 1 :])


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("dir/a-b_c.d*e", "dir/a-b_c.d*e"),
        ("a b.txt", "a+b.txt"),
        ("a+b.txt", "a%2Bb.txt"),
        ("100%.csv", "100%25.csv"),
        ("한글/x.txt", "%ED%95%9C%EA%B8%80/x.txt"),
        ("\x00\n&<", "%00%0A%26%3C"),
    ],
)
def test_keys_are_encoded_as_aws_does(key: str, expected: str) -> None:
    assert expected == listing.url_encode(key)


@given(KEYS)
def test_clients_decode_keys_as_they_are(key: str) -> None:
    assert key == unquote_plus(listing.url_encode(key))


def test_url_is_the_only_encoding_type() -> None:
    assert listing.check_encoding_type("url")
    assert not listing.check_encoding_type(None)
    with pytest.raises(InvalidArgument) as refused:
        listing.check_encoding_type("base64")
    assert {"ArgumentName": "encoding-type", "ArgumentValue": "base64"} == refused.value.details


@pytest.mark.parametrize(("value", "expected"), [(None, 1000), (0, 0), (7, 7), (5000, 1000)])
def test_a_page_has_at_most_1000_entries(value: int | None, expected: int) -> None:
    assert expected == listing.max_keys(value)


@pytest.mark.parametrize("value", [-1, 2**31])
def test_a_page_size_out_of_bounds_is_refused(value: int) -> None:
    with pytest.raises(InvalidArgument) as refused:
        listing.max_keys(value)

    assert "Argument maxKeys must be an integer between 0 and 2147483647" == str(refused.value)
    assert {"ArgumentName": "maxKeys", "ArgumentValue": value} == refused.value.details


def test_other_page_sizes_go_by_their_own_name() -> None:
    with pytest.raises(InvalidArgument) as refused:
        listing.max_keys(-1, "max-uploads")

    assert str(refused.value).startswith("Argument max-uploads must be")


def test_buckets_have_longer_pages() -> None:
    assert listing.max_buckets(None) == 10_000
    assert listing.max_buckets(10_000) == 10_000
    for value in (0, 10_001):
        with pytest.raises(InvalidArgument):
            listing.max_buckets(value)
