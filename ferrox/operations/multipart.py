"""Multipart uploads, from CreateMultipartUpload to CompleteMultipartUpload.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
"""

from collections.abc import Callable
from typing import Any

from ferrox.errors import (
    InvalidRequest,
    NoSuchUpload,
)
from ferrox.operations import encryption, expiration, facts
from ferrox.operations.call import Call
from ferrox.operations.circumstances import said_of_upload
from ferrox.operations.completion import (
    IF_MATCH,
    IF_NONE_MATCH,
    assembler,
    checksum_of_part,
    completion_condition,
    part_numbers,
)
from ferrox.operations.intake import received
from ferrox.operations.objects import current_object, require_to_compare, write_condition
from ferrox.operations.registry import handles
from ferrox.protocol import checksums, listing, names
from ferrox.protocol.message import decode_component
from ferrox.protocol.operations import (
    AbortMultipartUpload,
    CompleteMultipartUpload,
    CreateMultipartUpload,
    ListMultipartUploads,
    ListParts,
    UploadPart,
)
from ferrox.protocol.shapes.groups import Initiator
from ferrox.protocol.shapes.listing import CommonPrefix
from ferrox.protocol.shapes.multipart import (
    AbortMultipartUploadInput,
    AbortMultipartUploadOutput,
    CompleteMultipartUploadInput,
    CompleteMultipartUploadOutput,
    CreateMultipartUploadInput,
    CreateMultipartUploadOutput,
    ListMultipartUploadsInput,
    ListMultipartUploadsOutput,
    ListPartsInput,
    ListPartsOutput,
    MultipartUpload,
    Part,
    UploadPartInput,
    UploadPartOutput,
)
from ferrox.records import PartRecord, UploadRecord, VersionRecord
from ferrox.storage.content import BlobLabel


@handles(CreateMultipartUpload, action="s3:PutObject")
async def create_multipart_upload(
    call: Call, args: CreateMultipartUploadInput
) -> CreateMultipartUploadOutput:
    """Open an upload: all that is said of the object, except its bytes, is said here."""
    draft = facts.draft(call, args.key)
    algorithm = checksums.named_algorithm(args.checksum_algorithm)
    checksum_type = checksums.validate_type(algorithm, args.checksum_type)
    said = said_of_upload(call.request.headers)
    require_to_compare(call, args.key, said.get(IF_MATCH))
    check = write_condition(args.key, said.get(IF_MATCH), said.get(IF_NONE_MATCH))
    if check is not None:
        # Clients of MinIO say it here and not again; it is decided in the completing write.
        check(current_object(call, args.key))
    upload = await call.store.create_upload(call.bucket, draft, algorithm, checksum_type, said)
    return CreateMultipartUploadOutput(
        bucket=call.bucket.name,
        key=args.key,
        upload_id=upload.upload_id,
        checksum_algorithm=algorithm,
        checksum_type=checksum_type,
        **encryption.shown_of_new(call, draft.encryption),
        **expiration.of_upload(call, upload),
    )


@handles(UploadPart, action="s3:PutObject")
async def upload_part(call: Call, args: UploadPartInput) -> UploadPartOutput:
    """Store one part; a part of the same number is replaced."""
    facts.refuse_unsupported(call.request.headers)
    upload = find_upload(call, args.key, args.upload_id)
    _check_algorithm(upload, checksums.expectation(call.request.headers))
    kek = encryption.kek_for_part(call, upload)
    sealed = upload.draft.encryption
    label = label_of_part(call, upload, args.part_number)
    algorithm = checksum_of_part(upload)
    async with received(
        call, label, algorithm=algorithm, may_inline=False, sealed=sealed, kek=kek
    ) as taken:
        part = await call.store.add_part(
            upload, args.part_number, taken.etag, taken.checksum, taken.content
        )
    shown = part.checksum if upload.checksum_algorithm else taken.promised
    return UploadPartOutput(
        e_tag=part.etag,
        **encryption.shown(call, sealed),
        **facts.checksum_fields(shown, with_type=False),
    )


