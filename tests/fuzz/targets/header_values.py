"""Headers with a syntax of their own: ranges, conditions, dates, tags, checksums and others."""

import calendar
from datetime import UTC, datetime

from ferrox.errors import S3Error
from ferrox.protocol import (
    acl,
    checksums,
    conditions,
    dates,
    encryption,
    etag,
    ranges,
    tagging,
    user_metadata,
)
from ferrox.protocol.listing import ContinuationToken
from tests.fuzz.requests import request_of
from tests.fuzz.target import Target, check_refusal

_SIZE = 1000
_ETAG = "0123456789abcdef0123456789abcdef"
_MODIFIED_MS = 1_369_353_600_000


def check(data: bytes) -> None:
    """Read all headers of a request, each in its own way."""
    headers = request_of(data).headers
    for read in (
        _ranges, _conditions, _dates, _tags, _metadata, _checksums, _encryption, _grants, _token,
    ):  # fmt: skip
        try:
            read(headers)
        except S3Error as error:
            check_refusal(error)


def _ranges(headers: dict[str, str]) -> None:
    for read, name in (
        (ranges.resolve, "range"),
        (ranges.copy_source_range, "x-amz-copy-source-range"),
    ):
        span = read(headers.get(name), _SIZE)
        if span is not None:
            assert 0 <= span.start < span.start + span.length <= _SIZE
            shown = ranges.content_range(span, _SIZE).replace(" ", "=").partition("/")[0]
            assert span == ranges.copy_source_range(shown, _SIZE)
    ranges.resolve(headers.get("range"), 0)


def _conditions(headers: dict[str, str]) -> None:
    since = dates.parse_http_date(headers.get("if-modified-since", ""))
    until = dates.parse_http_date(headers.get("if-unmodified-since", ""))
    match, none_match = headers.get("if-match"), headers.get("if-none-match")
    conditions.check_write(match, none_match, None if since else _ETAG)
    conditions.check_read(
        if_match=match,
        if_none_match=none_match,
        if_modified_since=since,
        if_unmodified_since=until,
        etag=_ETAG,
        modified_ms=_MODIFIED_MS,
        now_ms=_MODIFIED_MS + 1,
    )
    if match is not None:
        assert etag.matches(match, _ETAG)
    assert none_match is None or not etag.matches(none_match, _ETAG)


def _dates(headers: dict[str, str]) -> None:
    instant = dates.parse_http_date(headers.get("date", ""))
    if instant is not None and instant % 60_000 != 0:
        assert dates.parse_http_date(dates.http_date(instant)) == instant
    instant = dates.parse_iso8601(headers.get("x-amz-object-lock-retain-until-date", ""))
    if instant is not None and instant >= 0:
        shown = dates.iso8601(instant)
        at = datetime.fromisoformat(shown).replace(tzinfo=UTC)
        assert calendar.timegm(at.timetuple()) == instant // 1000


def _tags(headers: dict[str, str]) -> None:
    tags = tagging.parse_tagging_header(headers.get("x-amz-tagging"))
    assert len(tags) <= tagging.MAX_TAGS
    for name, value in tags.items():
        assert 0 < len(name) <= tagging.MAX_KEY_CHARACTERS
        assert len(value) <= tagging.MAX_VALUE_CHARACTERS
        assert (name + value).encode() is not None


def _metadata(headers: dict[str, str]) -> None:
    metadata = user_metadata.from_headers(headers)
    encoded = user_metadata.encoded(metadata)
    assert all((one.isascii() and one.isprintable()) or "\t" in one for one in encoded.values())
    again = {f"{user_metadata.PREFIX}{name}": value for name, value in encoded.items()}
    assert metadata == user_metadata.from_headers(again)


def _checksums(headers: dict[str, str]) -> None:
    promise = checksums.expectation(headers)
    if promise is not None and promise.value is not None:
        assert checksums.is_value(promise.algorithm, promise.value)
    checksums.content_md5(headers)


def _encryption(headers: dict[str, str]) -> None:
    key = encryption.customer_key(headers)
    assert key is None or key == encryption.customer_key(headers, needs_md5=False)
    assert key is None or key.key
    asked = encryption.asked(headers)
    assert asked is None or asked.context.encode() is not None


def _grants(headers: dict[str, str]) -> None:
    for grantee in acl.named_in_headers(headers):
        assert grantee.permission in acl.GRANT_HEADERS.values()


def _token(headers: dict[str, str]) -> None:
    text = headers.get("continuation-token", "")
    assert ContinuationToken.decode(text).encode() == text


def _head(*lines: str) -> bytes:
    return "\n".join(("GET /b/k", *lines)).encode()


TARGET = Target(
    check,
    seeds=(
        _head("range:bytes=0-9", "x-amz-copy-source-range:bytes=1-2"),
        _head("range:bytes=-5", 'if-match:W/"a", *', f'if-none-match:"{_ETAG}"'),
        _head("if-modified-since:Sat, 29 Oct 1994 19:43:31 GMT", "if-match:*"),
        _head("if-unmodified-since:Saturday, 29-Oct-94 19:43:31 GMT"),
        _head("date:Sat Oct  9 19:43:31 1994", "if-none-match:*"),
        _head("x-amz-object-lock-retain-until-date:2030-01-01T00:00:00.123+01:00"),
        _head("x-amz-tagging:a=1&b%20c=%C3%A9&d="),
        _head("x-amz-meta-a:=?UTF-8?B?w6k=?= =?UTF-8?Q?=C3=A9_?=", "x-amz-meta-b:é"),
        _head("x-amz-checksum-crc32c:AAAAAA==", "x-amz-sdk-checksum-algorithm:CRC32C"),
        _head("x-amz-trailer:x-amz-checksum-sha256", "content-md5:1B2M2Y8AsgTpgAmY7PhCfg=="),
        _head(
            "x-amz-server-side-encryption-customer-algorithm:AES256",
            "x-amz-server-side-encryption-customer-key:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
            "x-amz-server-side-encryption-customer-key-md5:cLyPS3KoaSFGi9jRRBryBw==",
        ),
        _head(
            "x-amz-server-side-encryption:aws:kms",
            "x-amz-server-side-encryption-context:eyJhIjoiYiJ9",
            "x-amz-server-side-encryption-bucket-key-enabled:true",
        ),
        _head(
            'x-amz-grant-read:id="a", uri="http://acs.amazonaws.com/groups/global/AllUsers"',
            "x-amz-grant-full-control:emailAddress=a@b",
        ),
        _head(f"continuation-token:{ContinuationToken('a/é').encode()}"),
    ),
    words=(
        *(
            b"bytes=",
            b"-",
            b",",
            b"W/",
            b'"',
            b"=?UTF-8?Q?",
            b"=?iso-8859-1?B?",
            b"?=",
            b"%",
            b"+00:00",
        ),
        *(b"GMT", b"Feb", b"9999", b"0001-01-01", b"T24:00", b"23:59:60", b"eyJhIjoiXHVkODAwIn0="),
        *(
            b"x-amz-checksum-crc64nvme:",
            b"x-amz-checksum-sha1:",
            b"x-amz-grant-write:",
            b"&",
            b"==",
        ),
    ),
)
