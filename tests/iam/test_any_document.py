"""Whatever is sent as a policy is one, or is refused as none; and what is one can be asked."""

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

import pytest
from hypothesis import example, find, given
from hypothesis import strategies as st

from ferrox.iam.actions import check_bucket_statement
from ferrox.iam.conditions import InvalidConditionError, compile_condition
from ferrox.iam.document import Document, Kind, PolicyError, Question, parse
from ferrox.iam.public import is_public

QUANTIFIERS = ("", "ForAllValues:", "ForAnyValue:")
VALUES_OF: Mapping[str, str] = {
    "StringEquals": "${aws:username}",
    "StringNotEquals": "a",
    "StringEqualsIgnoreCase": "A",
    "StringLike": "a*${aws:username}?*",
    "NumericLessThan": "10",
    "DateGreaterThan": "2024-01-01T00:00:00Z",
    "Bool": "true",
    "BinaryEquals": "YQ==",
    "IpAddress": "203.0.113.0/24",
    "NotIpAddress": "2001:db8::/32",
    "ArnLike": "arn:aws:iam::*:user/*a*",
    "ArnNotEquals": "arn:*:iam::${aws:userid}:user/?",
}
"""Each operator that compares in a way of its own, and a value that it takes."""

FRAGMENTS = st.sampled_from(
    [
        *("*", "?", "${", "}", "$", "aws:username", "${aws:username}", "${*}", ", 'x'", "'", " "),
        *("arn:", "aws:", "s3:", ":", "::", "/", "GetObject", "Get*", "bucket", "iam", "true"),
        *("10", "1.5", "-", "e", "2024-01-01", "T00:00:00Z", "+23:59", "203.0.113.0", "/24", "::1"),
        *("YQ==", "é", "\0", "\U0001f600", "\udcff", ".", "\\", "\n"),
    ]
)
TEXTS = st.lists(FRAGMENTS, max_size=8).map("".join) | st.text(max_size=6)
SCALARS = TEXTS | st.none() | st.booleans() | st.integers() | st.floats()
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3)
)
WILD = st.lists(st.sampled_from(["*", "?", "/", "a", ":", "${aws:username}", "${*}"]), max_size=6)
ARNS = WILD.map(lambda parts: "arn:aws:s3:::bucket" + "".join(parts)) | st.just("*")
PRINCIPALS = st.sampled_from(["*", "123456789012", "arn:aws:iam::123456789012:user/ada"])
ACTIONS = st.sampled_from(["s3:GetObject", "s3:*", "*", "s3:Get?bject*", "s3:List*"])
KEYS = st.sampled_from(["aws:SourceIp", "s3:prefix", "aws:CurrentTime", "s3:ExistingObjectTag/a"])


@st.composite
def conditions(draw: st.DrawFn) -> dict[str, Any]:
    """A block of conditions, of which strings may be compared with any text."""
    block: dict[str, Any] = {}
    for kind in draw(st.sets(st.sampled_from(sorted(VALUES_OF)), max_size=3)):
        quantifier = draw(st.sampled_from(QUANTIFIERS))
        operator = quantifier + kind + draw(st.sampled_from(["", "IfExists"]))
        values: st.SearchStrategy[Any] = st.just(VALUES_OF[kind])
        if kind.startswith(("String", "Arn")):
            values |= TEXTS
        block[operator] = {draw(KEYS): draw(values | st.lists(values, max_size=3))}
    if draw(st.booleans()):
        block["Null"] = {draw(KEYS): draw(st.sampled_from(["true", False]))}
    return block


MEMBERS: Mapping[str, st.SearchStrategy[Any]] = {
    "Sid": TEXTS,
    "Effect": st.sampled_from(["Allow", "Deny"]),
    "Principal": PRINCIPALS.filter("*".__eq__) | st.builds(dict, AWS=st.lists(PRINCIPALS)),
    "NotPrincipal": st.builds(dict, AWS=PRINCIPALS),
    "Action": ACTIONS | st.lists(ACTIONS, min_size=1, max_size=3),
    "NotAction": ACTIONS,
    "Resource": ARNS | st.lists(ARNS, min_size=1, max_size=3),
    "NotResource": ARNS,
    "Condition": conditions(),
}


@st.composite
def statements(draw: st.DrawFn, kind: Kind) -> dict[str, Any]:
    """What a statement has; half of the time with a member too many, too few, or as it is not."""
    names = {"Effect", "Action", "Condition"}
    names |= {"Principal"} if kind is not Kind.IDENTITY else set()
    names |= {"Resource"} if kind is not Kind.TRUST else set()
    spoiled = draw(st.none() | st.sampled_from(sorted(MEMBERS)))
    if spoiled and draw(st.booleans()):
        names ^= {spoiled}
    statement = {name: draw(MEMBERS[name]) for name in sorted(names)}
    return statement if spoiled not in names else statement | {spoiled: draw(ANYTHING)}


def documents(kind: Kind) -> st.SearchStrategy[str]:
    """Documents, most of them as they should be around their statements."""
    made = st.fixed_dictionaries(
        {
            "Version": st.sampled_from(["2012-10-17", "2008-10-17"]),
            "Statement": statements(kind) | st.lists(statements(kind), min_size=1, max_size=3),
        },
        optional={"Id": TEXTS},
    )
    spoiled = st.dictionaries(
        st.sampled_from(["Version", "Statement", "Id", "Other"]), ANYTHING, max_size=1
    )
    return st.builds(lambda one, other: json.dumps(one | other), made, st.just({}) | spoiled)


