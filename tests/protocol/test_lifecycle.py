"""What rules say, over the examples of AWS's pages:

https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-conflicts.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-configuration-examples.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpu-abort-incomplete-mpu-lifecycle-config.html
"""

from typing import Any

import pytest

from ferrox.lifecycle_records import LifecycleAction, LifecycleVerdict, VersionState
from ferrox.protocol.dates import parse_iso8601
from ferrox.protocol.lifecycle import (
    DAY_MS,
    Due,
    Lifecycle,
    abort_rule_header,
    expiration_header,
)
from ferrox.protocol.plain import from_plain
from ferrox.protocol.shapes.lifecycle import BucketLifecycleConfiguration

EXPIRE = LifecycleAction.EXPIRE
NONCURRENT = LifecycleAction.REMOVE_NONCURRENT
MARKER = LifecycleAction.REMOVE_MARKER


def at(text: str) -> int:
    found = parse_iso8601(text)
    assert found is not None
    return found


def rule(rule_id: str = "rule", **members: Any) -> dict[str, Any]:
    return {"ID": rule_id, "Status": "Enabled", "Filter": {}, **members}


def lifecycle(*rules: dict[str, Any], day_ms: int = DAY_MS) -> Lifecycle:
    return Lifecycle(from_plain(BucketLifecycleConfiguration, {"Rule": list(rules)}), day_ms)


def version(
    key: str = "k",
    *,
    size_bytes: int = 1,
    tags: dict[str, str] | None = None,
    made: str = "2014-01-15T10:30:00Z",
    replaced: str | None = None,
    is_delete_marker: bool = False,
    is_only: bool = False,
    newer_count: int = 0,
) -> VersionState:
    return VersionState(
        key,
        size_bytes,
        tags or {},
        at(made),
        is_delete_marker,
        None if replaced is None else at(replaced),
        is_only,
        lambda: newer_count,
    )


def verdicts(rules: Lifecycle, state: VersionState, before: str, then: str) -> list[Any]:
    """A millisecond before an instant, and at it."""
    assert before == then or at(before) < at(then)
    return [rules.verdict(state, at(before) - 1), rules.verdict(state, at(then))]


# Days (intro-lifecycle-rules, "Lifecycle rules: Based on an object's age", and "… noncurrent")


@pytest.mark.parametrize(
    ("made", "days", "gone"),
    [
        ("2014-01-15T10:30:00Z", 3, "2014-01-19T00:00:00Z"),  # AWS's own example
        ("2014-01-15T23:59:59.999Z", 3, "2014-01-19T00:00:00Z"),
        ("2014-01-16T00:00:00Z", 3, "2014-01-20T00:00:00Z"),
        ("2023-12-31T12:00:00Z", 1, "2024-01-02T00:00:00Z"),
        ("2024-02-28T12:00:00Z", 1, "2024-03-01T00:00:00Z"),
        ("2014-01-15T10:30:00Z", 3650, "2024-01-14T00:00:00Z"),
        ("2014-01-15T10:30:00Z", 2**31 - 1, "9999-12-31T00:00:00Z"),
    ],
)
def test_days_end_at_the_next_midnight(made: str, days: int, gone: str) -> None:
    rules = lifecycle(rule(Expiration={"Days": days}))

    found = verdicts(rules, version(made=made), gone, gone)

    assert [None, LifecycleVerdict(EXPIRE, "rule")] == found
    assert Due(at(gone), "rule") == rules.expiration("k", 1, {}, at(made))


def test_noncurrent_days_count_from_the_making_of_the_successor() -> None:
    rules = lifecycle(rule(NoncurrentVersionExpiration={"NoncurrentDays": 3}))
    state = version(made="2014-01-01T10:30:00Z", replaced="2014-01-15T10:30:00Z")

    found = verdicts(rules, state, "2014-01-19", "2014-01-19")

    assert [None, LifecycleVerdict(NONCURRENT, "rule")] == found


def test_a_date_is_over_for_what_is_made_later_too() -> None:
    rules = lifecycle(rule(Expiration={"Date": at("2014-03-01")}))

    early = verdicts(rules, version(), "2014-03-01", "2014-03-01")
    late = rules.verdict(version(made="2014-04-01"), at("2014-04-01T00:00:01Z"))

    assert [None, LifecycleVerdict(EXPIRE, "rule"), early[1]] == [*early, late]


def test_a_day_can_be_shorter() -> None:
    rules = lifecycle(rule(Expiration={"Days": 2}), day_ms=10_000)

    found = [rules.verdict(version(made="1970-01-01T00:00:05Z"), ms) for ms in (29_999, 30_000)]

    assert [None, LifecycleVerdict(EXPIRE, "rule")] == found


# Which objects (lifecycle-configuration-examples, "Specifying a filter")

TAX = {"Prefix": "tax/"}
BOTH = {
    "And": {
        "Prefix": "tax/",
        "Tag": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}],
        "ObjectSizeGreaterThan": 500,
        "ObjectSizeLessThan": 64_000,
    }
}


