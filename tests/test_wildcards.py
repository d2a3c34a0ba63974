"""Stars in patterns."""

import re
from typing import SupportsIndex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrox.wildcards import fits


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("", "", True),
        ("", "a", False),
        ("a", "a", True),
        ("*", "", True),
        ("a*", "a", True),
        ("*a", "ba", True),
        ("a*a", "a", False),
        ("a*a", "aa", True),
        ("a**b", "ab", True),
        ("*ab*ba*", "aba", False),
        ("a*b*c", "abbc", True),
        ("a.c*", "abc", False),
    ],
)
def test_a_star_stands_for_any_characters(pattern: str, text: str, expected: bool) -> None:
    assert fits(pattern.split("*"), text) is expected


@given(st.text("ab*", max_size=8), st.text("ab", max_size=8))
def test_stars_mean_what_the_simplest_expression_means(pattern: str, text: str) -> None:
    expected = re.fullmatch(pattern.replace("*", "[ab]*"), text) is not None

    assert fits(pattern.split("*"), text) is expected


class Watched(str):
    """A text that tells where it was searched."""

    __slots__ = ("starts",)

    starts: list[int]

    def find(
        self, sub: str, start: SupportsIndex | None = None, end: SupportsIndex | None = None, /
    ) -> int:
        self.starts.append(int(start or 0))
        return super().find(sub, start, end)


@given(st.text("ab*", max_size=40), st.text("ab", max_size=40))
def test_no_character_is_searched_twice(pattern: str, text: str) -> None:
    watched = Watched(text)
    watched.starts = []

    fits(pattern.split("*"), watched)

    assert sorted(watched.starts) == watched.starts
    assert len(watched.starts) <= pattern.count("*")
