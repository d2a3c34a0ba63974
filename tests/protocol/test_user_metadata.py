"""User metadata: limits, character sets, and that every value comes back."""

import email.header

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ferrox.errors import MetadataTooLarge
from ferrox.protocol import user_metadata

VALUES = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=300)


def decoded(value: str) -> str:
    return user_metadata.decoded({"n": value})["n"]


def encoded(value: str) -> str:
    return user_metadata.encoded({"n": value})["n"]


def as_received(raw: bytes) -> str:
    """How the gateway hands over the bytes of a header."""
    return raw.decode("utf-8", "surrogateescape")


def test_only_the_prefixed_headers_are_metadata() -> None:
    headers = {"content-type": "text/plain", "x-amz-meta-a": "1", "x-amz-meta-b-c": "2"}

    assert {"a": "1", "b-c": "2"} == user_metadata.from_headers(headers)
    assert user_metadata.from_headers({"content-type": "text/plain"}) == {}


@pytest.mark.parametrize("value", ["", "plain", "a b\tc", 'say "hi"', "=?", "a?= =?b", "100 % = x"])
def test_ascii_stands_as_it_is(value: str) -> None:
    assert value == decoded(value) == encoded(value)


def test_utf_8_is_read_as_such_and_other_bytes_as_latin_1() -> None:
    assert decoded(as_received("Miniö 中".encode())) == "Miniö 中"
    assert decoded(as_received("café".encode("latin-1"))) == "café"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("=?UTF-8?B?w7Y=?=", "ö"),
        ("=?utf-8?q?Mini=C3=B6_x?=", "Miniö x"),
        ("=?ISO-8859-1?Q?caf=E9?=", "café"),
        ("=?UTF-8*en?Q?x?=", "x"),
        ("before =?UTF-8?Q?=C3=B6?= after", "before ö after"),
        ("=?UTF-8?Q?a?= \t=?UTF-8?Q?b?= =?UTF-8?Q?c?=", "abc"),
        ("=?UTF-8?Q?a=5?=", "a=5"),
    ],
)
def test_encoded_words_are_decoded(value: str, expected: str) -> None:
    assert expected == decoded(value)


@pytest.mark.parametrize(
    "value",
    ["=?KOI8-R?Q?x?=", "=?UTF-8?B?w7Y?=", "=?UTF-8?Q?=FF?=", "=?UTF-8?X?x?=", "=?UTF-8?Q?a b?="],
)
def test_words_that_cannot_be_read_stay(value: str) -> None:
    assert value == decoded(value)


@given(VALUES)
@example("=?UTF-8?Q?x?=")
@example(" spaces at the ends ")
@example("line\r\nx-amz-acl: public-read")
@example("=?UTF-8?Q?a?= =?UTF-8?Q?b?=")
@example("中" * 100)
def test_every_value_comes_back(value: str) -> None:
    assert value == decoded(encoded(value))


@given(VALUES)
@example("\x7f\x00\r\n")
def test_what_goes_out_is_printable_ascii_in_words_of_legal_length(value: str) -> None:
    out = encoded(value)

    assert all(character == "\t" or " " <= character <= "~" for character in out)
    assert out == out.strip(" \t")
    if out != value:
        assert all(len(word) <= 75 for word in out.split(" "))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("ÄMÄZÕÑ S3", "=?UTF-8?Q?=C3=84M=C3=84Z=C3=95=C3=91_S3?="),
        ("\x00\x01\x02\x03\x04", "=?UTF-8?B?AAECAwQ=?="),
        ("MiniÃ¶", "=?UTF-8?Q?Mini=C3=83=C2=B6?="),
        ("Ã¶", "=?UTF-8?B?w4PCtg==?="),
    ],
)
def test_words_are_those_that_aws_was_recorded_to_write(value: str, expected: str) -> None:
    assert expected == encoded(value)


@pytest.mark.parametrize("value", ["Zürich → 東京 " * 20, "東京 ü_=?" * 20])
def test_others_can_read_what_goes_out(value: str) -> None:
    assert value == str(email.header.make_header(email.header.decode_header(encoded(value))))


def test_two_kilobytes_of_names_and_values_are_accepted() -> None:
    assert user_metadata.decoded({"four": "é" * 1022}) == {"four": "é" * 1022}


def test_more_is_refused_with_its_size() -> None:
    with pytest.raises(MetadataTooLarge) as refused:
        user_metadata.decoded({"four": "é" * 1022, "a": ""})

    assert {"Size": 2049, "MaxSizeAllowed": 2048} == refused.value.details
