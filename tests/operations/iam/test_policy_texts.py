import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrox.iam import document
from ferrox.iam.document import Kind
from ferrox.iam_errors import LimitExceeded, MalformedPolicyDocument
from ferrox.operations.iam import policy_texts

NO_VENDOR = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
NO_ACTIONS = "Policy statement must contain actions."
NO_RESOURCES = "Policy statement must contain resources."
SYNTAX = "Syntax errors in policy."
LEGACY = "The policy failed legacy parsing"


def with_statement(**changes: Any) -> str:
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"} | changes
    kept = {name: value for name, value in statement.items() if value is not None}
    return json.dumps({"Version": "2012-10-17", "Statement": [kept]})


def complaint(text: str) -> str | None:
    try:
        policy_texts.require_inline(text)
    except MalformedPolicyDocument as refusal:
        return refusal.message
    return None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nothing", SYNTAX),
        ("{not json", SYNTAX),
        ("{}", SYNTAX),
        ('{"Version": "2020-01-01", "Statement": []}', SYNTAX),
        ('{"Version": "2012-10-17", "Statement": []}', SYNTAX),
        ('{"Version": "2012-10-17", "Statement": "x"}', SYNTAX),
        (with_statement(Effect=None), SYNTAX),
        (with_statement(Effect="Maybe"), SYNTAX),
        (with_statement(Effect="allow"), LEGACY),
        (with_statement(NotAction="s3:PutObject"), SYNTAX),
        (with_statement(NotResource="*"), SYNTAX),
        (with_statement(Action=123), SYNTAX),
        (with_statement(Resource={}), SYNTAX),
        (with_statement(More="x"), SYNTAX),
        (with_statement(Condition={"Sometimes": {"a:b": "c"}}), SYNTAX),
        (with_statement(Action=None), NO_ACTIONS),
        (with_statement(Action=[]), NO_ACTIONS),
        (with_statement(Resource=None), NO_RESOURCES),
        (with_statement(Resource=[]), NO_RESOURCES),
        (with_statement(Action=""), NO_VENDOR),
        (with_statement(Action="GetObject"), NO_VENDOR),
        (with_statement(Action=None, NotAction=["s3:*", "x"]), NO_VENDOR),
        (with_statement(Action=":Get"), "Vendor  is not valid"),
        (with_statement(Action="iam :Get"), "Vendor iam  is not valid"),
        (with_statement(Action="s3:a:b"), "Actions/Condition can contain only one colon."),
        (with_statement(Action="s3:"), LEGACY),
        (with_statement(Resource="bucket"), 'Resource bucket must be in ARN format or "*".'),
        (
            with_statement(Resource=None, NotResource="bucket"),
            'Resource bucket must be in ARN format or "*".',
        ),
        (
            with_statement(Resource="s3::bucket/*"),
            'Partition "" is not valid for resource "arn::bucket/*:*:*:*".',
        ),
        (
            with_statement(Resource="arn:aws2:s3:::bucket/*"),
            'Partition "aws2" is not valid for resource "arn:aws2:s3:::bucket/*".',
        ),
        (with_statement(Resource="arn:aws:s3::bucket"), LEGACY),
        (with_statement(Resource=["*", "arn:awss3::bucket/*"]), LEGACY),
        (
            with_statement(Resource="arn:aws:s3:us-east-1::bucket"),
            "Resource arn:aws:s3:us-east-1::bucket can not contain region information.",
        ),
        (
            with_statement(Resource="arn:aws:iam:x::user/a"),
            "IAM resource arn:aws:iam:x::user/a cannot contain region information.",
        ),
        (with_statement(Principal="*"), "Policy document should not specify a principal."),
        (
            json.dumps({"Statement": [json.loads(with_statement(Sid="a"))["Statement"][0]] * 2}),
            "Statement IDs (SID) in a single policy must be unique.",
        ),
    ],
)
def test_what_is_no_policy_is_refused_in_the_words_of_iam(text: str, message: str) -> None:
    assert message == complaint(text)


@pytest.mark.parametrize(
    "text",
    [
        with_statement(),
        with_statement(Action=["*", "s3-object-lambda:*"]),
        with_statement(Action=None, NotAction="iam:*"),
        with_statement(Resource=["arn:aws:s3:::bucket/*", "arn:aws:s3:::${aws:username}/*"]),
        with_statement(Resource="arn:*:s3:::bucket"),
        with_statement(Resource="arn:aws:s3:us-east-1:123456789012:accesspoint/x"),
        with_statement(Resource="arn:aws:ec2:us-east-1:123456789012:instance/*"),
        '{"Statement": {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}}',
    ],
)
def test_what_is_a_policy_is_taken(text: str) -> None:
    assert complaint(text) is None


@pytest.mark.parametrize("version", [{}, {"Version": "2008-10-17"}])
def test_a_managed_policy_has_the_version_with_variables(version: dict[str, str]) -> None:
    text = json.dumps({**version, "Statement": json.loads(with_statement())["Statement"]})

    with pytest.raises(MalformedPolicyDocument, match="must be version 2012-10-17 or greater"):
        policy_texts.require_managed(text)


def test_a_managed_policy_may_have_6144_characters_without_white_space() -> None:
    lean = "".join(with_statement(Sid="").split())
    full = lean.replace('"Sid":""', f'"Sid":"{"x" * (6144 - len(lean))}"')

    policy_texts.require_managed(full.replace(",", ",\n\t "))
    with pytest.raises(LimitExceeded, match="Cannot exceed quota for PolicySize: 6144"):
        policy_texts.require_managed(full.replace('"x', '"xx', 1))


_WORDS = st.sampled_from(["*", "s3:*", "s3:a:b", "x", "", "arn:aws:s3:::b", "arn:x", "a:b:c", "${"])
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | _WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORDS, inner, max_size=2),
    max_leaves=4,
)
_STATEMENTS = st.fixed_dictionaries(
    {"Effect": st.sampled_from(["Allow", "Deny", "deny", 1])},
    optional=dict.fromkeys(
        ("Action", "NotAction", "Resource", "NotResource", "Condition", "Principal", "Sid"), _VALUES
    ),
)


@given(st.lists(_STATEMENTS | _VALUES, max_size=3) | _STATEMENTS)
def test_whatever_is_written_is_a_policy_or_refused_in_words(statements: Any) -> None:
    text = json.dumps({"Version": "2012-10-17", "Statement": statements})

    assert complaint(text) or document.parse(text, Kind.IDENTITY).statements
