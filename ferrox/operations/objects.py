"""PutObject, GetObject and HeadObject.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
"""

from collections.abc import Callable
from typing import Any, TypeVar

from ferrox import ids
from ferrox.errors import (
    InvalidPartNumber,
    InvalidRequest,
    MethodNotAllowed,
    NoSuchKey,
    NoSuchVersion,
    S3Error,
    SourceChanged,
)
from ferrox.operations import encryption, expiration, facts, protection
from ferrox.operations.call import Call
from ferrox.operations.intake import received
from ferrox.operations.registry import handles
from ferrox.protocol import conditions, dates, names, ranges, user_metadata
from ferrox.protocol.etag import ANY
from ferrox.protocol.operations import GetObject, HeadObject, PutObject
from ferrox.protocol.ranges import Span
from ferrox.protocol.shapes.objects import (
    GetObjectInput,
    GetObjectOutput,
    HeadObjectInput,
    HeadObjectOutput,
    PutObjectInput,
    PutObjectOutput,
)
from ferrox.records import (
    NULL_VERSION,
    STANDARD,
    UNLOCKED,
    VersionAcl,
    Versioning,
    VersionRecord,
)
from ferrox.storage.content import BlobLabel

Version = TypeVar("Version", VersionRecord, VersionAcl)

DEFAULT_CONTENT_TYPE = "binary/octet-stream"
"""What S3 sends when the client said nothing."""


@handles(PutObject, action="s3:PutObject")
async def put_object(call: Call, args: PutObjectInput) -> PutObjectOutput:
    """Store the body of the request as an object version."""
    return await store_object(call, args, "ObjectCreated:Put")


async def store_object(call: Call, args: PutObjectInput, event: str) -> PutObjectOutput:
    """Store one object version. The bytes become durable first, then the name that shows them."""
    draft = facts.draft(call, args.key)
    protection.require_digest(call, draft.lock)
    require_to_compare(call, args.key, args.if_match)
    check = write_condition(args.key, args.if_match, args.if_none_match)
    if check is not None:
        # Early, so that a client need not send what would be refused; it is decided in the write.
        check(current_object(call, args.key))
    if call.bucket.versioning is Versioning.ENABLED and not draft.version_id:
        draft = draft._replace(version_id=ids.version_id())
    label = BlobLabel(
        call.bucket.name,
        args.key,
        version_id=draft.version_id or NULL_VERSION,
        facts=draft.label_facts(),
    )
    kek = encryption.kek_for_writing(call, draft.encryption)
    sealed = draft.encryption
    async with received(
        call, label, algorithm=None, may_inline=True, sealed=sealed, kek=kek
    ) as taken:
        version = await call.store.add_version(
            call.bucket,
            draft._replace(etag=draft.etag or taken.etag, checksum=taken.checksum),
            taken.content,
            check=check,
            occasion=call.occasion(event),
        )
    return PutObjectOutput(
        e_tag=version.etag,
        expiration=expiration.of_new_object(call, version),
        version_id=facts.version_id_of_new(call.bucket, version.version_id),
        **encryption.shown_of_new(call, version.encryption),
        **facts.checksum_fields(version.checksum),
    )


def require_to_compare(call: Call, key: str, if_match: str | None) -> None:
    """Ask for permission to read: whether an ETag is the object's, the answer tells.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
    """
    if if_match is not None and if_match.strip() != ANY:
        call.require("s3:GetObject", call.bucket, key)


def write_condition(
    key: str, if_match: str | None, if_none_match: str | None
) -> Callable[[VersionRecord | None], None] | None:
    """The If-Match / If-None-Match of a write as a function of the key's current version."""
    if if_match is None and if_none_match is None:
        return None

    def check(current: VersionRecord | None) -> None:
        conditions.check_write(if_match, if_none_match, facts.current_etag(current), key)

    return check


def current_object(call: Call, key: str) -> VersionRecord | None:
    """What the key shows now."""
    newest = call.store.version(call.bucket, key)
    return None if newest is None or newest.is_delete_marker else newest


def read_action(args: GetObjectInput | HeadObjectInput) -> str:
    """Old versions have an action of their own."""
    return "s3:GetObject" if args.version_id is None else "s3:GetObjectVersion"


