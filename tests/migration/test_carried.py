"""carried.py: what an answer of the source becomes as a write at the target."""

import pytest

from ferrox.migration import carried
from ferrox.migration.carried import Concessions, Wish
from ferrox.migration.faults import Refused
from ferrox.protocol.shapes.acl import Grant
from ferrox.protocol.shapes.logging import Grantee
from ferrox.protocol.shapes.multipart import CreateMultipartUploadInput
from ferrox.protocol.shapes.objects import GetObjectOutput, PutObjectInput
from ferrox.protocol.shapes.tagging import Tag
from ferrox.records import Checksum

NOW_MS = 1_700_000_000_000
EVERYBODY = "http://acs.amazonaws.com/groups/global/AllUsers"


def _write(answer: GetObjectOutput, *tags: Tag) -> PutObjectInput:
    wish = Wish(answer, Concessions())
    return carried.write(PutObjectInput, "b", "k", answer, tags, wish, NOW_MS)


def test_headers_and_metadata_go_along_as_they_are() -> None:
    answer = GetObjectOutput(
        content_type="text/html",
        content_encoding="gzip",
        expires="whenever",
        cache_control="",
        metadata={"a": "=?UTF-8?B?w7w=?="},
        storage_class="STANDARD_IA",
        e_tag="not carried",
    )

    assert PutObjectInput(
        bucket="b",
        key="k",
        content_type="text/html",
        content_encoding="gzip",
        expires="whenever",
        metadata={"a": "=?UTF-8?B?w7w=?="},
        storage_class="STANDARD_IA",
    ) == _write(answer)


def test_tags_are_written_as_a_query() -> None:
    args = _write(GetObjectOutput(), Tag(key="a b", value="ü&="), Tag(key="c", value=""))

    assert "a+b=%C3%BC%26%3D&c=" == args.tagging


@pytest.mark.parametrize(
    ("until_ms", "mode"), [(NOW_MS + 1, "COMPLIANCE"), (NOW_MS, None), (NOW_MS - 1, None)]
)
def test_a_retention_that_is_over_is_none(until_ms: int, mode: str | None) -> None:
    answer = GetObjectOutput(
        object_lock_mode="COMPLIANCE",
        object_lock_retain_until_date=until_ms,
        object_lock_legal_hold_status="OFF",
    )

    args = _write(answer)

    assert (mode, "OFF") == (args.object_lock_mode, args.object_lock_legal_hold_status)


def test_an_upload_is_begun_in_the_same_words() -> None:
    answer = GetObjectOutput(content_type="text/html")
    wish = Wish(answer, Concessions())

    args = carried.write(CreateMultipartUploadInput, "b", "k", answer, [], wish, NOW_MS)

    assert CreateMultipartUploadInput(bucket="b", key="k", content_type="text/html") == args


def test_what_was_refused_is_not_asked_for_again() -> None:
    answer = GetObjectOutput(server_side_encryption="aws:kms", storage_class="COLD")
    concessions, asked = Concessions(), []
    refusals = [
        Refused(400, "InvalidStorageClass", "no such class"),
        Refused(400, "KMS.NotFoundException", "no such key"),
        Refused(400, "InvalidRequest", "Server-side encryption needs a master key"),
    ]

    for refusal in refusals:
        wish = Wish(answer, concessions)
        asked.append((wish.encryption, wish.storage_class))
        assert concessions.concede(refusal, wish)
    last = Wish(answer, concessions)

    assert [("aws:kms", "COLD"), ("aws:kms", ""), ("AES256", "")] == asked
    assert ("", "") == (last.encryption, last.storage_class)
    assert "" == concessions.concede(refusals[-1], last)


def test_a_refusal_of_something_else_concedes_nothing() -> None:
    wish = Wish(GetObjectOutput(server_side_encryption="AES256"), Concessions())

    assert "" == Concessions().concede(Refused(403, "AccessDenied", "Access Denied"), wish)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (GetObjectOutput(), None),
        (GetObjectOutput(checksum_sha1="v"), Checksum("SHA1", "v", "FULL_OBJECT")),
        (GetObjectOutput(checksum_sha1="v-2"), Checksum("SHA1", "v-2", "COMPOSITE")),
        (
            GetObjectOutput(checksum_crc32="v", checksum_type="COMPOSITE"),
            Checksum("CRC32", "v", "COMPOSITE"),
        ),
    ],
)
def test_the_checksum_of_an_answer(answer: GetObjectOutput, expected: Checksum | None) -> None:
    assert expected == carried.checksum_of(answer)


def test_etags_under_other_keys_are_no_md5s() -> None:
    assert carried.is_plain(GetObjectOutput())
    assert carried.is_plain(GetObjectOutput(server_side_encryption="AES256"))
    assert not carried.is_plain(GetObjectOutput(server_side_encryption="aws:kms:dsse"))
    assert not carried.is_plain(GetObjectOutput(sse_customer_algorithm="AES256"))


def test_grants_to_groups_mean_the_same_everywhere() -> None:
    grants = [
        Grant(grantee=Grantee(type="Group", uri=EVERYBODY), permission="READ"),
        Grant(grantee=Grantee(type="Group", uri="uri:other"), permission="READ"),
        Grant(grantee=Grantee(type="CanonicalUser", id="somebody"), permission="FULL_CONTROL"),
        Grant(permission="READ"),
    ]

    fields, others = carried.shared_grants(grants)

    assert ({"grant_read": f'uri="{EVERYBODY}", uri="uri:other"'}, 2) == (fields, others)
