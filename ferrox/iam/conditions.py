"""Condition blocks of policies: operators, compiled once, decided for each request.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html

All operators of a block must hold, each for all its keys. A key holds when one of the values given
for it fits; the operators with Not hold when none does. A key that the request does not have fits
nothing, so the operators with Not hold for it; `…IfExists` holds for it always, and `Null` asks
just this. `ForAllValues:` wants every value of the request to hold (none at all is every one),
`ForAnyValue:` at least one; to both of them an empty text is none.

Operators without such a prefix on a key with several values: one must fit, or with Not none may.
"""

import base64
import ipaddress
import operator
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

from ferrox.iam.patterns import ArnPattern, Pattern, Values

Fits = Callable[[str, Values], bool]
"""Whether one value of the request fits one value of the condition."""


_is_cidr = re.compile(r"[0-9A-Fa-f.:]+(/[0-9]{1,3})?").fullmatch
_is_integer = re.compile(r"[+-]?[0-9]{1,100}").fullmatch
_is_decimal = re.compile(r"[+-]?[0-9]{1,100}(\.[0-9]{1,100})?([Ee][+-]?[0-9]{1,2})?").fullmatch
_is_date = re.compile(
    r"[0-9]{4}-[0-9]{2}(-[0-9]{2}"
    r"(T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?)?)?"
).fullmatch
"""https://www.w3.org/TR/NOTE-datetime, but for the bare year: that is a number of seconds"""


class InvalidConditionError(ValueError):
    """A condition that cannot be understood; the message says why."""


class Condition(NamedTuple):
    """One operator on one key."""

    key: str
    """in lower case"""
    tests: tuple[Fits, ...]
    is_negated: bool
    if_exists: bool
    quantifier: str
    """ForAllValues, ForAnyValue, or nothing"""
    wants_absent: bool | None = None
    """of the operator Null, what it asks for"""
    wanted: tuple[str, ...] = ()
    """the values as they were written"""
    is_bound: bool = False
    """whether it is less or greater that is asked for"""

    def holds(self, values: Values) -> bool:
        """Whether a request meets it."""
        found = values.get(self.key)
        if self.wants_absent is not None:
            return (not found) is self.wants_absent
        if not found or (self.quantifier and not any(found)):
            return self._holds_for_nothing()
        if len(found) == 1:
            return self._holds_for(found[0], values)
        verdicts = (self._holds_for(value, values) for value in found)
        if self.quantifier == "ForAnyValue":
            return any(verdicts)
        if self.quantifier == "ForAllValues" or self.is_negated:
            return all(verdicts)
        return any(verdicts)

    def _holds_for(self, value: str, values: Values) -> bool:
        for fits in self.tests:
            if fits(value, values):
                return not self.is_negated
        return self.is_negated

    def _holds_for_nothing(self) -> bool:
        if self.if_exists or self.quantifier == "ForAllValues":
            return True
        return self.is_negated and self.quantifier != "ForAnyValue"


def compile_condition(
    operator: str, key: str, wanted: Sequence[str], *, has_variables: bool
) -> Condition:
    """Compile `{operator: {key: wanted}}`; InvalidConditionError says what is wrong with it."""
    quantifier, colon, name = operator.partition(":")
    if not colon:
        quantifier, name = "", operator
    elif quantifier not in {"ForAllValues", "ForAnyValue"}:
        raise InvalidConditionError(f"Invalid Condition type : {operator}")
    if_exists = name.endswith("IfExists")
    name = name.removesuffix("IfExists")
    key = key.lower()
    if name == "Null" and not if_exists and not quantifier:
        return Condition(key, (), False, False, "", _null(wanted))
    kind = _KINDS.get(name)
    if kind is None:
        raise InvalidConditionError(f"Invalid Condition type : {operator}")
    make, is_negated = kind
    tests = tuple(make(value, has_variables) for value in wanted)
    return Condition(
        key,
        tests,
        is_negated,
        if_exists,
        quantifier,
        wanted=tuple(wanted),
        is_bound="Than" in name,
    )


def _null(wanted: Sequence[str]) -> bool:
    answers = {value.lower() for value in wanted}
    if len(answers) != 1 or not answers <= {"true", "false"}:
        raise InvalidConditionError("Null must be true or false")
    return answers == {"true"}


def _string_equals(wanted: str, has_variables: bool) -> Fits:
    pattern = Pattern(wanted, has_variables=has_variables)
    if has_variables and "${" in wanted:
        return lambda value, values: pattern.text_for(values) == value
    return lambda value, _: value == wanted