def label_of_part(call: Call, upload: UploadRecord, part_number: int) -> BlobLabel:
    """What the blob of a part remembers."""
    return BlobLabel(
        bucket=call.bucket.name,
        key=upload.key,
        upload_id=upload.upload_id,
        part_number=part_number,
        facts=upload.draft.label_facts(),
    )


def _check_algorithm(upload: UploadRecord, promise: checksums.Expectation | None) -> None:
    """Parts bring their checksum in the algorithm of their upload, if it has one.

    The checksum of a whole object is made of what is computed here, so its parts need bring none.
    """
    if upload.checksum_algorithm is None:
        return
    if promise is None and upload.checksum_type == checksums.FULL_OBJECT:
        return
    actual = promise.algorithm.lower() if promise else "null"
    if actual != upload.checksum_algorithm.lower():
        raise InvalidRequest(
            "Checksum Type mismatch occurred, expected checksum Type: "
            f"{upload.checksum_algorithm.lower()}, actual checksum Type: {actual}"
        )


def find_upload(call: Call, key: str, upload_id: str) -> UploadRecord:
    """The open upload, or NoSuchUpload."""
    names.check_key(key)
    upload = call.store.upload(call.bucket, key, upload_id)
    if upload is None:
        raise NoSuchUpload(UploadId=upload_id)
    return upload


@handles(CompleteMultipartUpload, action="s3:PutObject")
async def complete_multipart_upload(
    call: Call, args: CompleteMultipartUploadInput
) -> CompleteMultipartUploadOutput:
    """Turn parts into an object. No byte moves; a retry gets the answer of the first success."""
    names.check_key(args.key)
    upload = call.store.upload(call.bucket, args.key, args.upload_id)
    if upload is None:
        done = call.store.completed_upload(call.bucket, args.key, args.upload_id)
        if done is None:
            raise NoSuchUpload(UploadId=args.upload_id)
        return _completed(call, done)
    encryption.check_completion(call, upload)
    require_to_compare(call, args.key, args.if_match)
    if args.multipart_upload is None:
        raise InvalidRequest("You must specify at least one part")
    wanted = args.multipart_upload.parts
    said = call.store.said_of_upload(call.bucket, args.key, args.upload_id)
    version = await call.store.complete_upload(
        upload,
        part_numbers(upload, wanted),
        assembler(upload, wanted, args),
        check=completion_condition(upload, args, said),
        occasion=call.occasion("ObjectCreated:CompleteMultipartUpload"),
    )
    return _completed(call, version)


def _completed(call: Call, version: VersionRecord) -> CompleteMultipartUploadOutput:
    is_subdomain = decode_component(call.request.path[1:]) == version.key
    return CompleteMultipartUploadOutput(
        location=call.location("" if is_subdomain else f"/{call.bucket.name}", version.key),
        bucket=call.bucket.name,
        key=version.key,
        expiration=expiration.of_new_object(call, version),
        e_tag=version.etag,
        version_id=facts.version_id_of_new(call.bucket, version.version_id),
        **encryption.shown_of_whole(call, version.encryption),
        **facts.checksum_fields(version.checksum),
    )


@handles(AbortMultipartUpload, action="s3:AbortMultipartUpload")
async def abort_multipart_upload(
    call: Call, args: AbortMultipartUploadInput
) -> AbortMultipartUploadOutput:
    """Forget an upload and its parts. Of one that is complete there is nothing to forget."""
    names.check_key(args.key)
    if call.store.completed_upload(call.bucket, args.key, args.upload_id) is not None:
        return AbortMultipartUploadOutput()
    upload = find_upload(call, args.key, args.upload_id)
    _require_initiator(call, upload, "s3:AbortMultipartUpload")
    await call.store.abort_upload(upload)
    return AbortMultipartUploadOutput()


