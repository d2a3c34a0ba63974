"""iam/patterns.py: wildcards, ARNs and variables."""

import re
from typing import SupportsIndex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrox.iam.patterns import ArnPattern, Pattern, arn_components, variables, wild

VALUES = {"aws:username": ("ada",), "aws:userid": ("AID*1",), "several": ("a", "b")}


@pytest.mark.parametrize(
    ("text", "value", "fits"),
    [
        ("*", "", True),
        ("*", "any\nthing", True),
        ("s3:Get*", "s3:GetObject", True),
        ("s3:Get*", "s3:PutObject", False),
        ("s3:*Object", "s3:GetObject", True),
        ("s3:?etObject", "s3:GetObject", True),
        ("s3:?etObject", "s3:etObject", False),
        ("a.c", "abc", False),
        ("[ab]", "a", False),
        ("", "", True),
        ("", "a", False),
    ],
)
def test_only_star_and_question_mark_are_wild(text: str, value: str, fits: bool) -> None:
    assert wild(text)(value) is fits


@given(st.text("ab*?", max_size=8), st.text("ab", max_size=8))
def test_wildcards_mean_what_the_simplest_expression_means(text: str, value: str) -> None:
    expression = text.replace("*", "[ab]*").replace("?", "[ab]")

    assert wild(text)(value) is (re.fullmatch(expression, value) is not None)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a" + "*" * 500 + "b", "a" * 5_000),
        ("*a" * 500 + "b", "a" * 5_000),
        ("*aa" * 500 + "*b", "a" * 5_000),
        ("*a?" * 500 + "b", "a" * 5_000),
        ("*?" * 500 + "b", "a" * 5_000),
        ("?*" * 500 + "b*c", "ab" * 5_000),
    ],
)
def test_many_stars_do_not_take_long(text: str, value: str) -> None:
    """Tried one after the other, they would have taken longer than the world exists."""
    pattern = Pattern(text + "${aws:username}", has_variables=True)

    assert not wild(text)(value)
    assert not pattern.matches(value + "ada", VALUES)


@pytest.mark.parametrize(
    ("text", "value", "fits"),
    [
        ("home/${aws:username}/*", "home/ada/cat.png", True),
        ("home/${aws:UserName}/*", "home/ada/cat.png", True),
        ("home/${aws:username}/*", "home/bob/cat.png", False),
        ("home/${aws:userid}", "home/AID*1", True),
        ("home/${aws:userid}", "home/AIDxx1", False),
        ("home/${aws:nothing}", "home/", False),
        ("home/${aws:nothing, 'guest'}", "home/guest", True),
        ("home/${aws:username, 'guest'}", "home/ada", True),
        ("home/${several}", "home/a", False),
        ("${*}${?}${$}", "*?$", True),
        ("${*}", "anything", False),
        ("a${*}?*", "a*bc", True),
        ("a${*}?*", "a*", False),
        ("${*}*${?}", "*anything?", True),
        ("?${aws:userid}*${aws:username}", "xAID*1-ada", True),
        ("?${aws:userid}*${aws:username}", "AID*1-ada", False),
        ("${ aws:username }", "ada", True),
        ("${aws:nothing,'guest'}", "guest", True),
        ("${ aws:nothing , 'a, b' }", "a, b", True),
        ("${aws:nothing, ''}", "", True),
        ("${aws:nothing, guest}", "guest", False),
        ("${aws:nothing, 'it's'}", "it's", False),
        ("${, 'guest'}", "guest", False),
        ("${}", "", False),
        ("${aws:username", "${aws:username", True),
        ("${aws:username", "ada", False),
        ("${${aws:username}", "ada", False),
        ("$ {aws:username}", "$ {aws:username}", True),
        ("${aws:username}${aws:username}", "adaada", True),
    ],
)
def test_a_variable_stands_for_exactly_its_value(text: str, value: str, fits: bool) -> None:
    assert Pattern(text, has_variables=True).matches(value, VALUES) is fits


def test_without_variables_their_signs_are_only_text() -> None:
    pattern = Pattern("${aws:username}", has_variables=False)

    assert pattern.matches("${aws:username}", VALUES)
    assert not pattern.matches("ada", VALUES)


@pytest.mark.parametrize(
    ("text", "arn", "fits"),
    [
        ("*", "arn:aws:s3:::photos/cat.png", True),
        ("arn:aws:s3:::*", "arn:aws:s3:::photos/cat.png", True),
        ("arn:aws:s3:::photos/*", "arn:aws:s3:::photos/a:b:c", True),
        ("arn:aws:s3:::photos/*", "arn:aws:s3:::photos", False),
        ("arn:*:s3:::photos", "arn:aws:s3:::photos", True),
        ("arn:*photos", "arn:aws:s3:::photos", False),
        ("arn:aws:iam::*:user/*", "arn:aws:iam::123456789012:user/ada", True),
        ("arn:aws:s3:::home-${aws:username}/*", "arn:aws:s3:::home-ada/x", True),
        ("arn:aws:s3:::photos/cat.png", "not an arn", False),
    ],
)
def test_a_wildcard_of_an_arn_stays_in_its_component(text: str, arn: str, fits: bool) -> None:
    pattern = ArnPattern(text, has_variables=True)

    assert pattern.matches(arn, VALUES) is fits


def test_the_colons_of_a_variable_do_not_split_an_arn() -> None:
    components = arn_components("arn:aws:s3:::home/${aws:username}/a:b")

    assert components == ("arn", "aws", "s3", "", "", "home/${aws:username}/a:b")


@given(st.text("ab*?", max_size=8), st.text("ab*?", max_size=3), st.text("ab*?", max_size=8))
def test_a_value_has_no_wildcards(before: str, held: str, value: str) -> None:
    pattern = Pattern(before + "${held}*", has_variables=True)
    expression = re.escape(before).replace(r"\*", ".*").replace(r"\?", ".") + re.escape(held) + ".*"

    expected = re.fullmatch(expression, value) is not None
    assert pattern.matches(value, {"held": (held,)}) is expected


class Watched(str):
    """A text that tells where it was searched."""

    __slots__ = ("starts",)

    starts: list[int]

    def find(
        self, sub: str, start: SupportsIndex | None = None, end: SupportsIndex | None = None, /
    ) -> int:
        self.starts.append(int(start or 0))
        return super().find(sub, start, end)


@given(st.lists(st.sampled_from(["${", "}", "a", ":", "'"]), max_size=60).map("".join))
def test_a_text_is_searched_for_variables_once(text: str) -> None:
    watched = Watched(text)
    watched.starts = []

    Pattern(watched, has_variables=True)

    assert sorted(watched.starts) == watched.starts
    assert len(watched.starts) <= 2 * text.count("}") + 2


def test_variables_are_found_by_name() -> None:
    found = variables("${aws:UserName}/${s3:prefix, 'x'}/${*}")

    assert found == ["aws:UserName", "s3:prefix"]
