"""Spans: where the statements of a policy stand in its text.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_Statement.html
https://docs.aws.amazon.com/IAM/latest/APIReference/API_Position.html

Lines and columns are counted from 1. As AWS counts it, a statement of a list begins right behind
what comes before it (the bracket, or the statement before), and one that stands alone behind its
own brace; both end behind their last brace.
"""

import json
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

_DECODER = json.JSONDecoder()
_behind_signs = re.compile(r"[ \t\r\n,:]*").match


class Place(NamedTuple):
    """A place in a text."""

    line: int
    column: int


class Span(NamedTuple):
    """Where a statement begins and ends."""

    start: Place
    end: Place


def statement_spans(text: str) -> list[Span]:
    """Of each statement of a policy, which has been parsed before."""
    breaks = [found.start() for found in re.finditer("\n", text)]
    return [Span(_place(breaks, start), _place(breaks, end)) for start, end in _statements(text)]


def _statements(text: str) -> Iterator[tuple[int, int]]:
    """The first character of each statement, and the one behind it."""
    at = _statement_value(text)
    if text[at] == "{":
        yield at + 1, _value(text, at)[1]
        return
    at += 1
    while text[_next(text, at)] != "]":
        _, end = _value(text, _next(text, at))
        yield at, end
        at = end


def _statement_value(text: str) -> int:
    """Where the value of the member Statement begins."""
    at = text.index("{") + 1
    while True:
        name, at = _value(text, _next(text, at))
        at = _next(text, at)
        if name == "Statement":
            return at
        _, at = _value(text, at)


def _value(text: str, at: int) -> tuple[Any, int]:
    found: tuple[Any, int] = _DECODER.raw_decode(text, at)
    return found


def _next(text: str, at: int) -> int:
    """Where the next value or closing sign is."""
    behind = _behind_signs(text, at)
    return at if behind is None else behind.end()


def _place(breaks: Sequence[int], at: int) -> Place:
    """Where a character is, given where lines end."""
    line = bisect_left(breaks, at)
    return Place(line + 1, at - (breaks[line - 1] if line else -1))