@handles(ListParts, action="s3:ListMultipartUploadParts")
async def list_parts(call: Call, args: ListPartsInput) -> ListPartsOutput:
    """List the parts that have arrived, by number."""
    upload = find_upload(call, args.key, args.upload_id)
    _require_initiator(call, upload, "s3:ListMultipartUploadParts")
    limit = listing.max_keys(args.max_parts, "max-parts")
    owner = call.owner(upload.draft.owner_id)
    after = args.part_number_marker or 0
    parts, is_truncated = await call.store.list_parts(upload, after, limit)
    return ListPartsOutput(
        bucket=call.bucket.name,
        key=args.key,
        upload_id=upload.upload_id,
        part_number_marker=after,
        next_part_number_marker=parts[-1].part_number if parts else 0,
        max_parts=limit,
        is_truncated=is_truncated,
        parts=[_shown_part(upload, part) for part in parts],
        initiator=Initiator(id=owner.id, display_name=owner.display_name),
        owner=owner,
        storage_class=upload.draft.storage_class,
        checksum_algorithm=upload.checksum_algorithm,
        checksum_type=upload.checksum_type,
        **expiration.of_upload(call, upload),
    )


def _require_initiator(call: Call, upload: UploadRecord, action: str) -> None:
    """Keep an upload from others who may write to the bucket: it is its maker's.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
    """
    if upload.draft.owner_id != call.principal.canonical_id:
        call.services.authorizer.require_beyond_lists(
            call.principal, action, call.bucket, upload.key, request=call.request
        )


def _shown_part(upload: UploadRecord, part: PartRecord) -> Part:
    shown: dict[str, Any] = {}
    if upload.checksum_algorithm is not None:
        shown = facts.checksum_fields(part.checksum, with_type=False)
    return Part(
        part_number=part.part_number,
        last_modified=part.modified_ms,
        e_tag=part.etag,
        size=part.size_bytes,
        **shown,
    )


@handles(ListMultipartUploads, action="s3:ListBucketMultipartUploads")
async def list_multipart_uploads(
    call: Call, args: ListMultipartUploadsInput
) -> ListMultipartUploadsOutput:
    """List the uploads that are open, by key and then by the time they were begun."""
    listing.check_encoding_type(args.encoding_type)
    limit = listing.max_keys(args.max_uploads, "max-uploads")
    found = await call.store.list_uploads(
        call.bucket,
        prefix=args.prefix or "",
        delimiter=args.delimiter or "",
        key_marker=args.key_marker or "",
        upload_id_marker=args.upload_id_marker or "",
        limit=limit,
    )
    encode = listing.url_encode if args.encoding_type else str
    uploads = [entry for entry in found.entries if isinstance(entry, UploadRecord)]
    next_markers = found.next_key_marker, found.next_upload_id_marker
    if not found.is_truncated and uploads:  # told all the same, as on AWS
        next_markers = uploads[-1].key, uploads[-1].upload_id
    return ListMultipartUploadsOutput(
        bucket=call.bucket.name,
        key_marker=encode(args.key_marker or ""),
        upload_id_marker=(args.upload_id_marker or "") if args.key_marker else "",
        next_key_marker=encode(next_markers[0]),
        next_upload_id_marker=next_markers[1],
        prefix=encode(args.prefix) if args.prefix else None,
        delimiter=encode(args.delimiter) if args.delimiter else None,
        max_uploads=limit,
        is_truncated=found.is_truncated,
        uploads=[_shown_upload(call, upload, encode) for upload in uploads],
        common_prefixes=[
            CommonPrefix(prefix=encode(entry.prefix))
            for entry in found.entries
            if not isinstance(entry, UploadRecord)
        ],
        encoding_type=args.encoding_type,
    )


def _shown_upload(
    call: Call, upload: UploadRecord, encode: Callable[[str], str]
) -> MultipartUpload:
    owner = call.owner(upload.draft.owner_id)
    return MultipartUpload(
        upload_id=upload.upload_id,
        key=encode(upload.key),
        initiated=upload.initiated_ms,
        storage_class=upload.draft.storage_class,
        owner=owner,
        initiator=Initiator(id=owner.id, display_name=owner.display_name),
        checksum_algorithm=upload.checksum_algorithm,
        checksum_type=upload.checksum_type,
    )
