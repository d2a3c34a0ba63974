"""Conditions: precedence, boundaries, and which error says what."""

import pytest

from ferrox.errors import NoSuchKey, NotModified, PreconditionFailed, S3Error
from ferrox.protocol import conditions
from ferrox.protocol.dates import http_date
from ferrox.records import VersionRecord

TAG = "d41d8cd98f00b204e9800998ecf8427e"
QUOTED = f'"{TAG}"'
MODIFIED_MS = 1_700_000_000_417
NOW_MS = MODIFIED_MS + 60_000
SAME_SECOND_MS = MODIFIED_MS // 1000 * 1000
BEFORE_MS = SAME_SECOND_MS - 1000
AFTER_MS = SAME_SECOND_MS + 1000
FUTURE_MS = NOW_MS + 3_600_000

VERSION = VersionRecord(
    version=1,
    bucket_id=1,
    key="k",
    version_id="null",
    is_delete_marker=False,
    size_bytes=6,
    modified_ms=MODIFIED_MS,
    etag=TAG,
    storage_class="STANDARD",
    owner_id="o",
    headers={},
    user_metadata={},
    tags={},
    checksum=None,
    parts=(),
    extents=(),
)


def read(
    if_match: str | None = None,
    if_none_match: str | None = None,
    if_modified_since: int | None = None,
    if_unmodified_since: int | None = None,
) -> str:
    """How a read with these conditions ends: "200", "304" or the condition that failed."""
    try:
        conditions.check_read(
            if_match=if_match,
            if_none_match=if_none_match,
            if_modified_since=if_modified_since,
            if_unmodified_since=if_unmodified_since,
            etag=TAG,
            modified_ms=MODIFIED_MS,
            now_ms=NOW_MS,
        )
    except NotModified:
        return "304"
    except PreconditionFailed as error:
        return str(error.details["Condition"])
    return "200"


def copy(
    if_match: str | None = None,
    if_none_match: str | None = None,
    if_modified_since: int | None = None,
    if_unmodified_since: int | None = None,
) -> str:
    """How a copy with these conditions on its source ends."""
    try:
        conditions.check_source(
            conditions.COPY_SOURCE,
            if_match=if_match,
            if_none_match=if_none_match,
            if_modified_since=if_modified_since,
            if_unmodified_since=if_unmodified_since,
            etag=TAG,
            modified_ms=MODIFIED_MS,
            now_ms=NOW_MS,
        )
    except PreconditionFailed as error:
        return str(error.details["Condition"])
    return "200"


def test_a_read_without_conditions_is_answered() -> None:
    assert read() == "200"


def test_a_single_condition_decides() -> None:
    assert read(if_match=QUOTED) == "200"
    assert read(if_match=TAG) == "200"
    assert read(if_match="other") == "If-Match"
    assert read(if_match="W/" + QUOTED) == "If-Match"
    assert read(if_none_match="other") == "200"
    assert read(if_none_match=QUOTED) == "304"
    assert read(if_none_match="W/" + QUOTED) == "304"
    assert read(if_none_match="*") == "304"
    assert read(if_unmodified_since=BEFORE_MS) == "If-Unmodified-Since"
    assert read(if_unmodified_since=AFTER_MS) == "200"
    assert read(if_modified_since=BEFORE_MS) == "200"
    assert read(if_modified_since=AFTER_MS) == "304"


def test_the_second_of_the_modification_counts_as_unmodified() -> None:
    """Last-Modified has no milliseconds: sending it back must not find a newer object."""
    assert read(if_unmodified_since=SAME_SECOND_MS) == "200"
    assert read(if_modified_since=SAME_SECOND_MS) == "304"


def test_a_date_in_the_future_is_ignored() -> None:
    assert read(if_modified_since=FUTURE_MS) == "200"
    assert read(if_unmodified_since=FUTURE_MS) == "200"


def test_a_matching_tag_overrides_the_date_beside_it() -> None:
    assert read(if_match=TAG, if_unmodified_since=BEFORE_MS) == "200"
    assert read(if_none_match=TAG, if_modified_since=BEFORE_MS) == "304"
    assert read(if_none_match="other", if_modified_since=AFTER_MS) == "200"


def test_a_failed_match_comes_before_not_modified() -> None:
    assert read(if_match="other", if_none_match=TAG) == "If-Match"
    assert read(if_match=TAG, if_none_match=TAG) == "304"


def test_not_modified_says_what_the_client_has() -> None:
    with pytest.raises(NotModified) as answer:
        conditions.check_read(
            if_match=None,
            if_none_match=TAG,
            if_modified_since=None,
            if_unmodified_since=None,
            etag=TAG,
            modified_ms=MODIFIED_MS,
            now_ms=NOW_MS,
        )

    assert {"etag": QUOTED, "last-modified": http_date(MODIFIED_MS)} == answer.value.headers


