"""Patterns of policies: wildcards, ARNs and variables, compiled once into functions.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html

`*` stands for any characters and `?` for one. `${aws:username}` stands for a value of the request,
`${aws:username, 'nobody'}` for that or else for the text in quotes; `${*}`, `${?}` and `${$}` stand
for the three characters themselves. What comes out of a variable is compared as it is: a user who
is called `*` is no wildcard. A variable without value makes the pattern match nothing.

Whoever writes a policy could make everybody wait, so that the number of wildcards must not matter
to the time that matching takes: what stands between two stars is taken where it is first found, and
looked for nowhere else. Only `?` needs a regular expression.
"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import NamedTuple, Protocol

from ferrox.wildcards import fits

Matcher = Callable[[str], bool]


class Values(Protocol):
    """What is known of a request: condition keys in lower case, each with its values."""

    def get(self, key: str, /) -> tuple[str, ...] | None:
        """The values of a key; None if the request has none."""
        ...


ARN_COMPONENTS = 6

_WILD = re.compile(r"[*?]")
_LITERAL = frozenset("*?$")


class Variable(NamedTuple):
    """What stands between `${` and `}`: a condition key in lower case, or a text in its place."""

    key: str | None
    default: str | None

    def value(self, values: Values) -> str | None:
        """What it stands for in a request; one of several values is no value."""
        found = None if self.key is None else values.get(self.key)
        return found[0] if found is not None and len(found) == 1 else self.default


class Pattern:
    """A text with wildcards and, where its policy's version knows them, variables."""

    __slots__ = ("_matcher", "_pieces", "_variables", "text")

    def __init__(self, text: str, *, has_variables: bool) -> None:
        self.text = text
        self._matcher: Matcher | None = None
        self._pieces = _cut(text) if has_variables else [text]
        self._variables = tuple(_read_variable(name) for name in self._pieces[1::2])
        if not self._variables:
            self._matcher = wild(text)

    def matches(self, value: str, values: Values) -> bool:
        """Whether `value` fits, given what is known of the request."""
        if self._matcher is not None:
            return self._matcher(value)
        pieces = self._filled(values)
        return pieces is not None and _matcher(pieces)(value)

    def text_for(self, values: Values) -> str | None:
        """The text with its variables filled in and no wildcards; None if one has no value."""
        if self._matcher is not None:
            return self.text
        pieces = self._filled(values)
        return None if pieces is None else "".join(pieces)

    def _filled(self, values: Values) -> list[str] | None:
        pieces = list(self._pieces)
        for at, variable in enumerate(self._variables):
            found = variable.value(values)
            if found is None:
                return None
            pieces[2 * at + 1] = found
        return pieces


class ArnPattern:
    """An ARN with wildcards, which do not reach over the colons between its first components.

    Where these have none, as almost always, they are compared as one text.
    """

    __slots__ = ("_components", "_head", "_last", "_matcher", "text")

    def __init__(self, text: str, *, has_variables: bool) -> None:
        self.text = text
        self._matcher: Matcher | None = None
        self._components: tuple[Pattern, ...] = ()
        self._head = ""
        components = arn_components(text)
        if components is None:
            self._matcher = _anything if text == "*" else _nothing
            return
        head, last = ":".join(components[:-1]) + ":", components[-1]
        if _WILD.search(head) or (has_variables and "${" in head):
            self._components = tuple(
                Pattern(one, has_variables=has_variables) for one in components
            )
        elif has_variables and "${" in last:
            self._head, self._last = head, Pattern(last, has_variables=True)
        else:
            self._matcher = wild(text)

    def matches(self, arn: str, values: Values) -> bool:
        """Whether an ARN fits; what is none fits only `*`."""
        if self._matcher is not None:
            return self._matcher(arn)
        if self._head:
            return arn.startswith(self._head) and self._last.matches(arn[len(self._head) :], values)
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
    components = _split_outside_variables(arn)
    return components if len(components) == ARN_COMPONENTS and components[0] == "arn" else None


def wild(text: str) -> Matcher:
    """A function that tells whether a value fits a text with wildcards."""
    return _matcher([text])


def variables(text: str) -> list[str]:
    """The names of the variables in a text, as it spells them."""
    found = [(name.strip(), _read_variable(name).key) for name in _cut(text)[1::2]]
    return [name[: len(key)] for name, key in found if key is not None]


def _anything(_value: str) -> bool:
    return True


def _nothing(_value: str) -> bool:
    return False


def _matcher(pieces: Sequence[str]) -> Matcher:
    """For texts with wildcards, at even places, and texts without between them."""
    if any("?" in text for text in pieces[::2]):
        first, *others = _runs(pieces, _with_single, re.escape)
        expression = first
        if others:
            *middle, last = others
            expression += "".join(f"(?>.*?{run})" for run in middle) + f".*{last}"
        fullmatch = re.compile(expression, re.DOTALL).fullmatch
        return lambda value: fullmatch(value) is not None
    runs = _runs(pieces, str, str)
    match runs:
        case [text]:
            return text.__eq__
        case ["", ""]:
            return _anything
        case [prefix, ""]:
            return lambda value: value.startswith(prefix)
        case _:
            return partial(fits, runs)


def _runs(
    pieces: Sequence[str], of_text: Callable[[str], str], of_value: Callable[[str], str]
) -> list[str]:
    """What stands between two stars, in the form that is wanted of either kind of piece."""
    runs: list[list[str]] = [[]]
    for at, piece in enumerate(pieces):
        if at % 2:
            runs[-1].append(of_value(piece))
            continue
        first, *others = map(of_text, piece.split("*"))
        runs[-1].append(first)
        runs += ([run] for run in others)
    return ["".join(run) for run in runs]


def _with_single(text: str) -> str:
    return re.escape(text).replace(r"\?", ".")


def _cut(text: str) -> list[str]:
    """A text, cut around its variables, which are at the odd places without their signs."""
    pieces: list[str] = []
    at = 0
    while (start := text.find("${", at)) >= 0 and (end := text.find("}", start)) >= 0:
        pieces += text[at:start], text[start + 2 : end]
        at = end + 1
    return [*pieces, text[at:]]


def _read_variable(name: str) -> Variable:
    if name in _LITERAL:
        return Variable(None, name)
    key, _, rest = name.partition(",")
    before, quote, default = rest.strip().partition("'")
    is_quoted = quote and not before and default.endswith("'") and default.count("'") == 1
    if is_quoted and key.strip():
        return Variable(key.strip().lower(), default[:-1])
    return Variable(name.strip().lower(), None)


def _split_outside_variables(arn: str) -> tuple[str, ...]:
    """Split at the first five colons that do not belong to a `${…}`."""
    components: list[list[str]] = [[]]
    for at, piece in enumerate(_cut(arn)):
        if at % 2:
            components[-1].append(f"${{{piece}}}")
            continue
        first, *others = piece.split(":", ARN_COMPONENTS - len(components))
        components[-1].append(first)
        components += ([one] for one in others)
    return tuple("".join(component) for component in components)
