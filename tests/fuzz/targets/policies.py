"""Policy documents: read twice alike, decided without a fault, and a denial of all wins."""

import json
from typing import Any

from ferrox.iam import context_keys, document
from ferrox.iam.document import Document, Kind, PolicyError, Question
from ferrox.iam.evaluate import Attached, decide
from ferrox.identity import Principal, PrincipalKind
from tests.fuzz.target import Target

_KINDS = {ord("i"): Kind.IDENTITY, ord("r"): Kind.RESOURCE, ord("t"): Kind.TRUST}
_ALICE = Principal(
    "111122223333",
    "c",
    "owner",
    "arn:aws:iam::111122223333:user/alice",
    "AKIA",
    PrincipalKind.USER,
    user_id="AIDA",
    user_name="alice",
)
_VALUES: dict[str, tuple[str, ...]] = {
    "aws:username": ("alice",),
    "aws:sourceip": ("192.0.2.7",),
    "aws:currenttime": ("2013-05-24T00:00:00Z",),
    "aws:securetransport": ("true",),
    "aws:tagkeys": ("team", "cost*"),
    "s3:prefix": ("home/alice/",),
    "s3:max-keys": ("10",),
    "s3:x-amz-acl": ("",),
    "aws:principalarn": (_ALICE.arn,),
}
_QUESTIONS = tuple(
    Question(action, resource, _VALUES)
    for action, resource in (
        ("s3:GetObject", "arn:aws:s3:::bucket/home/alice/a?b*${x}"),
        ("s3:ListBucket", "arn:aws:s3:::bucket"),
        ("sts:AssumeRole", "arn:aws:iam::111122223333:role/reader"),
    )
)
_DENIAL = {"Sid": "last", "Effect": "Deny", "Action": "*"}


def check(data: bytes) -> None:
    """Read a policy whose first letter says what it is attached to, and ask it something."""
    kind = _KINDS.get(data[0]) if data else None
    if kind is None:
        return
    policy = _parsed(data[1:], kind)
    if policy is None:
        return
    text = data[1:].decode()
    context_keys.context_keys([text])
    again = _parsed(json.dumps(json.loads(text)).encode(), kind)
    assert again is not None
    plain = json.loads(text)
    statements = plain["Statement"]
    plain["Statement"] = statements if isinstance(statements, list) else [statements]
    plain["Statement"].append(_denial(kind))
    closed = _parsed(json.dumps(plain).encode(), kind)
    for question in _QUESTIONS:
        verdicts = [decide(question, _attached(one, kind)) for one in (policy, policy, again)]
        assert len({one.verdict for one in verdicts}) == 1
        if closed is not None:  # its last statement may have a Sid that is there already
            assert not decide(question, _attached(closed, kind)).is_allowed


def _parsed(text: bytes, kind: Kind) -> Document | None:
    try:
        return document.parse(text, kind, "policy")
    except PolicyError:
        return None


def _denial(kind: Kind) -> dict[str, Any]:
    match kind:
        case Kind.IDENTITY:
            return _DENIAL | {"Resource": "*"}
        case Kind.RESOURCE:
            return _DENIAL | {"Resource": "*", "Principal": "*"}
        case Kind.TRUST:
            return _DENIAL | {"Principal": "*"}


def _attached(policy: Document, kind: Kind) -> Attached:
    if kind is Kind.IDENTITY:
        return Attached(_ALICE, True, identity=(policy,))
    return Attached(_ALICE, True, resource=policy, must_be_named=kind is Kind.TRUST)


def _policy(kind: str, **statement: Any) -> bytes:
    body = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:*"} | statement],
    }
    return kind.encode() + json.dumps(body).encode()


_OPERATORS = (
    *(
        "StringEquals",
        "StringNotEqualsIgnoreCase",
        "StringLike",
        "NumericLessThan",
        "DateGreaterThan",
    ),
    *("Bool", "BinaryEquals", "IpAddress", "NotIpAddress", "ArnLike", "ArnNotEquals", "Null"),
    *("ForAllValues:StringLike", "ForAnyValue:StringEquals", "StringEqualsIfExists"),
)
TARGET = Target(
    check,
    seeds=(
        _policy("i", Resource="arn:aws:s3:::bucket/home/${aws:username}/*"),
        _policy(
            "r", Resource=["arn:aws:s3:::b*t", "arn:aws:s3:::b?cket/*"], Principal={"AWS": "*"}
        ),
        _policy("t", Action="sts:AssumeRole", Principal={"AWS": "111122223333"}),
        _policy("r", NotResource="*", NotPrincipal={"AWS": _ALICE.arn}, Sid="a", Effect="Deny"),
        _policy("i", Resource="*", Condition={"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}),
        _policy("i", Resource="*", Condition={"NumericLessThan": {"s3:max-keys": "1e2"}}),
        _policy("i", Resource="*", Condition={"DateGreaterThan": {"aws:CurrentTime": "2010-01"}}),
        _policy("i", Resource="*", Condition={"Null": {"s3:prefix": True}}),
        _policy("i", Resource="*", Condition={"ForAllValues:StringLike": {"aws:TagKeys": ["t*"]}}),
        _policy("i", Resource="*", Condition={"StringLike": {"s3:prefix": "${a, 'home'}/${*}*"}}),
        _policy("i", Resource="*", Condition={"BinaryEquals": {"s3:x": "QUJD"}}),
        _policy("i", Resource="*", Condition={"ArnLike": {"aws:PrincipalArn": "arn:*:iam:*:*:*"}}),
    ),
    words=(
        *(f'"{one}":'.encode() for one in _OPERATORS),
        *(b'"NotAction":', b'"NotResource":', b'"NotPrincipal":', b'"Principal":', b'"Condition":'),
        *(
            b'"Effect":"Deny"',
            b"${aws:username}",
            b"${*}",
            b"${",
            b"}",
            b", '",
            b"*",
            b"?",
            b"\\ud800",
        ),
        *(
            b"arn:aws:s3:::",
            b"1e99",
            b"-0",
            b"2008-10-17",
            b"0.0.0.0/0",
            b"::1",
            b'"aws:SourceIp":',
        ),
    ),
)