def test_every_failed_condition_on_a_copy_source_is_412() -> None:
    assert copy() == "200"
    assert copy(if_match=TAG, if_unmodified_since=BEFORE_MS) == "200"
    assert copy(if_match="other") == "x-amz-copy-source-If-Match"
    assert copy(if_none_match=TAG, if_modified_since=BEFORE_MS) == (
        "x-amz-copy-source-If-None-Match"
    )
    assert copy(if_modified_since=AFTER_MS) == "x-amz-copy-source-If-Modified-Since"
    assert copy(if_unmodified_since=BEFORE_MS) == "x-amz-copy-source-If-Unmodified-Since"
    assert copy(if_match=TAG, if_none_match="other") == "200"


@pytest.mark.parametrize(
    ("if_match", "if_none_match", "current_etag", "expected"),
    [
        (None, None, None, None),
        (None, None, TAG, None),
        (None, "*", None, None),
        (None, "*", TAG, "PreconditionFailed"),
        (None, "", None, "NotImplemented"),
        ("", None, None, "InvalidArgument"),
        ("", None, TAG, "InvalidArgument"),
        (None, QUOTED, None, "NotImplemented"),
        (None, QUOTED, TAG, "NotImplemented"),
        (TAG, "*", TAG, "NotImplemented"),
        (TAG, None, TAG, None),
        (QUOTED, None, TAG, None),
        ("*", None, TAG, "NotImplemented"),
        ("other", None, TAG, "PreconditionFailed"),
        (TAG, None, None, "NoSuchKey"),
        ("*", None, None, "NotImplemented"),
    ],
)
def test_a_write_is_guarded_by_the_current_etag(
    if_match: str | None, if_none_match: str | None, current_etag: str | None, expected: str | None
) -> None:
    outcome = None
    try:
        conditions.check_write(if_match, if_none_match, current_etag)
    except S3Error as error:
        outcome = error.code

    assert expected == outcome


def test_a_failed_write_names_its_condition() -> None:
    with pytest.raises(PreconditionFailed) as refused:
        conditions.check_write(None, "*", TAG)
    assert {"Condition": "If-None-Match"} == refused.value.details

    with pytest.raises(PreconditionFailed) as refused:
        conditions.check_write("other", None, TAG)
    assert {"Condition": "If-Match"} == refused.value.details


def failed_delete(
    if_match: str | None, if_time: int | None, if_size: int | None, version: VersionRecord | None
) -> str | None:
    """The condition that keeps something from being deleted."""
    try:
        conditions.check_delete(if_match, if_time, if_size, version)
    except PreconditionFailed as refused:
        return str(refused.details["Condition"])
    return None


@pytest.mark.parametrize(
    ("if_match", "if_time", "if_size"),
    [
        (None, None, None),
        (QUOTED, None, None),
        ("*", None, None),
        (TAG, SAME_SECOND_MS, 6),
        (None, SAME_SECOND_MS, None),
        (None, None, 6),
    ],
)
def test_a_delete_whose_conditions_hold_goes_on(
    if_match: str | None, if_time: int | None, if_size: int | None
) -> None:
    assert failed_delete(if_match, if_time, if_size, VERSION) is None


@pytest.mark.parametrize(
    ("if_match", "if_time", "if_size", "condition"),
    [
        ("other", SAME_SECOND_MS, 6, "If-Match"),
        (TAG, AFTER_MS, 6, "x-amz-if-match-last-modified-time"),
        (TAG, SAME_SECOND_MS, 7, "x-amz-if-match-size"),
        (None, None, 0, "x-amz-if-match-size"),
    ],
)
def test_a_delete_whose_condition_fails_is_refused(
    if_match: str | None, if_time: int | None, if_size: int | None, condition: str
) -> None:
    assert condition == failed_delete(if_match, if_time, if_size, VERSION)


@pytest.mark.parametrize("if_match", ["*", TAG])
def test_a_delete_that_wants_an_object_finds_none(if_match: str) -> None:
    with pytest.raises(NoSuchKey):
        conditions.check_delete(if_match, None, None, None)


def test_time_and_size_hold_where_nothing_is_left_to_delete() -> None:
    assert failed_delete(None, BEFORE_MS, 99, None) is None


@pytest.mark.parametrize(
    ("since", "unless_since", "modified", "failed"),
    [
        (None, None, None, None),
        (5_000, None, None, "If-Modified-Since"),
        (None, 5_000, None, None),
        (5_000, None, 5_000, "If-Modified-Since"),
        (5_000, None, 6_000, None),
        (None, 5_000, 5_999, None),
        (None, 5_000, 6_000, "If-Unmodified-Since"),
        (99_000, 1_000, 6_000, "If-Unmodified-Since"),
    ],
)
def test_the_date_of_what_a_rename_would_replace(
    since: int | None, unless_since: int | None, modified: int | None, failed: str | None
) -> None:
    found = None
    try:
        conditions.check_target_dates(since, unless_since, modified, now_ms=50_000)
    except PreconditionFailed as refusal:
        found = refusal.details["Condition"]

    assert failed == found
