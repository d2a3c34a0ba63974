"""Patterns of policies: wildcards, ARNs and variables, compiled once into functions.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html

`*` stands for any characters and `?` for one. `${aws:username}` stands for a value of the request,
`${aws:username, 'nobody'}` for that or else for the text in quotes; `${*}`, `${?}` and `${$}` stand
for the three characters themselves. What comes out of a variable is compared as it is: a user who
is called `*` is no wildcard. A variable without value makes the pattern match nothing.

Most patterns are a fixed text, or one with a single `*` at its end; these need no regular
expression.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Protocol

Matcher = Callable[[str], bool]


class Values(Protocol):
    """What is known of a request: condition keys in lower case, each with its values."""

    def get(self, key: str, /) -> tuple[str, ...] | None:
        """The values of a key; None if the request has none."""
        ...


ARN_COMPONENTS = 6

_WILD = re.compile(r"[*?]")
_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_with_default = re.compile(r"\s*([^,]+?)\s*,\s*'([^']*)'\s*").fullmatch
_LITERAL = {"*": "*", "?": "?", "$": "$"}


class Pattern:
    """A text with wildcards and, where its policy's version knows them, variables."""

    __slots__ = ("_matcher", "_pieces", "text")

    def __init__(self, text: str, *, has_variables: bool) -> None:
        self.text = text
        self._matcher: Matcher | None = None
        self._pieces: tuple[str, ...] = ()
        if has_variables and "${" in text:
            # Odd places hold the names of variables.
            self._pieces = tuple(_VARIABLE.split(text))
        else:
            self._matcher = wild(text)

    def matches(self, value: str, values: Values) -> bool:
        """Whether `value` fits, given what is known of the request."""
        if self._matcher is not None:
            return self._matcher(value)
        expression = self._expression(values)
        return expression is not None and re.fullmatch(expression, value, re.DOTALL) is not None

    def text_for(self, values: Values) -> str | None:
        """The text with its variables filled in and no wildcards; None if one has no value."""
        if self._matcher is not None:
            return self.text
        pieces = list(self._pieces)
        for at in range(1, len(pieces), 2):
            found = _value_of(pieces[at], values)
            if found is None:
                return None
            pieces[at] = found
        return "".join(pieces)

    def _expression(self, values: Values) -> str | None:
        parts = []
        for at, piece in enumerate(self._pieces):
            if at % 2 == 0:
                parts.append(_translated(piece))
                continue
            found = _value_of(piece, values)
            if found is None:
                return None
            parts.append(re.escape(found))
        return "".join(parts)


class ArnPattern:
    """An ARN with wildcards, which do not reach over the colons between its first components.

    Where these have none, as almost always, the whole is matched as one text.
    """

    __slots__ = ("_components", "_matcher", "text")

    def __init__(self, text: str, *, has_variables: bool) -> None:
        self.text = text
        self._matcher: Matcher | None = None
        self._components: tuple[Pattern, ...] = ()
        components = arn_components(text)
        if components is None:
            self._matcher = _anything if text == "*" else _nothing
        elif (has_variables and "${" in text) or _WILD.search("".join(components[:-1])):
            self._components = tuple(
                Pattern(one, has_variables=has_variables) for one in components
            )
        else:
            self._matcher = wild(text)

    def matches(self, arn: str, values: Values) -> bool:
        """Whether an ARN fits; what is none fits only `*`."""
        if self._matcher is not None:
            return self._matcher(arn)
        components = arn_components(arn)
        if components is None:
            return False
        # The last component tells most apart.
        return all(
            pattern.matches(component, values)
            for pattern, component in zip(
                reversed(self._components), reversed(components), strict=True
            )
        )


@lru_cache(maxsize=4096)
def arn_components(arn: str) -> tuple[str, ...] | None:
    """The six components of an ARN; None if it is none."""
    components = tuple(_split_outside_variables(arn))
    return components if len(components) == ARN_COMPONENTS and components[0] == "arn" else None


def wild(text: str) -> Matcher:
    """A function that tells whether a value fits a text with wildcards."""
    first = _WILD.search(text)
    if first is None:
        return text.__eq__
    if text == "*":
        return _anything
    if first.start() == len(text) - 1 and text.endswith("*"):
        prefix = text[:-1]
        return lambda value: value.startswith(prefix)
    fullmatch = re.compile(_translated(text), re.DOTALL).fullmatch
    return lambda value: fullmatch(value) is not None


def variables(text: str) -> list[str]:
    """The names of the variables in a text, in lower case."""
    names = []
    for name in _VARIABLE.findall(text):
        found = _with_default(name)
        names.append((found[1] if found else name.strip()).lower())
    return [name for name in names if name not in _LITERAL]


def _anything(_value: str) -> bool:
    return True


def _nothing(_value: str) -> bool:
    return False


def _translated(text: str) -> str:
    """As a regular expression. Runs of `*` are one: more would only make matching slow."""
    pieces = re.split(r"(\*+|\?)", text)
    return "".join(
        ".*" if piece.startswith("*") else "." if piece == "?" else re.escape(piece)
        for piece in pieces
    )


def _value_of(name: str, values: Values) -> str | None:
    """What a variable stands for; one of several values is no value."""
    if name in _LITERAL:
        return _LITERAL[name]
    with_default = _with_default(name)
    key = with_default[1] if with_default else name.strip()
    found = values.get(key.lower())
    if found is not None and len(found) == 1:
        return found[0]
    return with_default[2] if with_default else None


def _split_outside_variables(arn: str) -> list[str]:
    """Split at the first five colons that do not belong to a `${…}`."""
    components = [""]
    for piece in re.split(r"(\$\{[^}]*\}|:)", arn):
        if piece == ":" and len(components) < ARN_COMPONENTS:
            components.append("")
        else:
            components[-1] += piece
    return components