def tagging_action(args: GetObjectInput | HeadObjectInput) -> str:
    """What it takes to learn how many tags there are."""
    return f"s3:GetObject{'' if args.version_id is None else 'Version'}Tagging"


@handles(GetObject, action=read_action)
async def get_object(call: Call, args: GetObjectInput) -> GetObjectOutput:
    """Send an object or a range of it, every segment verified before it leaves."""
    while True:
        version = find_version(call, args.key, args.version_id, with_inline=True)
        call.require_of_owner(read_action(args), call.bucket, version, args.key)
        kek = encryption.kek_for_reading(call, version)
        span = _decide(call, args, version)
        start, length = (span.start, span.length) if span else (0, version.size_bytes)
        fields = _shown(call, args, version, span)
        try:
            body = await call.store.read(version, start, length, kek)
        except SourceChanged:  # replaced since the look-up: answer what the key shows now
            call.require(read_action(args), call.bucket, args.key, args.version_id)
            continue
        return GetObjectOutput(body=body, content_length=length, **fields)


@handles(HeadObject, action=read_action)
async def head_object(call: Call, args: HeadObjectInput) -> HeadObjectOutput:
    """Tell what GetObject would answer, without the bytes."""
    version = find_version(call, args.key, args.version_id)
    call.require_of_owner(read_action(args), call.bucket, version, args.key)
    encryption.kek_for_reading(call, version, is_opened=args.checksum_mode is not None)
    span = _decide(call, args, version)
    length = span.length if span else version.size_bytes
    return HeadObjectOutput(content_length=length, **_shown(call, args, version, span))


def find_version(
    call: Call, key: str, version_id: str | None, *, with_inline: bool = False
) -> VersionRecord:
    """The version that is asked for, or the error that S3 gives in its place.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeleteMarker.html
    """
    check_address(call, key, version_id)
    version = call.store.version(call.bucket, key, version_id, with_inline=with_inline)
    return require_object(call, key, version_id, version)


def check_address(call: Call, key: str, version_id: str | None) -> None:
    """Refuse what no version can be called."""
    names.check_key(key)
    facts.check_version_id(call.bucket, version_id)
    if version_id is not None and not can_have_been(call, key, version_id):
        raise facts.invalid_version_id(version_id)


def can_have_been(call: Call, key: str, version_id: str) -> bool:
    """Whether the key can ever have had such a version.

    An id that is too short to be of this server is only that of a version that was brought here.
    """
    if not facts.may_be_version(call.bucket, version_id):
        return False
    if version_id == NULL_VERSION or not ids.is_short_version_id(version_id):
        return True
    return call.store.version(call.bucket, key, version_id) is not None


def require_object(
    call: Call, key: str, version_id: str | None, version: Version | None
) -> Version:
    """What was found, if it is an object version, or the error that S3 gives in its place."""
    if version is None and version_id is not None:
        raise NoSuchVersion(Key=key, VersionId=version_id)
    if version is None:
        raise NoSuchKey(Key=key)
    if version.is_delete_marker:
        is_named = version_id is not None
        raise refused_marker(call.request.method, key, version, is_named=is_named)
    return version


def amendment(
    call: Call,
    key: str,
    version_id: str | None,
    change: Callable[[VersionRecord], VersionRecord],
) -> Callable[[VersionRecord | None], VersionRecord]:
    """A change of an object version as storage takes it: refused for what is not one."""
    check_address(call, key, version_id)
    return lambda version: change(require_object(call, key, version_id, version))


def refused_marker(
    method: str, key: str, marker: VersionRecord | VersionAcl, *, is_named: bool
) -> S3Error:
    """What a request for a delete marker is answered with.

    A read of the key finds nothing there. Whoever names the marker, or wants to change what is
    below it, learns that a marker can only be deleted; a change that names none, not which.
    """
    headers = {"x-amz-delete-marker": "true", "x-amz-version-id": marker.version_id}
    if not is_named and method in {"GET", "HEAD"}:
        return NoSuchKey(Key=key, headers=headers)
    if not is_named:
        headers = {}
    elif isinstance(marker, VersionRecord):
        headers["last-modified"] = dates.http_date(marker.modified_ms)
    headers["allow"] = "DELETE"
    return MethodNotAllowed(Method=method, ResourceType="DeleteMarker", headers=headers)