class Known:
    """Condition keys of a request, whatever is asked for."""

    def __init__(self, found: tuple[str, ...] | None) -> None:
        self._found = found
        self.asked = 0

    def get(self, key: str, /) -> tuple[str, ...] | None:
        self.asked += 1
        return self._found


def read(text: str | bytes, kind: Kind) -> Document | None:
    """The document; None if it is refused with words that can be sent."""
    check = partial(check_bucket_statement, "bucket") if kind is Kind.RESOURCE else None
    try:
        return parse(text, kind, check=check)
    except PolicyError as error:
        str(error).encode()
        return None


def ask(document: Document, found: tuple[str, ...] | None, resource: str) -> None:
    """Ask of each statement all that can be asked."""
    is_public(document)
    for statement in document.statements:
        statement.is_about("s3:GetObject")
        statement.applies(Question("s3:GetObject", resource, Known(found)))


FOUND = st.none() | st.lists(TEXTS, max_size=3).map(tuple)


@pytest.mark.parametrize("kind", Kind)
@given(data=st.data(), found=FOUND, resource=ARNS | TEXTS)
def test_a_document_of_any_members_is_a_policy_or_refused(
    kind: Kind, data: st.DataObject, found: tuple[str, ...] | None, resource: str
) -> None:
    document = read(data.draw(documents(kind)), kind)

    assert document is None or document.statements
    if document is not None:
        ask(document, found, resource)


@pytest.mark.parametrize("kind", Kind)
def test_policies_are_among_these_documents(kind: Kind) -> None:
    assert find(documents(kind), lambda text: read(text, kind) is not None)


POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Id": "an id",
        "Statement": [
            {
                "Sid": "one",
                "Effect": "Allow",
                "Principal": {"AWS": ["123456789012", "arn:aws:iam::123456789012:user/ada"]},
                "Action": ["s3:GetObject", "s3:List*"],
                "Resource": ["arn:aws:s3:::bucket", "arn:aws:s3:::bucket/${aws:username}/*?"],
                "Condition": {
                    "ForAnyValue:StringLikeIfExists": {"aws:PrincipalTag/a": ["x*", "${*}"]},
                    "IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:db8::/32"]},
                    "DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"},
                    "NumericLessThanEquals": {"s3:max-keys": 10},
                    "BinaryEquals": {"aws:a": "YQ=="},
                    "Null": {"s3:prefix": False},
                },
            }
        ],
    }
)


@given(
    st.lists(
        st.tuples(st.integers(0, len(POLICY)), st.integers(0, 6), FRAGMENTS | st.text(max_size=2)),
        min_size=1,
        max_size=4,
    ),
    FOUND,
)
@example([(POLICY.index('"YQ=='), 6, '"é"')], None)
@example([(POLICY.index("10"), 2, "NaN")], None)
@example([(POLICY.index('"one"'), 5, '"\\ud800"')], None)
@example([(POLICY.index("2030"), 20, "0001-01-01T00:00:00+23:59")], ("0001-01-01T00:00:00+23:59",))
def test_a_policy_with_a_slip_of_the_pen_is_a_policy_or_refused(
    slips: list[tuple[int, int, str]], found: tuple[str, ...] | None
) -> None:
    text = POLICY
    for at, length, put_in in slips:
        text = text[:at] + put_in + text[at + length :]

    document = read(text, Kind.RESOURCE)

    assert document is None or document.statements
    if document is not None:
        ask(document, found, "arn:aws:s3:::bucket/ada/x")


def test_the_policy_itself_is_one() -> None:
    assert read(POLICY, Kind.RESOURCE) is not None


@given(st.binary(max_size=40) | st.binary(max_size=40).map(lambda rest: b'{"Statement":' + rest))
def test_any_bytes_are_a_policy_or_refused(raw: bytes) -> None:
    assert read(raw, Kind.RESOURCE) is None


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":'])
@pytest.mark.parametrize("depth", [100, 900, 2_000, 100_000])
@pytest.mark.parametrize(
    "member", ["Action", "Condition", "Effect", "Principal", "Resource", "Sid"]
)
def test_no_depth_is_too_deep_to_be_refused(opening: str, depth: int, member: str) -> None:
    statement = json.loads(POLICY)["Statement"][0] | {member: "here"}
    closing = "".join({"[": "]", "{": "}"}[one] for one in reversed(opening) if one in "[{")
    nested = opening * depth + "1" + closing * depth
    document = json.dumps({"Statement": [statement]}).replace('"here"', nested, 1)

    with pytest.raises(PolicyError) as refusal:
        parse(document, Kind.RESOURCE)

    assert len(str(refusal.value)) < 200


@given(
    st.sampled_from(QUANTIFIERS),
    st.sampled_from(sorted(VALUES_OF)) | TEXTS,
    TEXTS,
    st.lists(TEXTS, max_size=3),
    FOUND,
)
def test_a_condition_asks_once_for_its_key_and_each_variable(
    quantifier: str, kind: str, key: str, wanted: list[str], found: tuple[str, ...] | None
) -> None:
    try:
        condition = compile_condition(quantifier + kind, key, wanted, has_variables=True)
    except InvalidConditionError:
        return
    known = Known(found)

    condition.holds(known)

    variables = sum(value.count("${") for value in wanted)
    assert known.asked <= 1 + variables * len(found or ())
