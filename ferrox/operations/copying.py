"""CopyObject and UploadPartCopy: bytes are shared by reference, whatever their size, where they
may stay sealed as they are.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html
"""

import hashlib
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import NamedTuple, TypeVar

from ferrox import ids
from ferrox.crypto.envelope import KeyEncryptionKey
from ferrox.errors import (
    InvalidArgument,
    InvalidRequest,
    NoSuchBucket,
    NoSuchKey,
    NoSuchVersion,
    S3Error,
    ServiceUnavailable,
    SourceChanged,
)
from ferrox.iam.authorizer import require_owner
from ferrox.operations import encryption, expiration, facts, request_payment
from ferrox.operations.call import Call
from ferrox.operations.completion import checksum_of_part
from ferrox.operations.intake import DEFAULT_ALGORITHM
from ferrox.operations.multipart import find_upload, label_of_part
from ferrox.operations.objects import refused_marker, require_to_compare, write_condition
from ferrox.operations.registry import handles
from ferrox.operations.resealing import resealed
from ferrox.protocol import checksums, conditions, copy_source, etag, ranges
from ferrox.protocol.message import Copied
from ferrox.protocol.operations import CopyObject, UploadPartCopy
from ferrox.protocol.ranges import Span
from ferrox.protocol.shapes.copying import (
    CopyObjectInput,
    CopyObjectOutput,
    CopyObjectResult,
    CopyPartResult,
    UploadPartCopyInput,
    UploadPartCopyOutput,
)
from ferrox.protocol.shapes.groups import SourceConditions
from ferrox.records import (
    NULL_VERSION,
    BucketRecord,
    Checksum,
    PartRecord,
    UploadRecord,
    VersionDraft,
    Versioning,
    VersionRecord,
)
from ferrox.storage.content import BlobLabel
from ferrox.storage.metadata.objects import Check

DIRECTIVES = ("COPY", "REPLACE")

MAX_ATTEMPTS = 10
"""How often a copy begins again whose source is replaced meanwhile."""

_COPIED = "ObjectCreated:Copy"

T = TypeVar("T")


class CopySource(NamedTuple):
    """What x-amz-copy-source names."""

    bucket: BucketRecord
    key: str
    version_id: str | None

    @property
    def action(self) -> str:
        """What reading it is called."""
        return "s3:GetObject" if self.version_id is None else "s3:GetObjectVersion"


@handles(CopyObject, action="s3:PutObject")
async def copy_object(call: Call, args: CopyObjectInput) -> CopyObjectOutput:
    """Give an object's bytes another name, with the same facts or new ones."""
    asked = facts.draft(call, args.key)
    require_to_compare(call, args.key, args.if_match)
    source = find_source(call, args.copy_source, args.expected_source_bucket_owner)
    algorithm = checksums.named_algorithm(args.checksum_algorithm)

    async def copy() -> CopyObjectOutput:
        original = look_up_source(call, source, args)
        kek = encryption.kek_for_source(call, original, source.bucket)
        draft = _draft_of_copy(call, args, asked, source, original)
        if algorithm is not None and not _has_checksum(original, algorithm):
            whole = Span(0, original.size_bytes)
            checksum = await _checksum_of(call, original, whole, algorithm, kek)
            draft = draft._replace(checksum=checksum)
        check = write_condition(args.key, args.if_match, args.if_none_match)
        if draft.encryption == original.encryption:
            version = await call.store.copy_version(
                call.bucket, draft, original, check=check, occasion=call.occasion(_COPIED)
            )
        else:
            version = await _copy_otherwise_sealed(call, draft, original, kek, check)
        return CopyObjectOutput(
            copy_object_result=CopyObjectResult(
                e_tag=version.etag,
                last_modified=version.modified_ms,
                **facts.checksum_fields(version.checksum),
            ),
            expiration=expiration.of_new_object(call, version),
            copy_source_version_id=_shown_source(source, original),
            version_id=facts.shown_version_id(call.bucket, version.version_id),
            **encryption.shown_of_new(call, version.encryption),
        )

    return await _while_source_changes(copy)


def _shown_source(source: CopySource, original: VersionRecord) -> str | None:
    """The version id of what was copied; AWS tells none of a null version."""
    if original.version_id == NULL_VERSION:
        return None
    return facts.shown_version_id(source.bucket, original.version_id)