def _decide(
    call: Call, args: GetObjectInput | HeadObjectInput, version: VersionRecord
) -> Span | None:
    """Hold the request's conditions against the version, then say which bytes are wanted."""
    conditions.check_read(
        if_match=args.if_match,
        if_none_match=args.if_none_match,
        if_modified_since=args.if_modified_since,
        if_unmodified_since=args.if_unmodified_since,
        etag=version.etag,
        modified_ms=version.modified_ms,
        now_ms=call.services.clock.now_ms(),
    )
    if args.part_number is None:
        return ranges.resolve(args.range, version.size_bytes)
    if args.range is not None:
        raise InvalidRequest("Cannot specify both Range header and partNumber query parameter")
    return part_span(version, args.part_number)


def part_span(version: VersionRecord, part_number: int) -> Span:
    """Where one part lies; an object that was not made of parts is its own part 1."""
    parts = version.parts
    if not parts and part_number == 1:
        return Span(0, version.size_bytes)
    start = 0
    for part in parts:
        if part.part_number == part_number:
            return Span(start, part.size_bytes)
        start += part.size_bytes
    raise InvalidPartNumber(ActualPartCount=len(parts) or 1, PartNumberRequested=part_number)


def _shown(
    call: Call, args: GetObjectInput | HeadObjectInput, version: VersionRecord, span: Span | None
) -> dict[str, Any]:
    """The output fields that GetObject and HeadObject share."""
    headers = version.headers
    fields: dict[str, Any] = {
        "accept_ranges": "bytes",
        "last_modified": version.modified_ms,
        "e_tag": version.etag,
        "version_id": facts.shown_version_id(call.bucket, version.version_id),
        "content_type": headers.get("content-type", DEFAULT_CONTENT_TYPE),
        "content_encoding": headers.get("content-encoding"),
        "content_language": headers.get("content-language"),
        "content_disposition": headers.get("content-disposition"),
        "cache_control": headers.get("cache-control"),
        "expires": headers.get("expires"),
        "website_redirect_location": headers.get("x-amz-website-redirect-location"),
        "metadata": user_metadata.encoded(version.user_metadata),
        "storage_class": None if version.storage_class == STANDARD else version.storage_class,
        "expiration": expiration.of_object(call, version, is_named=args.version_id is not None),
    }
    if version.tags and call.may(tagging_action(args), args.key, args.version_id):
        fields["tag_count"] = len(version.tags)
    if version.encryption is not None:
        fields |= encryption.shown(call, version.encryption)
    if version.lock != UNLOCKED:
        fields |= protection.shown(call, args.key, version.lock)
    if span is not None and span.length:  # an empty part is all there is: 200
        fields["content_range"] = ranges.content_range(span, version.size_bytes)
    if args.part_number is not None and version.parts:
        fields["parts_count"] = len(version.parts)
    if args.checksum_mode is not None:
        fields |= _shown_checksum(args, version, span)
    if call.request.query_string:
        fields |= _overrides(call, args)
    return fields


def _shown_checksum(
    args: GetObjectInput | HeadObjectInput, version: VersionRecord, span: Span | None
) -> dict[str, Any]:
    """The checksum of exactly the bytes that are sent, if one is known."""
    if (args.checksum_mode or "").upper() != "ENABLED":
        raise InvalidRequest("Value for x-amz-checksum-mode header is invalid.")
    checksum = version.checksum
    if checksum is None:
        return {}
    if args.part_number is not None and version.parts:
        of_part = (part for part in version.parts if part.part_number == args.part_number)
        value = next(of_part).checksum
        return facts.checksum_fields(checksum._replace(value=value)) if value else {}
    if span is None or span.length == version.size_bytes:
        return facts.checksum_fields(checksum)
    return {}


def _overrides(call: Call, args: GetObjectInput | HeadObjectInput) -> dict[str, Any]:
    """The response headers that the query replaces; only for callers who signed."""
    wanted = {
        "content_type": args.response_content_type,
        "content_encoding": args.response_content_encoding,
        "content_language": args.response_content_language,
        "content_disposition": args.response_content_disposition,
        "cache_control": args.response_cache_control,
        "expires": args.response_expires,
    }
    given = {name: value for name, value in wanted.items() if value is not None}
    if given and call.principal.is_anonymous:
        raise InvalidRequest(
            "Request specific response headers cannot be used for anonymous GET requests."
        )
    return given
