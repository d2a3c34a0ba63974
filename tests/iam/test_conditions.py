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
        ("NumericEquals", "-1.50", "-1.5", True),
        ("NumericEquals", "1e3", "1000", True),
        ("NumericEquals", "1000", "1_000", False),
        ("NumericEquals", "3", "٣", False),
        ("NumericEquals", "1", " 1", False),
        ("NumericEquals", "9007199254740993", "9007199254740992", False),
        ("NumericLessThan", "1.3", "1.2", True),
        ("DateEquals", "2024-01-01T00:00:00Z", "1704067200", True),
        ("DateLessThan", "2024-01-01T00:00:00Z", "2023-12-31T23:59:59Z", True),
        ("DateGreaterThan", "2024-01-01", "2024-01-01T00:00:01Z", True),
        ("DateNotEquals", "2024-01-01", "2024-01-02", True),
        ("DateLessThanEquals", "1704067200", "2024-01-01T01:00:00+01:00", True),
        ("DateGreaterThanEquals", "2024-01-01", "then", False),
        ("DateEquals", "2024-02", "2024-02-01T00:00:00Z", True),
        ("DateEquals", "2024-01-01T00:00Z", "1704067200", True),
        ("DateEquals", "2024-01-01T00:00:00.5Z", "1704067200.5", True),
        ("DateEquals", "2024-01-01T01:00:00+0100", "1704067200", True),
        ("DateLessThan", "2024", "2023", True),
        ("DateLessThan", "2024-01-01", "0001-01-01T00:00:00+23:59", True),
        ("DateLessThan", "2024-01-01", "0000-01-01", False),
        ("Bool", "true", "TRUE", True),
        ("Bool", "true", "false", False),
        ("BinaryEquals", "QmluYXJ5", "QmluYXJ5", True),
        ("BinaryEquals", "QmluYXJ5", "qmluYXJ5", False),
        ("IpAddress", "203.0.113.0/24", "203.0.113.9", True),
        ("IpAddress", "203.0.113.0/24", "203.0.114.9", False),
        ("IpAddress", "203.0.113.0/24", "::ffff:203.0.113.9", True),
        ("IpAddress", "2001:db8::/32", "2001:db8::1", True),
        ("IpAddress", "203.0.113.0/24", "nowhere", False),
        ("IpAddress", "203.0.113.9", "203.0.113.9", True),
        ("IpAddress", "203.0.113.9", "203.0.113.8", False),
        ("IpAddress", "2001:DB8:1234:5678::/64", "2001:db8:1234:5678:9::1", True),
        ("IpAddress", "2001:DB8:1234:5678::/64", "2001:db8:1234:5679::1", False),
        ("IpAddress", "2001:db8::1", "2001:DB8:0::1", True),
        ("IpAddress", "fe80::/10", "fe80::1%eth0", True),
        ("IpAddress", "::/0", "203.0.113.9", False),
        ("IpAddress", "0.0.0.0/0", "2001:db8::1", False),
        ("NotIpAddress", "2001:db8::/32", "2001:db8::1", False),
        ("NotIpAddress", "2001:db8::/32", "203.0.113.9", True),
        ("NotIpAddress", "203.0.113.0/24", "nowhere", True),
        ("NotIpAddress", "203.0.113.0/24", "203.0.113.9", False),
        ("NotIpAddress", "203.0.113.0/24", "198.51.100.1", True),
        ("ArnEquals", "arn:aws:iam::*:user/*", "arn:aws:iam::123456789012:user/ada", True),
        ("ArnLike", "arn:aws:iam::1*:user/ada", "arn:aws:iam::123456789012:user/ada", True),
        ("ArnNotEquals", "arn:aws:iam::*:user/*", "arn:aws:iam::123456789012:user/a", False),
        ("ArnEquals", "arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::1:user/ada", True),
        ("ArnLike", "arn:aws:iam:*:user/ada", "arn:aws:iam::1:user/ada", False),
        ("ArnNotEquals", "arn:aws:iam::*:user/*", "no arn", True),
        ("StringLike", "${*}", "*", True),
        ("StringLike", "${*}", "a", False),
        ("StringLike", "a${?}*", "a?b", True),
        ("StringLike", "a${?}*", "axb", False),
        ("StringEquals", "${$}{aws:username}", "${aws:username}", True),
        ("StringEquals", "${aws:nothing, 'ada'}", "ada", True),
        ("StringNotEquals", "${aws:nothing}", "ada", True),
        ("StringEqualsIgnoreCase", "${aws:username}", "ADA", True),
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
        ("ForAllValues:StringNotEquals", True),
        ("NumericEqualsIfExists", True),
        ("NumericNotEquals", True),
        ("DateLessThanIfExists", True),
        ("BoolIfExists", True),
        ("BinaryEquals", False),
        ("BinaryEqualsIfExists", True),
        ("IpAddressIfExists", True),
        ("NotIpAddress", True),
        ("ArnLikeIfExists", True),
        ("ArnNotEquals", True),
    ],
)
def test_a_key_that_is_not_there_fits_nothing(operator: str, expected: bool) -> None:
    wanted = {"Numeric": "1", "Date": "1", "Bool": "true", "Binary": "YQ==", "Ip": "::1"}
    kind = next((kind for kind in wanted if kind in operator), "")

    assert holds(operator, [wanted.get(kind, "ada")], has_key=False) is expected


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


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        ("ForAllValues:StringEquals", True),
        ("ForAllValues:StringNotEquals", True),
        ("ForAnyValue:StringEquals", False),
        ("ForAnyValue:StringNotEquals", False),
        ("ForAnyValue:StringEqualsIfExists", True),
        ("StringEquals", True),
        ("StringNotEquals", False),
    ],
)
def test_an_empty_text_is_nothing_to_those_who_ask_for_all_or_any(
    operator: str, expected: bool
) -> None:
    """The page on keys with several values: "a null dataset, such as an empty string"."""
    assert holds(operator, [""], "") is expected
    assert holds(operator, [""]) is holds(operator, [""], has_key=False)


