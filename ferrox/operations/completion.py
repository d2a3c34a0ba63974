"""What CompleteMultipartUpload decides: which parts make the object, and what they add up to.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
"""

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn

from ferrox.errors import (
    BadDigest,
    ConditionalRequestConflict,
    EntityTooSmall,
    InvalidArgument,
    InvalidPart,
    InvalidPartOrder,
    InvalidRequest,
    MalformedXML,
)
from ferrox.operations import facts
from ferrox.operations.intake import DEFAULT_ALGORITHM
from ferrox.operations.objects import write_condition
from ferrox.protocol import checksums, etag
from ferrox.protocol.shapes.multipart import CompletedPart, CompleteMultipartUploadInput
from ferrox.records import Checksum, PartRecord, UploadRecord, VersionDraft, VersionRecord

MIN_PART_BYTES = 5 * 1024**2
"""Every part but the last must be at least this large."""

IF_MATCH = "if-match"
IF_NONE_MATCH = "if-none-match"
MAX_PARTS = 10_000
MAX_OBJECT_BYTES = 5 * 1024**4


def checksum_of_part(upload: UploadRecord) -> str:
    """The algorithm in which every part of an upload is summed."""
    return upload.checksum_algorithm or DEFAULT_ALGORITHM


def completion_condition(
    upload: UploadRecord, args: CompleteMultipartUploadInput, said: Mapping[str, str]
) -> Callable[[VersionRecord | None], None] | None:
    """The condition of a write; If-Match speaks of the object as it was when the upload began.

    said  the headers that began it: their condition holds where the completion has none
    """
    if_match, if_none_match = args.if_match, args.if_none_match
    if if_match is None and if_none_match is None:
        if_match, if_none_match = said.get(IF_MATCH), said.get(IF_NONE_MATCH)
    condition = write_condition(upload.key, if_match, if_none_match)
    if condition is None or if_match is None:
        return condition

    def check(current: VersionRecord | None) -> None:
        condition(current)
        if current is not None and current.modified_ms > upload.initiated_ms:
            raise ConditionalRequestConflict(Condition="If-Match", Key=upload.key)

    return check


def part_numbers(upload: UploadRecord, wanted: Sequence[CompletedPart]) -> list[int]:
    """The numbers of a list of parts; a list that no upload could satisfy is refused."""
    if not wanted:
        raise MalformedXML
    if len(wanted) > MAX_PARTS:
        raise InvalidArgument(
            f"The CompleteMultipartUpload reqeust contains for than {MAX_PARTS} parts.",  # sic
            ArgumentName="CompleteMultipartUpload",
            ArgumentValue="CompleteMultipartUpload",
        )
    numbers = [part.part_number for part in wanted if part.part_number is not None and part.e_tag]
    if len(numbers) < len(wanted):
        raise MalformedXML
    if (least := min(numbers)) < 1:
        raise InvalidArgument(
            "PartNumber must be >= 1", ArgumentName="PartNumber", ArgumentValue=least
        )
    if any(later <= earlier for earlier, later in itertools.pairwise(numbers)):
        raise InvalidPartOrder(UploadId=upload.upload_id)
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
        checksum = _whole_checksum(upload, chosen, args)
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
            etag=upload.draft.etag or etag.multipart([part.etag for part in chosen]),
            checksum=checksum,
        )

    return assemble


def _match(upload: UploadRecord, want: CompletedPart, part: PartRecord | None) -> PartRecord:
    """The stored part that the client means, if it is still the one it uploaded."""
    refusal = InvalidPart(
        UploadId=upload.upload_id, PartNumber=want.part_number or 0, ETag=want.e_tag or ""
    )
    given = _given_checksum(want)
    if part is None or want.e_tag != part.etag:
        raise refusal
    algorithm = upload.checksum_algorithm
    if algorithm is None:
        if given is not None:  # AWS keeps no checksum of such a part that it could be held against
            raise refusal
        return part
    if given is not None and given.algorithm == algorithm:
        if part.checksum is None or part.checksum.value != given.value:
            raise refusal
    elif upload.checksum_type == checksums.COMPOSITE:
        _refuse_without_checksum(algorithm, part.part_number, given)
    return part


def _given_checksum(want: CompletedPart) -> Checksum | None:
    """The checksum that the list of parts has beside one of them."""
    given = [
        Checksum(algorithm, value)
        for algorithm, field in facts.CHECKSUM_FIELDS.items()
        if (value := getattr(want, field)) is not None
    ]
    if len(given) > 1 or not all(checksums.is_value(*checksum[:2]) for checksum in given):
        raise InvalidArgument(
            "Invalid Base64 or multiple checksums present in request",
            ArgumentName="Checksum",
            ArgumentValue="".join(f"{algorithm}:{value};" for algorithm, value, _ in given),
        )
    return given[0] if given else None


def _refuse_without_checksum(algorithm: str, part_number: int, given: Checksum | None) -> NoReturn:
    """Refuse a part of a COMPOSITE upload that is listed without its checksum, or with another."""
    if given is not None:
        raise BadDigest(
            f"The {given.algorithm.lower()} you specified for part {part_number} did not match "
            "what we received."
        )
    raise InvalidRequest(
        f"The upload was created using a {algorithm.lower()} checksum. The complete request must "
        f"include the checksum for each part. It was missing for part {part_number} in the request."
    )


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
    whole = Checksum(algorithm, value, checksum_type)
    expected = getattr(args, facts.CHECKSUM_FIELDS[algorithm])
    if expected is not None:
        _check_whole(whole, expected)
    return whole


def _check_whole(whole: Checksum, expected: str) -> None:
    """Hold the object's checksum against the request's; "-N" may be left out of a COMPOSITE one."""
    digest, dash, count = expected.partition("-")
    may_count = whole.type == checksums.COMPOSITE
    if not checksums.is_value(whole.algorithm, digest) or (
        dash and not (may_count and count.isdecimal())
    ):
        header = checksums.ALGORITHMS[whole.algorithm].header
        raise InvalidRequest(f"Value for {header} header is invalid.")
    if expected not in {whole.value, whole.value.partition("-")[0]}:
        raise BadDigest(
            f"The {whole.algorithm.lower()} you specified did not match the calculated checksum."
        )
