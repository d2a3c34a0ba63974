"""iam/conditions.py: the operators of conditions."""

import pytest

from ferrox.iam.conditions import InvalidConditionError, compile_condition

KEY = "test:Key"
NAME = "aws:username"


def holds(operator: str, wanted: list[str], *found: str, has_key: bool = True) -> bool:
    """Whether a condition on one key holds for a request that has these values for it."""
    values = {KEY.lower(): found} if has_key else {}
    condition = compile_condition(operator, KEY, wanted, has_variables=True)
    return condition.holds(values | {NAME: ("ada",)})


@pytest.mark.parametrize(
    ("operator", "wanted", "found", "expected"),
    [
        ("StringEquals", "ada", "ada", True),
        ("StringEquals", "ada", "Ada", False),
        ("StringEquals", "a*", "ada", False),
        ("StringEquals", "${aws:username}", "ada", True),
        ("StringEquals", "${aws:nothing}", "ada", False),
        ("StringNotEquals", "ada", "bob", True),
        ("StringNotEquals", "ada", "ada", False),
        ("StringEqualsIgnoreCase", "ADA", "ada", True),
        ("StringNotEqualsIgnoreCase", "ADA", "ada", False),
        ("StringLike", "a*", "ada", True),
        ("StringLike", "${aws:username}*", "ada/x", True),
        ("StringNotLike", "a*", "ada", False),
        ("NumericEquals", "10", "10.0", True),
        ("NumericNotEquals", "10", "11", True),
        ("NumericLessThan", "10", "9", True),
        ("NumericLessThan", "10", "10", False),
        ("NumericLessThanEquals", "10", "10", True),
        ("NumericGreaterThan", "10", "10", False),
        ("NumericGreaterThanEquals", "10", "10", True),
        ("NumericEquals", "10", "ten", False),
        ("NumericLessThan", "10", "nan", False),
        ("DateEquals", "2024-01-01T00:00:00Z", "1704067200", True),
        ("DateLessThan", "2024-01-01T00:00:00Z", "2023-12-31T23:59:59Z", True),
        ("DateGreaterThan", "2024-01-01", "2024-01-01T00:00:01Z", True),
        ("DateNotEquals", "2024-01-01", "2024-01-02", True),
        ("DateLessThanEquals", "1704067200", "2024-01-01T01:00:00+01:00", True),
        ("DateGreaterThanEquals", "2024-01-01", "then", False),
        ("Bool", "true", "TRUE", True),
        ("Bool", "true", "false", False),
        ("BinaryEquals", "QmluYXJ5", "QmluYXJ5", True),
        ("BinaryEquals", "QmluYXJ5", "qmluYXJ5", False),
        ("IpAddress", "203.0.113.0/24", "203.0.113.9", True),
        ("IpAddress", "203.0.113.0/24", "203.0.114.9", False),
        ("IpAddress", "203.0.113.0/24", "::ffff:203.0.113.9", True),
        ("IpAddress", "2001:db8::/32", "2001:db8::1", True),
        ("IpAddress", "203.0.113.0/24", "nowhere", False),
        ("NotIpAddress", "203.0.113.0/24", "203.0.113.9", False),
        ("NotIpAddress", "203.0.113.0/24", "198.51.100.1", True),
        ("ArnEquals", "arn:aws:iam::*:user/*", "arn:aws:iam::123456789012:user/ada", True),
        ("ArnLike", "arn:aws:iam::1*:user/ada", "arn:aws:iam::123456789012:user/ada", True),
        ("ArnNotEquals", "arn:aws:iam::*:user/*", "arn:aws:iam::123456789012:user/a", False),
        ("ArnNotLike", "arn:aws:iam::*:role/*", "arn:aws:iam::123456789012:user/a", True),
    ],
)
def test_an_operator_compares_one_value(
    operator: str, wanted: str, found: str, expected: bool
) -> None:
    assert holds(operator, [wanted], found) is expected


def test_one_of_several_wanted_values_is_enough() -> None:
    assert holds("StringEquals", ["ada", "bob"], "bob")
    assert not holds("StringNotEquals", ["ada", "bob"], "bob")
    assert not holds("StringEquals", [], "bob")
    assert holds("StringNotEquals", [], "bob")


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        ("StringEquals", False),
        ("StringNotEquals", True),
        ("StringEqualsIfExists", True),
        ("StringNotEqualsIfExists", True),
        ("StringNotLike", True),
        ("ForAllValues:StringEquals", True),
        ("ForAnyValue:StringEquals", False),
        ("ForAnyValue:StringNotEquals", False),
        ("ForAnyValue:StringEqualsIfExists", True),
    ],
)
def test_a_key_that_is_not_there_fits_nothing(operator: str, expected: bool) -> None:
    assert holds(operator, ["ada"], has_key=False) is expected


@pytest.mark.parametrize(
    ("operator", "found", "expected"),
    [
        ("ForAllValues:StringEquals", ("a", "b"), True),
        ("ForAllValues:StringEquals", ("a", "c"), False),
        ("ForAnyValue:StringEquals", ("c", "b"), True),
        ("ForAnyValue:StringEquals", ("c", "d"), False),
        ("ForAllValues:StringNotEquals", ("c", "d"), True),
        ("ForAllValues:StringNotEquals", ("c", "a"), False),
        ("ForAnyValue:StringNotEquals", ("c", "a"), True),
        ("ForAnyValue:StringNotEquals", ("b", "a"), False),
        ("StringEquals", ("c", "a"), True),
        ("StringNotEquals", ("c", "a"), False),
    ],
)
def test_several_values_are_asked_for_all_or_any_of_them(
    operator: str, found: tuple[str, ...], expected: bool
) -> None:
    assert holds(operator, ["a", "b"], *found) is expected


def test_null_asks_whether_a_key_is_there() -> None:
    assert holds("Null", ["true"], has_key=False)
    assert not holds("Null", ["true"], "a")
    assert holds("Null", ["false"], "a")
    assert not holds("Null", ["false"], has_key=False)


@pytest.mark.parametrize(
    ("operator", "wanted"),
    [
        ("StringSounds", "a"),
        ("ForSomeValues:StringEquals", "a"),
        ("ForAllValues:Null", "true"),
        ("NullIfExists", "true"),
        ("Null", "maybe"),
        ("NumericEquals", "ten"),
        ("NumericEquals", "inf"),
        ("DateEquals", "tomorrow"),
        ("Bool", "yes"),
        ("BinaryEquals", "not base64"),
        ("IpAddress", "999.0.0.1"),
        ("", "a"),
    ],
)
def test_what_cannot_be_understood_is_refused(operator: str, wanted: str) -> None:
    with pytest.raises(InvalidConditionError):
        compile_condition(operator, KEY, [wanted], has_variables=True)
