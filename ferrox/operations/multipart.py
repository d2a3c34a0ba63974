"""Multipart uploads, from CreateMultipartUpload to CompleteMultipartUpload.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
"""

import itertools
from collections.abc import Callable, Sequence
from typing import Any

from ferrox.errors import (
    BadDigest,
    EntityTooSmall,
    InvalidPart,
    InvalidPartOrder,
    InvalidRequest,
    MalformedXML,
    NoSuchUpload,
)
from ferrox.operations import facts
from ferrox.operations.call import Call
from ferrox.operations.intake import DEFAULT_ALGORITHM, received
from ferrox.operations.objects import label_facts, write_condition
from ferrox.operations.registry import handles
from ferrox.protocol import checksums, etag, listing, names
from ferrox.protocol.operations import (
    AbortMultipartUpload,
    CompleteMultipartUpload,
    CreateMultipartUpload,
    ListMultipartUploads,
    ListParts,
    UploadPart,
)
from ferrox.protocol.shapes.groups import Initiator, Owner
from ferrox.protocol.shapes.listing import CommonPrefix
from ferrox.protocol.shapes.multipart import (
    AbortMultipartUploadInput,
    AbortMultipartUploadOutput,
    CompletedPart,
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
from ferrox.records import Checksum, PartRecord, UploadRecord, VersionDraft, VersionRecord
from ferrox.storage.content import BlobLabel

MIN_PART_BYTES = 5 * 1024**2
"""Every part but the last must be at least this large."""

MAX_PARTS = 10_000
MAX_OBJECT_BYTES = 5 * 1024**4


@handles(CreateMultipartUpload, action="s3:PutObject")
async def create_multipart_upload(
    call: Call, args: CreateMultipartUploadInput
) -> CreateMultipartUploadOutput:
    """Open an upload: all that is said of the object, except its bytes, is said here."""
    draft = facts.draft(call, args.key)
    algorithm = checksums.named_algorithm(args.checksum_algorithm)
    checksum_type = checksums.validate_type(algorithm, args.checksum_type)
    upload = await call.store.create_upload(call.bucket, draft, algorithm, checksum_type)
    return CreateMultipartUploadOutput(
        bucket=call.bucket.name,
        key=args.key,
        upload_id=upload.upload_id,
        checksum_algorithm=algorithm,
        checksum_type=checksum_type,
    )


@handles(UploadPart, action="s3:PutObject")
async def upload_part(call: Call, args: UploadPartInput) -> UploadPartOutput:
    """Store one part; a part of the same number is replaced."""
    facts.refuse_unsupported(call.request.headers)
    upload = find_upload(call, args.key, args.upload_id)
    expected = checksums.expectation(call.request.headers)
    if expected and upload.checksum_algorithm not in {None, expected.algorithm}:
        raise InvalidRequest(
            "Checksum Type mismatch occurred, expected checksum Type: "
            f"{str(upload.checksum_algorithm).lower()}, actual checksum Type: "
            f"{expected.algorithm.lower()}"
        )
    label = BlobLabel(
        bucket=call.bucket.name,
        key=args.key,
        upload_id=upload.upload_id,
        part_number=args.part_number,
        facts=label_facts(upload.draft.headers),
    )
    algorithm = checksum_of_part(upload)
    async with received(call, label, algorithm=algorithm, may_inline=False) as taken:
        part = await call.store.add_part(
            upload, args.part_number, etag.single(taken.md5), taken.checksum, taken.content
        )
    shown = part.checksum if upload.checksum_algorithm else taken.promised
    return UploadPartOutput(e_tag=part.etag, **facts.checksum_fields(shown, with_type=False))


def find_upload(call: Call, key: str, upload_id: str) -> UploadRecord:
    """The open upload, or NoSuchUpload."""
    names.check_key(key)
    upload = call.store.upload(call.bucket, key, upload_id)
    if upload is None:
        raise NoSuchUpload(UploadId=upload_id)
    return upload


def checksum_of_part(upload: UploadRecord) -> str:
    """The algorithm in which every part of an upload is summed."""
    return upload.checksum_algorithm or DEFAULT_ALGORITHM


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
    wanted = args.multipart_upload.parts if args.multipart_upload else []
    numbers = part_numbers(wanted)
    check = write_condition(args.if_match, args.if_none_match)
    version = await call.store.complete_upload(
        upload,
        numbers,
        assembler(upload, wanted, args),
        check=check,
    )
    return _completed(call, version)


def _completed(call: Call, version: VersionRecord) -> CompleteMultipartUploadOutput:
    scheme = "https" if call.request.is_secure else "http"
    host = call.request.headers.get("host", "")
    return CompleteMultipartUploadOutput(
        location=f"{scheme}://{host}/{call.bucket.name}/{listing.url_encode(version.key)}",
        bucket=call.bucket.name,
        key=version.key,
        e_tag=version.etag,
        version_id=facts.shown_version_id(call.bucket, version.version_id),
        **facts.checksum_fields(version.checksum),
    )


def part_numbers(wanted: Sequence[CompletedPart]) -> list[int]:
    """The numbers of a list of parts; a list that no upload could satisfy is refused."""
    if not wanted or len(wanted) > MAX_PARTS:
        raise MalformedXML
    numbers = [part.part_number or 0 for part in wanted]
    if 0 in numbers:
        raise MalformedXML
    if any(later <= earlier for earlier, later in itertools.pairwise(numbers)):
        raise InvalidPartOrder
    return numbers


def assembler(
    upload: UploadRecord, wanted: Sequence[CompletedPart], args: CompleteMultipartUploadInput
) -> Callable[[list[PartRecord]], VersionDraft]:
    """The decision about stored parts, to be made inside the writing transaction."""

    def assemble(parts: list[PartRecord]) -> VersionDraft:
        stored = {part.part_number: part for part in parts}
        chosen = [_match(upload, want, stored.get(want.part_number or 0)) for want in wanted]
        for part in chosen[:-1]:
            if part.size_bytes < MIN_PART_BYTES:
                raise EntityTooSmall(
                    ProposedSize=part.size_bytes,
                    MinSizeAllowed=MIN_PART_BYTES,
                    PartNumber=part.part_number,
                    ETag=part.etag,
                )
        size_bytes = sum(part.size_bytes for part in chosen)
        if args.mpu_object_size not in {None, size_bytes}:
            raise InvalidRequest(
                "The provided 'x-amz-mp-object-size' header value "
                f"{args.mpu_object_size} does not match what was computed: {size_bytes}"
            )
        if size_bytes > MAX_OBJECT_BYTES:
            raise InvalidRequest(
                f"Your proposed upload exceeds the maximum object size of {MAX_OBJECT_BYTES}"
            )
        return upload.draft._replace(
            etag=etag.multipart([part.etag for part in chosen]),
            checksum=_whole_checksum(upload, chosen, args),
        )

    return assemble


def _match(upload: UploadRecord, want: CompletedPart, part: PartRecord | None) -> PartRecord:
    """The stored part that the client means, if it is still the one it uploaded."""
    refusal = InvalidPart(
        UploadId=upload.upload_id, PartNumber=want.part_number or 0, ETag=want.e_tag or ""
    )
    if part is None or (want.e_tag is not None and etag.unquote(want.e_tag) != part.etag):
        raise refusal
    for algorithm, field in facts.CHECKSUM_FIELDS.items():
        value = getattr(want, field)
        if value is None or part.checksum is None:
            continue
        if part.checksum.algorithm == algorithm and part.checksum.value != value:
            raise refusal
    return part


def _whole_checksum(
    upload: UploadRecord, parts: Sequence[PartRecord], args: CompleteMultipartUploadInput
) -> Checksum | None:
    """The object's checksum out of its parts' checksums, held against what the client expects.

    None when the client asked for no checksum and some part, copied by reference, has none.
    """
    algorithm = checksum_of_part(upload)
    checksum_type = upload.checksum_type or checksums.default_type(algorithm)
    if args.checksum_type not in {None, checksum_type} and upload.checksum_type is not None:
        raise InvalidRequest(
            f"The upload was created using the {checksum_type} checksum mode. The complete request "
            "must use the same checksum mode."
        )
    values = [(part.checksum.value, part.size_bytes) for part in parts if part.checksum]
    if len(values) < len(parts):
        return None
    if checksum_type == "COMPOSITE":
        value = checksums.composite(algorithm, [value for value, _ in values])
    else:
        value = checksums.combine(algorithm, values)
    expected = getattr(args, facts.CHECKSUM_FIELDS[algorithm])
    if expected is not None and expected.partition("-")[0] != value.partition("-")[0]:
        raise BadDigest(f"The {algorithm} you specified did not match the calculated checksum.")
    return Checksum(algorithm, value, checksum_type)


@handles(AbortMultipartUpload, action="s3:AbortMultipartUpload")
async def abort_multipart_upload(
    call: Call, args: AbortMultipartUploadInput
) -> AbortMultipartUploadOutput:
    """Forget an upload and its parts."""
    await call.store.abort_upload(find_upload(call, args.key, args.upload_id))
    return AbortMultipartUploadOutput()


@handles(ListParts, action="s3:ListMultipartUploadParts")
async def list_parts(call: Call, args: ListPartsInput) -> ListPartsOutput:
    """List the parts that have arrived, by number."""
    upload = find_upload(call, args.key, args.upload_id)
    limit = listing.max_keys(args.max_parts, "max-parts")
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
        initiator=Initiator(id=upload.draft.owner_id, display_name=call.principal.display_name),
        owner=Owner(id=upload.draft.owner_id, display_name=call.principal.display_name),
        storage_class=upload.draft.storage_class,
        checksum_algorithm=upload.checksum_algorithm,
        checksum_type=upload.checksum_type,
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
    uploads, prefixes = [], []
    for entry in found.entries:
        if isinstance(entry, UploadRecord):
            uploads.append(_shown_upload(call, entry, encode))
        else:
            prefixes.append(CommonPrefix(prefix=encode(entry.prefix)))
    return ListMultipartUploadsOutput(
        bucket=call.bucket.name,
        key_marker=encode(args.key_marker or ""),
        upload_id_marker=args.upload_id_marker or "",
        next_key_marker=encode(found.next_key_marker) if found.is_truncated else None,
        next_upload_id_marker=found.next_upload_id_marker if found.is_truncated else None,
        prefix=encode(args.prefix or ""),
        delimiter=encode(args.delimiter) if args.delimiter else None,
        max_uploads=limit,
        is_truncated=found.is_truncated,
        uploads=uploads,
        common_prefixes=prefixes,
        encoding_type=args.encoding_type,
    )


def _shown_upload(
    call: Call, upload: UploadRecord, encode: Callable[[str], str]
) -> MultipartUpload:
    owner_id, display_name = upload.draft.owner_id, call.principal.display_name
    return MultipartUpload(
        upload_id=upload.upload_id,
        key=encode(upload.key),
        initiated=upload.initiated_ms,
        storage_class=upload.draft.storage_class,
        owner=Owner(id=owner_id, display_name=display_name),
        initiator=Initiator(id=owner_id, display_name=display_name),
        checksum_algorithm=upload.checksum_algorithm,
        checksum_type=upload.checksum_type,
    )