async def _copy_otherwise_sealed(
    call: Call,
    draft: VersionDraft,
    original: VersionRecord,
    kek: KeyEncryptionKey | None,
    check: Check,
) -> VersionRecord:
    """Copy the bytes themselves, because they are to be sealed otherwise than they are.

    Like AWS it makes one whole of what had parts, with the tag and the checksum of a whole.
    """
    if call.bucket.versioning is Versioning.ENABLED:
        draft = draft._replace(version_id=ids.version_id())
    version_id = draft.version_id or NULL_VERSION
    label = BlobLabel(call.bucket.name, draft.key, version_id, facts=draft.label_facts())
    checksum = draft.checksum
    async with resealed(
        call.store,
        original,
        Span(0, original.size_bytes),
        label,
        former=kek,
        sealed=draft.encryption,
        kek=encryption.kek_for_writing(call, draft.encryption),
        algorithm=checksum.algorithm if checksum else DEFAULT_ALGORITHM,
        may_inline=True,
    ) as taken:
        return await call.store.add_version(
            call.bucket,
            draft._replace(etag=taken.etag, checksum=taken.checksum),
            taken.content,
            check=check,
            occasion=call.occasion(_COPIED),
        )


@handles(UploadPartCopy, action="s3:PutObject")
async def upload_part_copy(call: Call, args: UploadPartCopyInput) -> UploadPartCopyOutput:
    """Make a part of bytes that another object has."""
    upload = find_upload(call, args.key, args.upload_id)
    kek = encryption.kek_for_part(call, upload)
    source = find_source(call, args.copy_source, args.expected_source_bucket_owner)

    async def copy() -> UploadPartCopyOutput:
        original = look_up_source(call, source, args)
        whole = Span(0, original.size_bytes)
        span = ranges.copy_source_range(args.copy_source_range, whole.length) or whole
        source_kek = encryption.kek_for_source(call, original, source.bucket)
        sealed = upload.draft.encryption
        if sealed == original.encryption and (sealed is None or original.extents):
            checksum = None
            if upload.checksum_algorithm is not None:
                algorithm = upload.checksum_algorithm
                checksum = await _checksum_of(call, original, span, algorithm, source_kek)
            part = await call.store.copy_part(
                upload,
                args.part_number,
                etag_of_copied_part(original, span),
                checksum,
                original,
                span.start,
                span.length,
            )
        else:
            part = await _copy_part_otherwise_sealed(
                call, upload, args.part_number, original, span, former=source_kek, kek=kek
            )
            checksum = part.checksum if upload.checksum_algorithm else None
        return UploadPartCopyOutput(
            copy_part_result=CopyPartResult(
                e_tag=part.etag,
                last_modified=part.modified_ms,
                **facts.checksum_fields(checksum, with_type=False),
            ),
            copy_source_version_id=_shown_source(source, original),
            **encryption.shown(call, sealed),
        )

    return await _while_source_changes(copy)


async def _copy_part_otherwise_sealed(
    call: Call,
    upload: UploadRecord,
    part_number: int,
    original: VersionRecord,
    span: Span,
    *,
    former: KeyEncryptionKey | None,
    kek: KeyEncryptionKey | None,
) -> PartRecord:
    """Make a part of bytes themselves, because they are to be sealed otherwise than they are."""
    label = label_of_part(call, upload, part_number)
    async with resealed(
        call.store,
        original,
        span,
        label,
        former=former,
        sealed=upload.draft.encryption,
        kek=kek,
        algorithm=checksum_of_part(upload),
        may_inline=False,
    ) as taken:
        return await call.store.add_part(
            upload, part_number, taken.etag, taken.checksum, taken.content
        )


async def _while_source_changes(copy: Callable[[], Awaitable[T]]) -> T:
    """Copy what the source shows; begin again when it was replaced between look-up and commit.

    Not for ever: a source that is replaced faster than it can be read is left to the client.
    """
    for _ in range(MAX_ATTEMPTS):
        with suppress(SourceChanged):
            return await copy()
    raise ServiceUnavailable("The source of the copy is being replaced. Please try again.")


def etag_of_copied_part(original: VersionRecord, span: Span) -> str:
    """The entity tag of a part whose bytes are shared and therefore not read.

    A whole object that was put in one piece has the MD5 of its bytes for a tag, and so has the
    part. Otherwise the tag is opaque: a function of where the bytes come from.
    """
    if span.length == original.size_bytes and "-" not in original.etag:
        return original.etag
    origin = f"{original.etag}:{span.start}:{span.length}".encode()
    return etag.single(hashlib.md5(origin, usedforsecurity=False).digest())


def find_source(call: Call, header: str, expected_owner: str | None) -> CopySource:
    """Look up what x-amz-copy-source names."""
    named = copy_source.parse(header)
    bucket = call.store.bucket(named.bucket)
    if bucket is None:
        raise NoSuchBucket(BucketName=named.bucket)
    if expected_owner is not None:
        require_owner(call.services.owner_account_id(bucket), expected_owner)
    facts.check_version_id(bucket, named.version_id, "x-amz-copy-source")
    return CopySource(bucket, named.key, named.version_id)


