"""iam/document.py: what is a policy, and what a statement of it speaks of."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from ferrox.iam.document import Kind, PolicyError, Question, parse

STATEMENT: dict[str, Any] = {
    "Effect": "Allow",
    "Principal": "*",
    "Action": "s3:GetObject",
    "Resource": "arn:aws:s3:::photos/*",
}
IDENTITY = {name: value for name, value in STATEMENT.items() if name != "Principal"}
CAT = "arn:aws:s3:::photos/cat.png"


def text(*statements: dict[str, Any], version: str = "2012-10-17") -> str:
    return json.dumps({"Version": version, "Statement": list(statements)})


def applies(change: dict[str, Any], action: str, resource: str, **values: str) -> bool:
    """Whether a statement with this change speaks of the action on the resource."""
    entry = {name: value for name, value in (STATEMENT | change).items() if value is not None}
    (statement,) = parse(text(entry), Kind.RESOURCE).statements
    known = {name.replace("_", ":"): (value,) for name, value in values.items()}
    return statement.is_about(action) and statement.applies(Question(action, resource, known))


@pytest.mark.parametrize(
    ("change", "action", "resource", "expected"),
    [
        ({}, "s3:GetObject", CAT, True),
        ({}, "s3:PutObject", CAT, False),
        ({}, "s3:GetObject", "arn:aws:s3:::other/cat.png", False),
        ({"Action": "S3:getobject"}, "s3:GetObject", CAT, True),
        ({"Action": ["s3:Put*", "s3:Get*"]}, "s3:GetObject", CAT, True),
        ({"Action": "*"}, "iam:CreateUser", CAT, True),
        ({"Action": None, "NotAction": "s3:Put*"}, "s3:GetObject", CAT, True),
        ({"Action": None, "NotAction": "s3:Get*"}, "s3:GetObject", CAT, False),
        ({"Resource": ["arn:aws:s3:::a/*", "arn:aws:s3:::photos/*"]}, "s3:GetObject", CAT, True),
        ({"Resource": None, "NotResource": "arn:aws:s3:::a/*"}, "s3:GetObject", CAT, True),
        ({"Resource": None, "NotResource": "arn:aws:s3:::photos/*"}, "s3:GetObject", CAT, False),
    ],
)
def test_a_statement_speaks_of_actions_and_resources(
    change: dict[str, Any], action: str, resource: str, expected: bool
) -> None:
    assert applies(change, action, resource) is expected


def test_all_conditions_of_a_statement_must_hold() -> None:
    condition = {
        "StringEquals": {"s3:prefix": "a", "s3:delimiter": "/"},
        "Bool": {"aws:SecureTransport": True},
    }
    change = {"Condition": condition}

    assert applies(
        change, "s3:GetObject", CAT, s3_prefix="a", s3_delimiter="/", aws_securetransport="true"
    )
    assert not applies(change, "s3:GetObject", CAT, s3_prefix="a", s3_delimiter="/")
    assert not applies(
        change, "s3:GetObject", CAT, s3_prefix="a", s3_delimiter="-", aws_securetransport="true"
    )


def test_only_the_newer_version_knows_variables() -> None:
    entry = STATEMENT | {"Resource": "arn:aws:s3:::photos/${aws:username}"}
    question = Question("s3:GetObject", "arn:aws:s3:::photos/ada", {"aws:username": ("ada",)})

    (newer,) = parse(text(entry), Kind.RESOURCE).statements
    (older,) = parse(text(entry, version="2008-10-17"), Kind.RESOURCE).statements

    assert newer.applies(question)
    assert not older.applies(question)


def test_one_statement_need_not_be_in_a_list() -> None:
    document = parse(json.dumps({"Statement": STATEMENT}), Kind.RESOURCE, "the policy")

    assert len(document.statements) == 1
    assert document.name == "the policy"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"Effect": None}, "Missing required field Effect"),
        ({"Effect": "allow"}, "Invalid effect: allow"),
        ({"Effect": ["Allow"]}, "Could not parse the policy: Effect must be a string"),
        ({"Principal": None}, "Missing required field Principal"),
        ({"Principal": "ada"}, "Invalid principal in policy"),
        ({"Principal": {}}, "Invalid principal in policy"),
        ({"Principal": {"AWS": "arn:aws:iam::123:user/ada"}}, "Invalid principal in policy"),
        ({"Principal": {"AWS": [7]}}, "Invalid principal in policy"),
        ({"Principal": {"Person": "ada"}}, "Invalid principal in policy"),
        ({"Principal": {"CanonicalUser": "x"}}, "Invalid principal in policy"),
        ({"Principal": {"Service": "x"}}, "Invalid principal in policy"),
        ({"NotPrincipal": "*"}, "Invalid principal in policy"),
        ({"Action": None}, "Missing required field Action"),
        ({"Action": []}, "Policy has invalid action"),
        ({"Action": "GetObject"}, "Policy has invalid action"),
        ({"Action": {"s3": "GetObject"}}, "Policy has invalid action"),
        ({"NotAction": "s3:GetObject"}, "Policy has invalid action"),
        ({"Resource": None}, "Missing required field Resource"),
        ({"Resource": "photos/*"}, "Policy has invalid resource"),
        ({"Resource": []}, "Policy has invalid resource"),
        ({"Condition": "x"}, "Could not parse the policy: Condition must be an object"),
        ({"Condition": {"StringSounds": {"a": "b"}}}, "Invalid Condition type : StringSounds"),
        ({"Condition": {"Bool": "x"}}, "Could not parse the policy: Bool must be an object"),
        (
            {"Condition": {"StringEquals": {"a": [{}]}}},
            "Could not parse the policy: a condition value must be a string",
        ),
        (
            {"Condition": {"NumericEquals": {"a": 1e400}}},
            "This policy contains invalid Json",
        ),
        (
            {"Condition": {"BinaryEquals": {"a": "é"}}},
            "Invalid Base64 value for binary condition",
        ),
        ({"Sid": 7}, "Could not parse the policy: Sid must be a string"),
        ({"Effekt": "Allow"}, "Unknown field Effekt"),
    ],
)
def test_a_statement_that_is_none_is_refused_in_the_words_of_aws(
    change: dict[str, Any], message: str
) -> None:
    entry = {name: value for name, value in (STATEMENT | change).items() if value is not None}

    with pytest.raises(PolicyError) as refusal:
        parse(text(entry), Kind.RESOURCE)

    assert message == str(refusal.value)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("", "Policies must be valid JSON and the first byte must be '{'"),
        ("[]", "Policies must be valid JSON and the first byte must be '{'"),
        ("[" * 100_000, "Policies must be valid JSON and the first byte must be '{'"),
        ('{"Version": "2012-10-17", "Version": "x"}', "This policy contains invalid Json"),
        ('{"a": ' + "[" * 100_000, "This policy contains invalid Json"),
        ('{"a": NaN}', "This policy contains invalid Json"),
        ('{"a": -Infinity}', "This policy contains invalid Json"),
        ('{"\\ud800": 1}', "This policy contains invalid Json"),
        ('{"a": ["\\uDFFF"]}', "This policy contains invalid Json"),
        ('{"\\ud83d\\ude00": 1}', "Unknown field \N{GRINNING FACE}"),
        ('{"\\\\ud800": 1}', "Unknown field \\ud800"),
        ('{"a": 1' + "0" * 5_000 + "}", "This policy contains invalid Json"),
        ('{"Id": 7}', "Could not parse the policy: Id must be a string"),
        ("{}", "Missing required field Statement"),
        ('{"Statement": []}', "Could not parse the policy: Statement is empty!"),
        ('{"Statement": ["x"]}', "Could not parse the policy: Statement must be an object"),
        ('{"Version": "2020-01-01"}', "The policy must contain a valid version string"),
        ('{"Statements": []}', "Unknown field Statements"),
    ],
)
def test_a_document_that_is_none_is_refused_in_the_words_of_aws(
    document: str, message: str
) -> None:
    with pytest.raises(PolicyError) as refusal:
        parse(document, Kind.RESOURCE)

    assert str(refusal.value).startswith(message)


def test_a_sid_names_one_statement() -> None:
    with pytest.raises(PolicyError, match="must be unique"):
        parse(text(STATEMENT | {"Sid": "a"}, STATEMENT | {"Sid": "a"}), Kind.RESOURCE)


def test_the_policy_of_an_identity_names_no_principal() -> None:
    assert parse(text(IDENTITY), Kind.IDENTITY).statements
    with pytest.raises(PolicyError, match="should not specify a principal"):
        parse(text(STATEMENT), Kind.IDENTITY)


def test_the_policy_of_a_role_names_no_resource() -> None:
    trust = {name: value for name, value in STATEMENT.items() if name != "Resource"}

    (statement,) = parse(text(trust | {"Action": "sts:AssumeRole"}), Kind.TRUST).statements

    assert statement.applies(Question("sts:AssumeRole", "", {}))
    with pytest.raises(PolicyError, match="prohibited field Resource"):
        parse(text(STATEMENT), Kind.TRUST)


def test_a_check_sees_each_statement() -> None:
    seen: list[Mapping[str, Sequence[str]]] = []
    condition = {"StringEquals": {"S3:Prefix": "a"}}

    parse(text(STATEMENT | {"Condition": condition}), Kind.RESOURCE, check=seen.append)

    assert seen == [
        {
            "Action": ["s3:GetObject"],
            "Resource": ["arn:aws:s3:::photos/*"],
            "Condition": ["s3:prefix"],
        }
    ]


def test_a_document_in_bytes_is_utf_8() -> None:
    document = text(STATEMENT | {"Sid": "é"})

    assert parse(document.encode(), Kind.RESOURCE).statements
    for encoding in ("utf-16", "utf-32", "latin-1"):
        raw = document.replace("\\u00e9", "é").encode(encoding)
        with pytest.raises(PolicyError):
            parse(raw, Kind.RESOURCE)


def test_a_number_beyond_all_numbers_is_no_value() -> None:
    document = text(STATEMENT | {"Condition": {"StringEquals": {"a": "x"}}}).replace('"x"', "1e999")

    with pytest.raises(PolicyError, match="a condition value must be a string"):
        parse(document, Kind.RESOURCE)


def test_half_a_character_is_refused_with_words_that_can_be_sent() -> None:
    """It was repeated in the refusal, which then could not be encoded."""
    text = '{"\udcffVersion": "2012-10-17", "Statement": []}'

    with pytest.raises(PolicyError, match="invalid Json") as refusal:
        parse(text, Kind.RESOURCE)

    str(refusal.value).encode()
