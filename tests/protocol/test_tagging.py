"""The x-amz-tagging header and the limits of tags."""

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrox.errors import InvalidArgument, InvalidTag, S3Error
from ferrox.protocol.tagging import check_tags, from_pairs, parse_tagging_header

NAMES = st.text(alphabet=st.sampled_from("aZ9 +-=._:/@éж中"), min_size=1, max_size=20)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, {}),
        ("", {}),
        ("&", {}),
        ("a=1&b=2", {"a": "1", "b": "2"}),
        ("key", {"key": ""}),
        ("k1=v1&k2", {"k1": "v1", "k2": ""}),
        ("a+b=c%20d", {"a b": "c d"}),
        ("p=a%3Db", {"p": "a=b"}),
        ("k=\u00e9", {"k": "\u00e9"}),
    ],
)
def test_tags_are_read_like_a_query(header: str | None, expected: dict[str, str]) -> None:
    assert expected == parse_tagging_header(header)


@given(st.dictionaries(NAMES, NAMES, max_size=10))
def test_what_clients_encode_comes_back(tags: dict[str, str]) -> None:
    assert tags == parse_tagging_header(urlencode(tags))


@pytest.mark.parametrize(
    "header",
    ["=", "=v", "a=1&a=2", "a=1&%61=2", "TagSet=[{Key=a,Value=b}]", "a=%", "a=%zz", "a=%FF"],
)
def test_a_header_that_is_no_query_is_refused(header: str) -> None:
    with pytest.raises(InvalidArgument) as refused:
        parse_tagging_header(header)

    assert str(refused.value).startswith("The header 'x-amz-tagging' shall be encoded as UTF-8")
    assert {"ArgumentName": "x-amz-tagging", "ArgumentValue": header} == refused.value.details


def refusal(tags: dict[str, str]) -> tuple[str, str] | None:
    """Code and message that tags are refused with."""
    try:
        check_tags(tags)
    except S3Error as refused:
        return refused.code, refused.message
    return None


def test_ten_tags_are_enough() -> None:
    outcomes = [refusal({str(number): "" for number in range(count)}) for count in (10, 11)]

    assert [None, ("BadRequest", "Object tags cannot be greater than 10")] == outcomes


@pytest.mark.parametrize(
    ("tags", "message"),
    [
        ({"aws:a": "1"}, "Your TagKey cannot be prefixed with aws:"),
        ({"AWS:a": "1"}, "Your TagKey cannot be prefixed with aws:"),
        ({"": "1"}, "The TagKey you have provided is invalid"),
        ({"k" * 129: "1"}, "The TagKey you have provided is invalid"),
        ({"a,b": "1"}, "The TagKey you have provided is invalid"),
        ({"a\nb": "1"}, "The TagKey you have provided is invalid"),
        ({"k": "v" * 257}, "The TagValue you have provided is invalid"),
        ({"k": "a&b"}, "The TagValue you have provided is invalid"),
        ({"k": "a\u0345"}, "The TagValue you have provided is invalid"),
        ({"k": "\U00020000" * 129}, "The TagValue you have provided is invalid"),
    ],
)
def test_a_tag_that_may_not_be_is_refused(tags: dict[str, str], message: str) -> None:
    assert ("InvalidTag", message) == refusal(tags)


def test_the_longest_tag_is_accepted() -> None:
    assert refusal({"k" * 128: "\U00020000" * 128}) is None


def test_a_document_may_not_say_a_key_twice() -> None:
    assert {"a": "1", "b": ""} == from_pairs([("a", "1"), ("b", "")])
    with pytest.raises(InvalidTag, match="Cannot provide multiple Tags with the same key"):
        from_pairs([("a", "1"), ("a", "1")])