def look_up_source(call: Call, source: CopySource, args: SourceConditions) -> VersionRecord:
    """The version to copy from, if the caller may read it and the request's conditions hold.

    Permission is asked for each time: what took the place of a source may be nobody's to read.
    """
    call.require(source.action, source.bucket, source.key, source.version_id)
    request_payment.charges(call.services, call.principal, source.bucket, call.request)
    original = call.store.version(source.bucket, source.key, source.version_id)
    if original is None:
        missing: type[S3Error] = NoSuchKey if source.version_id is None else NoSuchVersion
        raise missing(Key=source.key)
    if original.is_delete_marker:
        if source.version_id is None:
            raise refused_marker("GET", source.key, original, is_named=False)
        raise InvalidRequest(
            "The source of a copy request may not specifically refer to a delete marker by "
            "version id."
        )
    call.require_of_owner(source.action, source.bucket, original, source.key)
    conditions.check_source(
        conditions.COPY_SOURCE,
        if_match=args.copy_source_if_match,
        if_none_match=args.copy_source_if_none_match,
        if_modified_since=args.copy_source_if_modified_since,
        if_unmodified_since=args.copy_source_if_unmodified_since,
        etag=original.etag,
        modified_ms=original.modified_ms,
        now_ms=call.services.clock.now_ms(),
    )
    call.request.copied = Copied(source.bucket, source.key, source.version_id, original.size_bytes)
    return original


def _draft_of_copy(
    call: Call,
    args: CopyObjectInput,
    asked: VersionDraft,
    source: CopySource,
    original: VersionRecord,
) -> VersionDraft:
    """What the copy will be: the directives say whose metadata and whose tags."""
    replaces_metadata = _directive(args.metadata_directive, "metadata") == "REPLACE"
    replaces_tags = _directive(args.tagging_directive, "tagging") == "REPLACE"
    if original.tags and not replaces_tags:
        _require_tagging(call, source, args.key)
    if not replaces_metadata:
        _require_change(call, asked, source)
    redirect = {
        name: value
        for name, value in asked.headers.items()
        if name == "x-amz-website-redirect-location"
    }
    kept = {
        name: value
        for name, value in original.headers.items()
        if name != "x-amz-website-redirect-location"
    }
    return asked._replace(
        etag=original.etag,
        checksum=original.checksum,
        headers=asked.headers if replaces_metadata else kept | redirect,
        user_metadata=asked.user_metadata if replaces_metadata else original.user_metadata,
        tags=asked.tags if replaces_tags else original.tags,
        encryption=encryption.of_copy(call, asked.encryption, original),
    )


def _require_change(call: Call, asked: VersionDraft, source: CopySource) -> None:
    """Refuse a copy that keeps the metadata and would leave an object as it is."""
    is_same_object = (
        source.version_id is None
        and source.bucket.bucket_id == call.bucket.bucket_id
        and source.key == asked.key
    )
    changes_something = (
        "x-amz-storage-class" in call.request.headers  # even the one that it has, as on AWS
        or "x-amz-website-redirect-location" in asked.headers
        or encryption.is_asked(call)
    )
    if is_same_object and not changes_something:
        raise InvalidRequest(
            "This copy request is illegal because it is trying to copy an object to itself without "
            "changing the object's metadata, storage class, website redirect location or "
            "encryption attributes."
        )


def _require_tagging(call: Call, source: CopySource, key: str) -> None:
    """Raise unless the caller may read the tags of the source and write them to the copy."""
    version = "" if source.version_id is None else "Version"
    call.require(f"s3:GetObject{version}Tagging", source.bucket, source.key, source.version_id)
    call.require("s3:PutObjectTagging", call.bucket, key)


def _directive(value: str | None, name: str) -> str:
    """COPY or REPLACE."""
    if value is None:
        return "COPY"
    if value not in DIRECTIVES:
        raise InvalidArgument(
            f"Unknown {name} directive.",
            ArgumentName=f"x-amz-{name}-directive",
            ArgumentValue=value,
        )
    return value


async def _checksum_of(
    call: Call,
    original: VersionRecord,
    span: Span,
    algorithm: str,
    kek: KeyEncryptionKey | None,
) -> Checksum:
    """A checksum that the source does not have, for which its bytes must be read."""
    known = original.checksum
    if known and span.length == original.size_bytes and _has_checksum(original, algorithm):
        return known
    digest = checksums.new_digest(algorithm)
    await call.store.digest(original, span.start, span.length, [digest], kek)
    return Checksum(algorithm, checksums.encode(digest.digest()))


def _has_checksum(original: VersionRecord, algorithm: str) -> bool:
    """Whether a version knows the checksum of its bytes as one run, in this algorithm."""
    known = original.checksum
    return known is not None and known[0::2] == (algorithm, checksums.FULL_OBJECT)
