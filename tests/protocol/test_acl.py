"""Grant headers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrox.errors import InvalidArgument
from ferrox.protocol.acl import NamedGrantee, named_in_headers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('id="abc"', [("CanonicalUser", "abc")]),
        ("id=abc", [("CanonicalUser", "abc")]),
        ('id="a" , id=b,id = "c"', [("CanonicalUser", name) for name in "abc"]),
        ('uri="http://x/y"', [("Group", "http://x/y")]),
        ("uri=http://x/y", [("Group", "http://x/y")]),
        (
            'emailAddress="a@b.c", id="d"',
            [("AmazonCustomerByEmail", "a@b.c"), ("CanonicalUser", "d")],
        ),
        ('emailaddress="a@b.c"', [("AmazonCustomerByEmail", "a@b.c")]),
        ('id=""', [("CanonicalUser", "")]),
    ],
)
def test_a_header_names_those_it_grants_to(text: str, expected: list[tuple[str, str]]) -> None:
    named = list(named_in_headers({"x-amz-grant-read-acp": text}))

    assert [NamedGrantee(*grantee, "READ_ACP") for grantee in expected] == named


def test_each_header_grants_its_permission() -> None:
    headers = {
        "x-amz-grant-full-control": "id=a",
        "x-amz-grant-read": "id=a",
        "x-amz-grant-read-acp": "id=a",
        "x-amz-grant-write": "id=a",
        "x-amz-grant-write-acp": "id=a",
        "x-amz-acl": "private",
    }

    granted = [grantee.permission for grantee in named_in_headers(headers)]

    assert ["FULL_CONTROL", "READ", "READ_ACP", "WRITE", "WRITE_ACP"] == granted


@pytest.mark.parametrize(
    "text", ["", "abc", "name=abc", 'id="a', 'id="a"b', "id=a,", ",", "id=a b", 'id="a" "b"', "id"]
)
def test_what_names_nobody_is_refused(text: str) -> None:
    with pytest.raises(InvalidArgument, match="Argument format not recognized") as refused:
        list(named_in_headers({"x-amz-grant-read": text}))

    expected = {"ArgumentName": "x-amz-grant-read", "ArgumentValue": text}
    assert expected == refused.value.details


@given(st.text(alphabet="idur=\",' @ab\t", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        named = list(named_in_headers({"x-amz-grant-read": text}))
    except InvalidArgument:
        return
    assert named
