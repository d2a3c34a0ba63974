"""The one text that client and server both arrive at."""

from urllib.parse import quote_from_bytes, unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrox.auth.canonical import canonical_query, canonical_request, canonical_uri
from ferrox.protocol.message import Request


@pytest.mark.parametrize(
    ("raw", "canonical"),
    [
        ("/", "/"),
        ("/bucket//a///b/", "/bucket//a///b/"),
        ("/b/./../a", "/b/./../a"),
        ("/b/a%20b", "/b/a%20b"),
        ("/b/a+b", "/b/a%2Bb"),
        ("/b/a%2fb", "/b/a%2Fb"),
        ("/b/%7Euser", "/b/~user"),
        ("/b/!*'()=&:@$,;", "/b/%21%2A%27%28%29%3D%26%3A%40%24%2C%3B"),
        ("/b/%c3%bc", "/b/%C3%BC"),
        ("/b/ü", "/b/%C3%BC"),
        ("/b/\udcff", "/b/%FF"),
        ("/b/100%", "/b/100%25"),
        ("/b/%252F", "/b/%252F"),
    ],
)
def test_a_path_is_encoded_once_and_never_normalised(raw: str, canonical: str) -> None:
    assert canonical == canonical_uri(raw)


@pytest.mark.parametrize(
    ("raw", "canonical"),
    [
        ("", ""),
        ("b=2&a=1", "a=1&b=2"),
        ("a=2&a=1&a=&A=3", "A=3&a=&a=1&a=2"),
        ("acl&b=", "acl=&b="),
        ("a=b+c&d=e%2Bf&g=%20", "a=b%20c&d=e%2Bf&g=%20"),
        ("k=1&k-x=2&k.y=3&k0=4", "k=1&k-x=2&k.y=3&k0=4"),
        ("k=%c3%bc~!*'()&l=a=b&m=a:b/c", "k=%C3%BC~%21%2A%27%28%29&l=a%3Db&m=a%3Ab%2Fc"),
        ("&&a=1&", "a=1"),
    ],
)
def test_a_query_is_encoded_once_and_sorted(raw: str, canonical: str) -> None:
    assert canonical == canonical_query(raw)


@given(st.text("aA0-._~%2Ff!=&+ é", max_size=12))
def test_the_quick_way_to_a_canonical_query_makes_no_difference(raw: str) -> None:
    """A component is canonical when encoding it anew changes nothing."""
    pieces = [piece.replace("+", "%20").partition("=") for piece in raw.split("&") if piece]
    pairs = sorted(
        [quote_from_bytes(unquote_to_bytes(part), safe="") for part in (name, value)]
        for name, _, value in pieces
    )

    assert "&".join(f"{name}={value}" for name, value in pairs) == canonical_query(raw)


def test_the_signature_parameter_is_left_out_of_the_canonical_query() -> None:
    query = canonical_query("b=1&X-Amz-Signature=00&a=2", "X-Amz-Signature")

    assert query == "a=2&b=1"


@pytest.mark.parametrize("value", ["a b c", "  a   b c ", "a\tb \t c"])
def test_spaces_of_header_values_are_trimmed_and_folded(value: str) -> None:
    request = Request("GET", "/", "", {"x-amz-meta-s": value})

    canonical = canonical_request(request, "/", "", "x-amz-meta-s", "hash")

    assert canonical == "GET\n/\n\nx-amz-meta-s:a b c\n\nx-amz-meta-s\nhash"