@pytest.mark.parametrize(
    ("scope", "state", "is_meant"),
    [
        (TAX, version("tax/doc1.txt"), True),
        (TAX, version("taxes"), False),
        ({}, version("anything"), True),
        ({"Tag": {"Key": "a", "Value": "1"}}, version(tags={"a": "1", "b": "2"}), True),
        ({"Tag": {"Key": "a", "Value": "1"}}, version(tags={"a": "2"}), False),
        ({"Tag": {"Key": "a", "Value": ""}}, version(), False),
        ({"ObjectSizeGreaterThan": 500}, version(size_bytes=501), True),
        ({"ObjectSizeGreaterThan": 500}, version(size_bytes=500), False),
        ({"ObjectSizeGreaterThan": 0}, version(size_bytes=0), False),
        ({"ObjectSizeLessThan": 500}, version(size_bytes=499), True),
        ({"ObjectSizeLessThan": 500}, version(size_bytes=500), False),
        (BOTH, version("tax/1", size_bytes=501, tags={"a": "1", "b": "2"}), True),
        (BOTH, version("tax/1", size_bytes=501, tags={"a": "1"}), False),
        (BOTH, version("tax/1", size_bytes=500, tags={"a": "1", "b": "2"}), False),
        (BOTH, version("tax/1", size_bytes=64_000, tags={"a": "1", "b": "2"}), False),
        (BOTH, version("other", size_bytes=501, tags={"a": "1", "b": "2"}), False),
    ],
)
def test_filters(scope: dict[str, Any], state: VersionState, is_meant: bool) -> None:
    rules = lifecycle(rule(Filter=scope, Expiration={"Days": 1}))

    assert is_meant == (rules.verdict(state, at("2020-01-01")) is not None)


def test_the_prefix_of_an_old_rule_counts() -> None:
    old = {"ID": "old", "Status": "Enabled", "Prefix": "logs/", "Expiration": {"Days": 1}}
    rules = lifecycle(old)

    found = [rules.verdict(version(key), at("2020-01-01")) for key in ("logs/1", "k")]

    assert [LifecycleVerdict(EXPIRE, "old"), None] == found


def test_a_disabled_rule_says_nothing() -> None:
    rules = lifecycle(
        rule(
            Status="Disabled",
            Expiration={"Days": 1},
            AbortIncompleteMultipartUpload={"DaysAfterInitiation": 1},
        )
    )

    assert rules.verdict(version(), at("2020-01-01")) is None
    assert rules.expiration("k", 1, {}, 0) is None
    assert rules.abort("k", 0) is None
    assert ([], []) == (rules.prefixes, rules.upload_prefixes)


# Several rules (lifecycle-conflicts)


def test_example_1_overlapping_prefixes() -> None:
    to_infrequent = [{"Days": 30, "StorageClass": "STANDARD_IA"}]
    rules = lifecycle(
        rule("Rule 1", Expiration={"Days": 365}),
        rule("Rule 2", Filter={"Prefix": "logs/"}, Transition=to_infrequent),
    )

    found = verdicts(rules, version("logs/1"), "2015-01-16", "2015-01-16")

    assert [None, LifecycleVerdict(EXPIRE, "Rule 1")] == found


def test_example_2_removal_takes_precedence_over_transition() -> None:
    rules = lifecycle(
        rule("Rule 1", Expiration={"Days": 365}),
        rule("Rule 2", Transition=[{"Days": 365, "StorageClass": "STANDARD_IA"}]),
    )

    assert LifecycleVerdict(EXPIRE, "Rule 1") == rules.verdict(version(), at("2015-01-16"))


def test_example_4_the_shorter_expiration_of_two_tags_counts() -> None:
    rules = lifecycle(
        rule("Rule 1", Filter={"Tag": {"Key": "tag1", "Value": "v"}}, Expiration={"Days": 365}),
        rule("Rule 2", Filter={"Tag": {"Key": "tag2", "Value": "v"}}, Expiration={"Days": 14}),
    )
    state = version(tags={"tag1": "v", "tag2": "v"})

    found = verdicts(rules, state, "2014-01-30", "2014-01-30")
    later = rules.verdict(state, at("2020-01-01"))

    assert [None, *[LifecycleVerdict(EXPIRE, "Rule 2")] * 2] == [*found, later]
    assert Due(at("2014-01-30"), "Rule 2") == rules.expiration(
        "k", 1, state.tags, state.modified_ms
    )


def test_the_first_of_equal_rules_has_its_way() -> None:
    rules = lifecycle(rule("b", Expiration={"Days": 1}), rule("a", Expiration={"Days": 1}))

    assert LifecycleVerdict(EXPIRE, "b") == rules.verdict(version(), at("2020-01-01"))


# Versions and markers (lifecycle-expire-general-considerations)


