import base64
import zlib

import pytest

from ferrox.errors import (
    BadDigest,
    ConditionalRequestConflict,
    EntityTooSmall,
    InvalidArgument,
    InvalidPart,
    InvalidPartOrder,
    MalformedXML,
)
from ferrox.operations import completion
from ferrox.protocol import etag
from ferrox.protocol.shapes.multipart import CompletedPart, CompleteMultipartUploadInput
from ferrox.records import Checksum, PartRecord, UploadRecord, VersionDraft, VersionRecord

MD5 = "8d777f385d3dfec8815d20f7496026dc"
CRC32 = base64.b64encode(zlib.crc32(b"data").to_bytes(4, "big")).decode()
UPLOAD = UploadRecord("u", 1, "k", 1000, VersionDraft("k", "", "o"), "CRC32", "FULL_OBJECT")
CURRENT = VersionRecord(
    1, 1, "k", "null", False, 4, 1000, MD5, "STANDARD", "o", {}, {}, {}, None, (), ()
)  # fmt: skip


def asked(if_match: str | None = None) -> CompleteMultipartUploadInput:
    return CompleteMultipartUploadInput(bucket="b", key="k", upload_id="u", if_match=if_match)


def listed(*numbers: int) -> list[CompletedPart]:
    return [CompletedPart(part_number=number, e_tag=MD5) for number in numbers]


def stored(number: int, size_bytes: int = 4) -> PartRecord:
    return PartRecord(number, size_bytes, 1000, MD5, Checksum("CRC32", CRC32), ())


def test_part_numbers_rise() -> None:
    assert [1, 5, 10_000] == completion.part_numbers(UPLOAD, listed(1, 5, 10_000))
    for numbers in ((2, 1), (1, 1)):
        with pytest.raises(InvalidPartOrder) as refused:
            completion.part_numbers(UPLOAD, listed(*numbers))
        assert {"UploadId": "u"} == refused.value.details
    with pytest.raises(InvalidArgument, match="PartNumber must be >= 1"):
        completion.part_numbers(UPLOAD, listed(0, 1))


def test_an_upload_has_10_000_parts_at_most() -> None:
    with pytest.raises(InvalidArgument, match="contains for than 10000 parts"):
        completion.part_numbers(UPLOAD, listed(*range(1, completion.MAX_PARTS + 2)))


@pytest.mark.parametrize(
    "parts",
    [
        [],
        [CompletedPart(e_tag=MD5)],
        [CompletedPart(part_number=1)],
    ],
    ids=["none", "no number", "no tag"],
)
def test_a_list_that_is_none_is_malformed(parts: list[CompletedPart]) -> None:
    with pytest.raises(MalformedXML):
        completion.part_numbers(UPLOAD, parts)


def test_parts_add_up_to_tag_and_checksum() -> None:
    parts = [stored(1, completion.MIN_PART_BYTES), stored(2)]

    draft = completion.assembler(UPLOAD, listed(1, 2), asked())(parts)

    assert etag.multipart([MD5, MD5]) == draft.etag
    assert draft.checksum is not None
    assert ("CRC32", "FULL_OBJECT") == draft.checksum[0::2]


def test_only_the_last_part_may_be_small() -> None:
    with pytest.raises(EntityTooSmall):
        completion.assembler(UPLOAD, listed(1, 2), asked())([stored(1), stored(2)])


def test_a_part_that_is_gone_is_named() -> None:
    with pytest.raises(InvalidPart) as refused:
        completion.assembler(UPLOAD, listed(1, 2), asked())([stored(1)])

    assert {"UploadId": "u", "PartNumber": 2, "ETag": MD5} == refused.value.details


def test_if_match_wants_the_object_that_was_there_when_the_upload_began() -> None:
    check = completion.completion_condition(UPLOAD, asked(if_match=MD5), {})

    assert check is not None
    check(CURRENT)
    with pytest.raises(ConditionalRequestConflict):
        check(CURRENT._replace(modified_ms=1001))
    assert completion.completion_condition(UPLOAD, asked(), {}) is None


def test_the_checksum_of_the_whole_is_looked_at_before_its_size() -> None:
    args = asked()
    args.mpu_object_size = 5
    args.checksum_crc32 = base64.b64encode(bytes(4)).decode()

    with pytest.raises(BadDigest):
        completion.assembler(UPLOAD, listed(1), args)([stored(1)])