def test_null_asks_whether_a_key_is_there() -> None:
    assert holds("Null", ["true"], has_key=False)
    assert not holds("Null", ["true"], "a")
    assert holds("Null", ["false"], "a")
    assert not holds("Null", ["false"], has_key=False)
    assert holds("Null", ["True"])
    assert holds("Null", ["false"], "")


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
        ("BinaryEquals", "é"),
        ("BinaryEquals", "YQ"),
        ("Bool", ""),
        ("Bool", "1"),
        ("IpAddress", "999.0.0.1"),
        ("IpAddress", "203.0.113.0/33"),
        ("IpAddress", "203.0.113.0/255.255.255.0"),
        ("IpAddress", "203.0.113.0/٢٤"),
        ("IpAddress", "203.0.113.0/-1"),
        ("IpAddress", "2001:db8::/129"),
        ("IpAddress", "fe80::1%eth0"),
        ("IpAddress", "203.0.113.*"),
        ("IpAddress", "2130706433"),
        ("IpAddress", ""),
        ("NumericEquals", ""),
        ("NumericEquals", "1_0"),
        ("NumericEquals", " 1"),
        ("NumericEquals", "0x1"),
        ("NumericEquals", "1*"),
        ("NumericEquals", "9" * 101),
        ("NumericEquals", "1e999"),
        ("DateEquals", "2024-W01-1"),
        ("DateEquals", "2024-13-01"),
        ("DateEquals", "2024-01-01 00:00:00"),
        ("DateEquals", "2024-01-01T00"),
        ("DateEquals", "²"),
        ("StringEqualsifexists", "a"),
        ("stringequals", "a"),
        ("ForAllValues:", "a"),
        ("ForAllValues:ForAnyValue:StringEquals", "a"),
        ("StringEqualsIfExistsIfExists", "a"),
        ("ForAnyValue:Null", "true"),
        ("BinaryNotEquals", "YQ=="),
        ("BoolNotEquals", "true"),
        ("", "a"),
    ],
)
def test_what_cannot_be_understood_is_refused(operator: str, wanted: str) -> None:
    with pytest.raises(InvalidConditionError):
        compile_condition(operator, KEY, [wanted], has_variables=True)