def _string_equals_ignore_case(wanted: str, has_variables: bool) -> Fits:
    pattern = Pattern(wanted, has_variables=has_variables)

    def fits(value: str, values: Values) -> bool:
        text = pattern.text_for(values)
        return text is not None and text.casefold() == value.casefold()

    return fits


def _string_like(wanted: str, has_variables: bool) -> Fits:
    return Pattern(wanted, has_variables=has_variables).matches


def _arn_like(wanted: str, has_variables: bool) -> Fits:
    return ArnPattern(wanted, has_variables=has_variables).matches


def _binary_equals(wanted: str, _has_variables: bool) -> Fits:
    if not _is_base64(wanted):
        raise InvalidConditionError("Invalid Base64 value for binary condition")
    return lambda value, _: value == wanted


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except ValueError:
        return False
    return True


def _bool(wanted: str, _has_variables: bool) -> Fits:
    if wanted.lower() not in {"true", "false"}:
        raise InvalidConditionError(f"Invalid boolean in condition: {wanted}")
    return lambda value, _: value.lower() == wanted.lower()


def _ip_address(wanted: str, _has_variables: bool) -> Fits:
    try:
        network = ipaddress.ip_network(wanted, strict=False)
    except ValueError:
        network = None
    if network is None or not _is_cidr(wanted):
        raise InvalidConditionError("Invalid IP address in Conditions")

    def fits(value: str, _: Values) -> bool:
        address = _address(value)
        return address is not None and address in network

    return fits


@lru_cache(maxsize=1024)
def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Where a request comes from; every statement with such a condition asks."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _number(text: str) -> float | None:
    """An integer or decimal. Integers stay exact, however large."""
    if _is_integer(text):
        return int(text)
    return float(text) if _is_decimal(text) else None


def _instant_s(text: str) -> float | None:
    """Seconds since the epoch of a date in the W3C's choice of ISO 8601, or of such seconds."""
    if not _is_date(text):
        return _number(text)
    try:
        at = datetime.fromisoformat(f"{text}-01" if len(text) == len("2024-01") else text)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def _compared(
    read: Callable[[str], float | None], what: str, compare: Callable[[float, float], bool]
) -> Callable[[str, bool], Fits]:
    """Operators that compare numbers: `read` makes them of text."""

    def make(wanted: str, _has_variables: bool) -> Fits:
        bound = read(wanted)
        if bound is None:
            raise InvalidConditionError(f"Invalid {what} in condition: {wanted}")

        def fits(value: str, _: Values) -> bool:
            number = read(value)
            return number is not None and compare(number, bound)

        return fits

    return make


def is_value(kind: str, text: str) -> bool:
    """Whether a text is a value of this kind: string, numeric, boolean, ip, binary or date."""
    match kind:
        case "numeric":
            return _number(text) is not None
        case "boolean":
            return text.lower() in {"true", "false"}
        case "ip":
            return _address(text) is not None
        case "binary":
            return _is_base64(text)
        case "date":
            return _instant_s(text) is not None
        case _:
            return True


_COMPARISONS: dict[str, tuple[Callable[[float, float], bool], bool]] = {
    "Equals": (operator.eq, False),
    "NotEquals": (operator.eq, True),
    "LessThan": (operator.lt, False),
    "LessThanEquals": (operator.le, False),
    "GreaterThan": (operator.gt, False),
    "GreaterThanEquals": (operator.ge, False),
}
_KINDS: dict[str, tuple[Callable[[str, bool], Fits], bool]] = {
    "StringEquals": (_string_equals, False),
    "StringNotEquals": (_string_equals, True),
    "StringEqualsIgnoreCase": (_string_equals_ignore_case, False),
    "StringNotEqualsIgnoreCase": (_string_equals_ignore_case, True),
    "StringLike": (_string_like, False),
    "StringNotLike": (_string_like, True),
    "ArnEquals": (_arn_like, False),
    "ArnLike": (_arn_like, False),
    "ArnNotEquals": (_arn_like, True),
    "ArnNotLike": (_arn_like, True),
    "BinaryEquals": (_binary_equals, False),
    "Bool": (_bool, False),
    "IpAddress": (_ip_address, False),
    "NotIpAddress": (_ip_address, True),
    **{
        f"{prefix}{name}": (_compared(read, what, compare), is_negated)
        for prefix, read, what in (
            ("Numeric", _number, "number"),
            ("Date", _instant_s, "date"),
        )
        for name, (compare, is_negated) in _COMPARISONS.items()
    },
}
"""Each operator: what makes a test of one value, and whether it holds when none fits."""
