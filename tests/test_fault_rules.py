"""The language of faults: what can be said, what it means, what is refused in which words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrox import fault_rules
from ferrox.fault_rules import FaultRule, Kind, read_rule


def test_a_rule_says_where_what_and_how_often() -> None:
    rule = read_rule("put_object@photos/2026/:503:0.25:7")

    expected = FaultRule(
        "put_object@photos/2026/:503:0.25:7",
        "PUTOBJECT",
        "photos",
        "2026/",
        Kind.REFUSE,
        "SlowDown",
        probability=0.25,
        limit=7,
    )
    assert expected == rule


def test_a_rule_may_say_no_more_than_what_happens_to_what() -> None:
    rule = read_rule("*:reset")

    assert ("*", "", "", Kind.RESET, 1.0, None) == (
        rule.operation, rule.bucket, rule.prefix, rule.kind, rule.probability, rule.limit,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("*:500", "InternalError"),
        ("*:404", "NoSuchKey"),
        ("*:ServiceUnavailable", "ServiceUnavailable"),
        ("*:NoSuchTagSet", "NoSuchTagSet"),
        ("*:delay=250ms", "delay=250ms"),
        ("*:delay=1.5s:0.5", "delay=1500ms"),
        ("*:reset", "reset"),
        ("*:truncate", "truncate"),
        ("get_object:corrupt", "corrupt"),
    ],
)
def test_every_fault_has_a_name(text: str, fault: str) -> None:
    assert fault == read_rule(text).fault


def test_errors_are_those_of_s3() -> None:
    error = fault_rules.error(read_rule("*:503").code)

    assert (503, "SlowDown", "Please reduce your request rate.") == (
        error.status, error.code, error.message,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "operation", "bucket", "key", "is_concerned"),
    [
        ("*:500", "ListBuckets", "", "", True),
        ("put_object:500", "PutObject", "b-1", "k", True),
        ("PutObject:500", "PutObject", "b-1", "k", True),
        ("put_object:500", "PutObjectAcl", "b-1", "k", False),
        ("*@b-1:500", "GetObject", "b-1", "k", True),
        ("*@b-1:500", "GetObject", "b-12", "k", False),
        ("*@b-1:500", "ListBuckets", "", "", False),
        ("*@b-1/a/:500", "GetObject", "b-1", "a/b", True),
        ("*@b-1/a/:500", "GetObject", "b-1", "a", False),
        ("*@b-1/a%3A%2C%25:500", "GetObject", "b-1", "a:,%b", True),
    ],
)
def test_whom_a_rule_concerns(
    rule: str, operation: str, bucket: str, key: str, is_concerned: bool
) -> None:
    spelled = fault_rules.spelled_plainly(operation)

    assert is_concerned == read_rule(rule).concerns(spelled, bucket, key)


def test_rules_are_listed_with_commas() -> None:
    assert ["*:500:0.1", "get_object:reset"] == [
        str(rule) for rule in fault_rules.read("*:500:0.1, get_object:reset")
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is not OPERATION"),
        ("put_object", "is not OPERATION"),
        ("put object:503", "is not OPERATION"),
        ("put_object:503:0.1:x", "is not OPERATION"),
        ("put_object@/k:503", "is not OPERATION"),
        ("put_object:418", "'418' is neither an error of S3 nor one of the statuses 400,"),
        ("put_object:NoSuchThing", "'NoSuchThing' is neither"),
        ("put_object:NotModified", "'NotModified' is neither"),
        ("put_object:503:1.01", "from 0 to 1"),
        ("put_object:503:0.1.2", "'0.1.2' is not a number"),
        ("put_object:delay", "a delay has a time"),
        ("put_object:reset=1s", "nothing else has"),
        ("put_object:delay=0ms", "longer than 0"),
        ("put_object:delay=301s", "at most 300 s"),
        ("put_object:corrupt", "only GetObject can be corrupted"),
    ],
)
def test_what_is_no_rule_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_rule(text)


@given(st.text(alphabet="*aP_@/:.=%0159ms,", max_size=40))
def test_any_text_is_a_rule_or_refused(text: str) -> None:
    try:
        rule = read_rule(text)
    except ValueError:
        return

    assert text == str(rule)
    assert rule == read_rule(str(rule))