def test_expiration_is_about_current_versions_only() -> None:
    rules = lifecycle(rule(Expiration={"Days": 1}))

    assert rules.verdict(version(replaced="2014-01-16"), at("2020-01-01")) is None


def test_noncurrent_expiration_is_about_noncurrent_versions_and_markers() -> None:
    rules = lifecycle(rule(NoncurrentVersionExpiration={"NoncurrentDays": 1}))
    states = [
        version(),
        version(replaced="2014-01-16"),
        version(replaced="2014-01-16", is_delete_marker=True),
        version(is_delete_marker=True, is_only=True),
    ]

    found = [rules.verdict(state, at("2020-01-01")) is not None for state in states]

    assert [False, True, True, False] == found


@pytest.mark.parametrize(
    ("newer_count", "is_removed"), [(0, False), (4, False), (5, True), (6, True)]
)
def test_newer_noncurrent_versions_are_kept(newer_count: int, is_removed: bool) -> None:
    rules = lifecycle(
        rule(
            NoncurrentVersionExpiration={"NoncurrentDays": 1, "NewerNoncurrentVersions": 5},
        )
    )
    state = version(replaced="2014-01-16", newer_count=newer_count)

    assert is_removed == (rules.verdict(state, at("2020-01-01")) is not None)


@pytest.mark.parametrize(
    ("scope", "expiration", "is_only", "is_removed"),
    [
        ({}, {"ExpiredObjectDeleteMarker": True}, True, True),
        ({}, {"ExpiredObjectDeleteMarker": True}, False, False),
        ({}, {"ExpiredObjectDeleteMarker": False}, True, False),
        ({}, {"Days": 1}, True, True),
        ({}, {"Days": 1}, False, False),
        ({}, {"Days": 3000}, True, False),
        ({"Prefix": "k"}, {"Days": 1}, True, True),
        ({"Prefix": "other"}, {"Days": 1}, True, False),
        ({"Tag": {"Key": "a", "Value": "1"}}, {"Days": 1}, True, False),
        ({"ObjectSizeLessThan": 5}, {"Days": 1}, True, False),
    ],
)
def test_delete_markers(
    scope: dict[str, Any], expiration: dict[str, Any], is_only: bool, is_removed: bool
) -> None:
    rules = lifecycle(rule(Filter=scope, Expiration=expiration))
    state = version(is_delete_marker=True, is_only=is_only)

    found = rules.verdict(state, at("2020-01-01"))

    assert (LifecycleVerdict(MARKER, "rule") if is_removed else None) == found


def test_expired_object_delete_marker_says_nothing_of_objects() -> None:
    rules = lifecycle(rule(Expiration={"ExpiredObjectDeleteMarker": True}))

    assert rules.verdict(version(is_only=True), at("2020-01-01")) is None
    assert rules.expiration("k", 1, {}, 0) is None


# Uploads (mpu-abort-incomplete-mpu-lifecycle-config)


def test_uploads_are_aborted_by_the_first_rule_whose_time_is_over() -> None:
    rules = lifecycle(
        rule("week", AbortIncompleteMultipartUpload={"DaysAfterInitiation": 7}),
        rule(
            "day",
            Filter={"Prefix": "logs/"},
            AbortIncompleteMultipartUpload={"DaysAfterInitiation": 1},
        ),
    )
    begun = at("2014-01-15T10:30:00Z")

    found = [rules.abort(key, begun) for key in ("logs/1", "k")]
    moments = (at("2014-01-17") - 1, at("2014-01-17"))
    told = [rules.upload_verdict("logs/1", begun, now_ms) for now_ms in moments]

    assert [Due(at("2014-01-17"), "day"), Due(at("2014-01-23"), "week")] == found
    assert [None, LifecycleVerdict(LifecycleAction.ABORT_UPLOAD, "day")] == told


def test_prefixes_are_those_that_cover_all_rules() -> None:
    abort = {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}}
    rules = lifecycle(
        rule("1", Filter={"Prefix": "b/c"}, Expiration={"Days": 1}),
        rule("2", Filter={"Prefix": "b/"}, Expiration={"Days": 1}),
        rule("3", Filter={"And": {"Prefix": "a", "ObjectSizeLessThan": 1}}, Expiration={"Days": 1}),
        rule("4", Filter={"Prefix": "z"}, **abort),
    )

    assert (["a", "b/", "z"], ["z"]) == (rules.prefixes, rules.upload_prefixes)


# Headers


def test_the_expiration_header_names_date_and_rule() -> None:
    due = Due(at("2012-12-21"), 'Rule for "testfile.txt"/é')

    assert (
        'expiry-date="Fri, 21 Dec 2012 00:00:00 GMT",'
        ' rule-id="Rule%20for%20%22testfile.txt%22%2F%C3%A9"' == expiration_header(due)
    )


def test_a_rule_id_cannot_break_out_of_its_header() -> None:
    assert "my rule%0D%0AX: %C3%A9" == abort_rule_header(Due(0, "my rule\r\nX: é"))
