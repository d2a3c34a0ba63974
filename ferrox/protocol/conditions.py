"""Conditional requests: may a read, copy, write or delete go on, given what the key now holds?

https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html and RFC 9110 13.2.2

- A tag condition decides alone: the date condition beside it is then not looked at.
- Dates (milliseconds here) count in whole seconds, as headers do. One in the future is ignored.
- A write or delete with If-Match on a key without a current object is NoSuchKey. "*" is no value
  for the If-Match of a write, as on AWS.
"""

from typing import NoReturn

from ferrox import errors
from ferrox.errors import InvalidArgument, NoSuchKey, NotModified, PreconditionFailed
from ferrox.protocol.dates import http_date
from ferrox.protocol.etag import ANY, matches, quote
from ferrox.records import VersionRecord

COPY_SOURCE = "x-amz-copy-source-"
RENAME_SOURCE = "x-amz-rename-source-"
"""What the names of conditions on sources begin with."""


def check_read(
    *,
    if_match: str | None,
    if_none_match: str | None,
    if_modified_since: int | None,
    if_unmodified_since: int | None,
    etag: str,
    modified_ms: int,
    now_ms: int,
) -> None:
    """Raise NotModified or PreconditionFailed when a GET or HEAD must not answer the object."""
    if if_match is not None or if_unmodified_since is not None:
        failed = _failed_to_be_same(if_match, if_unmodified_since, etag, modified_ms, now_ms)
        if failed:
            raise PreconditionFailed(Condition=failed)
    if if_none_match is not None or if_modified_since is not None:
        failed = _failed_to_differ(if_none_match, if_modified_since, etag, modified_ms, now_ms)
        if failed:
            raise NotModified(
                headers={"etag": quote(etag), "last-modified": http_date(modified_ms)}
            )


def check_source(
    prefix: str,
    *,
    if_match: str | None,
    if_none_match: str | None,
    if_modified_since: int | None,
    if_unmodified_since: int | None,
    etag: str,
    modified_ms: int,
    now_ms: int,
) -> None:
    """Raise PreconditionFailed when a condition on the source of a copy or rename does not hold."""
    failed = None
    if if_match is not None or if_unmodified_since is not None:
        failed = _failed_to_be_same(if_match, if_unmodified_since, etag, modified_ms, now_ms)
    if failed is None and (if_none_match is not None or if_modified_since is not None):
        failed = _failed_to_differ(if_none_match, if_modified_since, etag, modified_ms, now_ms)
    if failed:
        raise PreconditionFailed(Condition=prefix + failed)


def check_target_dates(
    if_modified_since: int | None,
    if_unmodified_since: int | None,
    modified_ms: int | None,
    now_ms: int,
) -> None:
    """Raise PreconditionFailed when what a rename would replace (None: nothing) is of another date.

    What is not there was not modified, neither since a date nor before it.
    """
    if modified_ms is None:
        failed = None if if_modified_since is None else "If-Modified-Since"
    else:
        failed = _failed_to_be_same(None, if_unmodified_since, "", modified_ms, now_ms)
        failed = failed or _failed_to_differ(None, if_modified_since, "", modified_ms, now_ms)
    if failed:
        raise PreconditionFailed(Condition=failed)


def check_write(
    if_match: str | None, if_none_match: str | None, current_etag: str | None, key: str = ""
) -> None:
    """Refuse a write whose condition on the current object (None: there is none) does not hold."""
    if if_none_match is not None:
        if if_match is not None:
            _refuse_header(
                "If-Match,If-None-Match",
                "Multiple conditional request headers present in the request",
            )
        if if_none_match.strip() != ANY:
            _refuse_header("If-None-Match")
        if current_etag is not None:
            raise PreconditionFailed(Condition="If-None-Match")
    elif if_match is not None:
        if not if_match.strip():
            raise InvalidArgument(
                "The value provided for the If-Match query parameter cannot be empty for this API.",
                ArgumentName="If-Match",
            )
        if if_match.strip() == ANY:
            _refuse_header("If-Match")
        if current_etag is None:
            raise NoSuchKey(Key=key)
        if not matches(if_match, current_etag):
            raise PreconditionFailed(Condition="If-Match")


def check_delete(
    if_match: str | None,
    if_match_last_modified_time: int | None,
    if_match_size: int | None,
    current: VersionRecord | None,
    key: str = "",
) -> None:
    """Refuse a delete whose conditions on the current object (None: there is none) do not hold.

    Without a current object, If-Match (even "*") is NoSuchKey on AWS, below a delete marker too
    (measured in ministackorg/ministack#1475), and time and size hold: what was to go is gone. AWS
    evaluates these two in directory buckets only; here they work everywhere.
    """
    if current is None:
        if if_match is not None:
            raise NoSuchKey(Key=key)
        return
    if if_match is not None and not matches(if_match, current.etag):
        raise PreconditionFailed(Condition="If-Match")
    if (
        if_match_last_modified_time is not None
        and if_match_last_modified_time // 1000 != current.modified_ms // 1000
    ):
        raise PreconditionFailed(Condition="x-amz-if-match-last-modified-time")
    if if_match_size is not None and if_match_size != current.size_bytes:
        raise PreconditionFailed(Condition="x-amz-if-match-size")


def _failed_to_be_same(
    if_match: str | None, if_unmodified_since: int | None, etag: str, modified_ms: int, now_ms: int
) -> str | None:
    """Which of the two conditions that want the object unchanged fails."""
    if if_match is not None:
        return None if matches(if_match, etag) else "If-Match"
    if if_unmodified_since is None or if_unmodified_since > now_ms:
        return None
    return "If-Unmodified-Since" if modified_ms // 1000 > if_unmodified_since // 1000 else None


def _failed_to_differ(
    if_none_match: str | None,
    if_modified_since: int | None,
    etag: str,
    modified_ms: int,
    now_ms: int,
) -> str | None:
    """Which of the two conditions that want the object changed fails."""
    if if_none_match is not None:
        return "If-None-Match" if matches(if_none_match, etag, is_weak_allowed=True) else None
    if if_modified_since is None or if_modified_since > now_ms:
        return None
    return "If-Modified-Since" if modified_ms // 1000 <= if_modified_since // 1000 else None


def _refuse_header(header: str, reason: str = "") -> NoReturn:
    raise errors.NotImplemented(
        Header=header,
        additionalMessage=reason
        or f"We don't accept the provided value of {header} header for this API",
    )
