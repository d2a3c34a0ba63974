"""ETags: made, quoted, compared."""

import hashlib

import pytest

from ferrox.protocol import etag

TAG = "d41d8cd98f00b204e9800998ecf8427e"


def test_a_single_etag_is_the_md5_in_hex() -> None:
    assert etag.single(hashlib.md5(b"").digest()) == TAG


def test_a_multipart_etag_is_the_md5_of_the_md5s_and_their_number() -> None:
    parts = [hashlib.md5(piece) for piece in (b"one", b"two", b"three")]

    combined = etag.multipart([part.hexdigest() for part in parts])

    assert hashlib.md5(b"".join(part.digest() for part in parts)).hexdigest() + "-3" == combined


def test_quotes_come_and_go() -> None:
    assert etag.quote(TAG) == f'"{TAG}"'
    assert etag.unquote(f' "{TAG}"') == TAG
    assert etag.unquote(TAG) == TAG


@pytest.mark.parametrize(
    ("header", "is_weak_allowed", "expected"),
    [
        (TAG, False, True),
        (f'"{TAG}"', False, True),
        ("*", False, True),
        (f'"other", "{TAG}"', False, True),
        ('"other"', False, False),
        ("", False, False),
        (f'W/"{TAG}"', False, False),
        (f'W/"{TAG}"', True, True),
        (f'"a" , W/"{TAG}"', True, True),
        ('W/"other"', True, False),
    ],
)
def test_a_condition_names_an_etag(header: str, is_weak_allowed: bool, expected: bool) -> None:
    assert expected == etag.matches(header, TAG, is_weak_allowed=is_weak_allowed)
