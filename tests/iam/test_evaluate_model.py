"""iam/evaluate.py against a naive evaluator: whatever is attached, both decide alike."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ferrox.iam.document import Kind, Question, parse
from ferrox.iam.evaluate import Attached, decide
from ferrox.identity import ANONYMOUS, Principal, PrincipalKind
from tests.iam import naive
from tests.iam.naive import Caller, Json, Situation

HERE, THERE = "123456789012", "210987654321"
KINDS = {
    "root": PrincipalKind.ROOT,
    "user": PrincipalKind.USER,
    "role": PrincipalKind.ROLE_SESSION,
    "federated": PrincipalKind.FEDERATED,
}


def callers_of(account: str) -> list[Caller]:
    """One of each kind."""
    iam, sts = f"arn:aws:iam::{account}", f"arn:aws:sts::{account}"
    return [
        Caller("root", account, f"{iam}:root"),
        Caller("user", account, f"{iam}:user/ada"),
        Caller("role", account, f"{sts}:assumed-role/reader/s", f"{iam}:role/reader"),
        Caller("federated", account, f"{sts}:federated-user/bob", f"{iam}:user/ada"),
    ]


CALLERS = [*callers_of(HERE), *callers_of(THERE), Caller("anonymous", "", "*")]
ACTIONS = ["s3:GetObject", "s3:PutObject", "s3:ListBucket"]
ACTION_PATTERNS = ["*", "s3:*", *ACTIONS, "S3:getobject", "s3:Get*", "s3:?utObject", "s3:*Object"]
RESOURCES = [
    "arn:aws:s3:::photos",
    "arn:aws:s3:::photos/ada/cat.png",
    "arn:aws:s3:::photos/*/cat.png",
    "arn:aws:s3:::photos/bob/a:b",
]
RESOURCE_PATTERNS = [
    "*",
    "arn:aws:s3:::*",
    "arn:aws:s3:::photos",
    "arn:aws:s3:::photos/*",
    "arn:aws:s3:::photos*",
    "arn:aws:s3:::photos/${aws:username}/*",
    "arn:aws:s3:::photos/${aws:username, 'bob'}/*",
    "arn:aws:s3:::photos/${*}/cat.png",
    "arn:aws:s3:::photos/???/cat.png",
    "arn:aws:s3:::photos/*:*",
    "arn:*:s3:::photos/*/*.png",
    "arn:aws:*:::photos/ada/cat.png",
]
CONTEXTS = st.fixed_dictionaries(
    {},
    optional={
        "aws:username": st.sampled_from([["ada"], ["*"], ["bob"]]),
        "s3:prefix": st.sampled_from([["a"], ["ada/"], [""]]),
        "aws:tagkeys": st.sampled_from([["a"], ["b"], ["a", "b"]]),
        "s3:max-keys": st.sampled_from([["1"], ["100"]]),
        "aws:securetransport": st.sampled_from([["true"], ["false"]]),
    },
)
CONDITIONS: list[Json] = [
    {operator: {key: wanted}}
    for operator in (
        "StringEquals",
        "StringNotEquals",
        "StringLike",
        "StringNotLike",
        "StringEqualsIfExists",
        "StringNotEqualsIfExists",
        "StringEqualsIgnoreCase",
        "ForAllValues:StringEquals",
        "ForAnyValue:StringLike",
        "ForAnyValue:StringNotEquals",
        "ForAllValues:StringNotEquals",
    )
    for key, wanted in (
        ("s3:prefix", ["a", "${aws:username}/"]),
        ("aws:TagKeys", "a"),
        ("aws:TagKeys", ["a", "b"]),
        ("aws:username", "a*"),
    )
] + [
    {"Null": {"aws:username": "true"}},
    {"Null": {"aws:username": "false"}},
    {"NumericLessThan": {"s3:max-keys": "50"}},
    {"Bool": {"aws:SecureTransport": "true"}},
    {"BoolIfExists": {"aws:SecureTransport": "false"}},
]
NAMES = sorted(
    {
        name
        for one in CALLERS
        for name in (one.arn, one.parent, one.account)
        if name not in {"", "*"}
    }
)


def some(of: list[str]) -> st.SearchStrategy[Any]:
    """One, or several."""
    return st.sampled_from(of) | st.lists(st.sampled_from(of), min_size=1, max_size=2)


def one_of(element: str, of: list[str]) -> st.SearchStrategy[Json]:
    """An element, or the one that means the others."""
    return st.builds(
        lambda is_not, value: {f"Not{element}" if is_not else element: value},
        st.integers(0, 9).map(lambda number: number == 9),
        some(of),
    )


def statement(*, has_principal: bool) -> st.SearchStrategy[Json]:
    """Any statement."""
    pieces = [
        st.sampled_from([*["Allow"] * 5, "Deny"]).map(lambda effect: {"Effect": effect}),
        one_of("Action", ACTION_PATTERNS),
        one_of("Resource", RESOURCE_PATTERNS),
        st.sampled_from([None, None, *CONDITIONS[::2], None, *CONDITIONS[1::2]]).map(
            lambda block: {} if block is None else {"Condition": block}
        ),
    ]
    if has_principal:
        names = st.just("*") | some(["*", *NAMES]).map(lambda value: {"AWS": value})
        pieces.append(
            st.builds(
                lambda is_not, value: {"NotPrincipal" if is_not else "Principal": value},
                st.integers(0, 9).map(lambda number: number == 9),
                names,
            )
        )
    return st.tuples(*pieces).map(lambda found: {k: v for one in found for k, v in one.items()})


def document(*, has_principal: bool = False) -> st.SearchStrategy[Json]:
    """Any policy."""
    return st.lists(statement(has_principal=has_principal), min_size=1, max_size=4).map(
        lambda found: {"Version": "2012-10-17", "Statement": found}
    )


def documents() -> st.SearchStrategy[tuple[Json, ...]]:
    """No policy, or some."""
    return st.lists(document(), max_size=2).map(tuple)


SITUATIONS = st.builds(
    Situation,
    st.sampled_from(CALLERS),
    st.just(HERE),
    documents(),
    st.none() | document(has_principal=True),
    st.none() | document(),
    documents(),
)


@settings(max_examples=600, deadline=None)
@given(SITUATIONS, st.sampled_from(ACTIONS), st.sampled_from(RESOURCES), CONTEXTS)
def test_both_decide_alike(
    situation: Situation, action: str, resource: str, context: dict[str, list[str]]
) -> None:
    values = {key: tuple(found) for key, found in context.items()}

    decision = decide(Question(action, resource, values), attached(situation))

    assert naive.verdict(action, resource, context, situation) == decision.verdict.value


def attached(situation: Situation) -> Attached:
    """The same, as ferrox knows it."""

    def compiled(found: Json, kind: Kind = Kind.IDENTITY) -> Any:
        return parse(json.dumps(found), kind)

    caller = situation.caller
    principal = ANONYMOUS
    if caller.kind != "anonymous":
        principal = Principal(
            caller.account, caller.account * 5, "", caller.arn, "AKIA", KINDS[caller.kind],
            parent_arn=caller.parent,
        )  # fmt: skip
    resource, boundary = situation.resource, situation.boundary
    return Attached(
        principal,
        caller.account == situation.owner,
        [compiled(one) for one in situation.identity],
        None if resource is None else compiled(resource, Kind.RESOURCE),
        None if boundary is None else compiled(boundary),
        [compiled(one) for one in situation.sessions],
        caller.kind == "root",
    )
