"""Multipart uploads in the index."""

from collections.abc import Sequence
from typing import Any

import pytest

from ferrox.errors import (
    BucketNotEmpty,
    EntityTooSmall,
    InvalidPart,
    NoSuchUpload,
    PreconditionFailed,
    SourceChanged,
)
from ferrox.records import (
    Checksum,
    CommonPrefix,
    Extent,
    PartFacts,
    PartRecord,
    UploadListing,
    UploadRecord,
    VersionDraft,
    Versioning,
    VersionRecord,
)
from ferrox.storage.metadata import buckets, uploads
from ferrox.storage.metadata.uploads import COMPLETED_FOR_MS
from tests.storage.metadata.index import Index, blob


def part(number: int, *extents: Extent, checksum: Checksum | None = None) -> PartRecord:
    size_bytes = sum(extent.size_bytes for extent in extents)
    return PartRecord(number, size_bytes, 77, f"etag-{number}", checksum, extents)


async def add(index: Index, upload: UploadRecord, added: PartRecord) -> None:
    await index.write(lambda tx: uploads.add_part(tx, upload, added))


async def complete(
    index: Index, upload: UploadRecord, numbers: Sequence[int], **arguments: Any
) -> VersionRecord:
    def assemble(parts: list[PartRecord]) -> VersionDraft:
        etag = "+".join(stored.etag for stored in parts)
        return upload.draft._replace(etag=etag)

    asked = {"assemble": assemble, "check": None, **arguments}
    version: VersionRecord = await index.write(
        lambda tx: uploads.complete(tx, upload, numbers, now_ms=index.now_ms, **asked)
    )
    return version


def find(index: Index, upload: UploadRecord) -> UploadRecord | None:
    return index.database.read(
        lambda reader: uploads.find(reader, index.bucket, upload.key, upload.upload_id)
    )


def said_of(index: Index, upload: UploadRecord) -> dict[str, str]:
    return index.database.read(
        lambda reader: uploads.said_of(reader, index.bucket, upload.key, upload.upload_id)
    )


def read_page(index: Index, **arguments: Any) -> UploadListing:
    return index.database.read(lambda reader: uploads.page(reader, index.bucket, **arguments))


def page(index: Index, **arguments: Any) -> list[str]:
    asked = {
        "prefix": "",
        "delimiter": "",
        "key_marker": "",
        "upload_id_marker": "",
        "limit": 100,
        **arguments,
    }
    found = read_page(index, **asked)
    shown = [
        entry.prefix if isinstance(entry, CommonPrefix) else entry.key for entry in found.entries
    ]
    return [*shown, "…"] if found.is_truncated else shown


async def test_an_upload_comes_back_as_it_was_opened(index: Index) -> None:
    draft = VersionDraft(
        "a",
        "",
        "owner",
        headers={"content-type": "x/y"},
        user_metadata={"ü": "1"},
        tags={"t": "1"},
        checksum=Checksum("CRC32", "", "COMPOSITE"),
    )
    upload = await index.write(
        lambda tx: uploads.create(tx, index.bucket, draft, "CRC32", "COMPOSITE", now_ms=5)
    )

    assert UploadRecord(upload.upload_id, 1, "a", 5, draft, "CRC32", "COMPOSITE") == upload
    assert upload == find(index, upload)


async def test_an_upload_is_found_under_its_own_key_and_bucket_only(index: Index) -> None:
    upload = await index.open_upload("a")

    assert find(index, upload) is not None
    assert find(index, upload._replace(key="b")) is None
    index.bucket = index.bucket._replace(bucket_id=2)
    assert find(index, upload) is None


async def test_what_was_said_of_an_upload_is_known_until_its_completion_is_forgotten(
    index: Index,
) -> None:
    draft, said = VersionDraft("a", "", "owner"), {"x-amz-acl": "private"}
    upload = await index.write(
        lambda tx: uploads.create(tx, index.bucket, draft, None, None, now_ms=5, said=said)
    )
    opened = find(index, upload)

    while_open = said_of(index, upload)
    of_others = [
        said_of(index, upload._replace(key="b")),
        said_of(index, await index.open_upload("a")),
    ]
    await complete(index, upload, [])
    once_completed = said_of(index, upload)
    await index.write(lambda tx: uploads.forget_completed(tx, index.now_ms + 2 * COMPLETED_FOR_MS))

    assert upload == opened
    assert [said, said] == [while_open, once_completed]
    assert [{}, {}, {}] == [*of_others, said_of(index, upload)]


async def test_parts_are_listed_by_number(index: Index) -> None:
    upload = await index.open_upload("a")
    second = part(2, blob(2), checksum=Checksum("SHA1", "x"))
    for added in (part(10, blob(10)), second, part(1, blob(1))):
        await add(index, upload, added)

    found = await index.database.read_long(lambda reader: uploads.parts(reader, upload, 1, 1))

    assert [second] == found


async def test_a_part_replaces_the_one_of_its_number(index: Index) -> None:
    upload = await index.open_upload("a")
    await add(index, upload, part(1, blob(1)))

    await add(index, upload, part(1, blob(2)))

    assert {2: 1} == await index.counts()
    assert [1] == await index.garbage()


async def test_completing_joins_the_parts_and_drops_the_others(index: Index) -> None:
    upload = await index.open_upload("a")
    for number in (1, 2, 3):
        await add(index, upload, part(number, blob(number, number * 10)))

    version = await complete(index, upload, [1, 3])

    assert (40, "etag-1+etag-3", "null") == (version.size_bytes, version.etag, version.version_id)
    assert (blob(1, 10), blob(3, 30)) == version.extents
    assert (PartFacts(1, 10), PartFacts(3, 30)) == version.parts
    assert version == index.find("a")
    assert {1: 1, 3: 1} == await index.counts()
    assert [2] == await index.garbage()
    assert find(index, upload) is None
    assert [] == await index.rows("SELECT * FROM parts")
    assert ["a"] == index.names()


async def test_a_completed_upload_replaces_the_object(index: Index) -> None:
    await index.put("a", extents=(blob(9),))
    upload = await index.open_upload("a")
    await add(index, upload, part(1, blob(1)))

    await complete(index, upload, [1])

    assert {1: 1} == await index.counts()
    assert [9] == await index.garbage()


async def test_a_completed_upload_adds_a_version_where_versions_are_kept(index: Index) -> None:
    await index.set_versioning(Versioning.ENABLED)
    old = await index.put("a", b"old")
    upload = await index.open_upload("a")
    await add(index, upload, part(1, blob(1)))

    version = await complete(index, upload, [1])

    assert "null" != version.version_id
    assert b"old" == index.data("a", old.version_id)


async def test_parts_without_bytes_make_an_empty_object(index: Index) -> None:
    upload = await index.open_upload("a")
    await add(index, upload, part(1))

    version = await complete(index, upload, [1])

    assert (0, (), (PartFacts(1, 0),)) == (version.size_bytes, version.extents, version.parts)


async def test_completing_again_gives_the_same_answer(index: Index) -> None:
    upload = await index.open_upload("a")
    await add(index, upload, part(1, blob(1)))
    version = await complete(index, upload, [1])
    await index.put("a", b"replaced meanwhile")

    again = await complete(index, upload, [1])

    assert version._replace(parts=(), extents=()) == again
    assert b"replaced meanwhile" == index.data("a")


async def test_a_completion_is_remembered_for_a_day(index: Index) -> None:
    upload = await index.open_upload("a")
    await add(index, upload, part(1, blob(1)))
    completed_ms = (await complete(index, upload, [1])).modified_ms

    def asked_at(now_ms: int, key: str = "a") -> VersionRecord | None:
        return index.database.read(
            lambda reader: uploads.find_completed(
                reader, index.bucket, key, upload.upload_id, now_ms=now_ms
            )
        )

    assert asked_at(completed_ms + COMPLETED_FOR_MS - 1) is not None
    assert asked_at(completed_ms + COMPLETED_FOR_MS) is None
    assert asked_at(completed_ms, "b") is None
    index.now_ms = completed_ms + COMPLETED_FOR_MS
    with pytest.raises(NoSuchUpload):
        await complete(index, upload, [1])
    await index.write(lambda tx: uploads.forget_completed(tx, index.now_ms))
    assert [] == await index.rows("SELECT * FROM completed_uploads")


async def test_a_completion_that_is_refused_leaves_the_upload_open(index: Index) -> None:
    upload = await index.open_upload("a")
    await add(index, upload, part(1, blob(1)))

    def too_small(_: list[PartRecord]) -> VersionDraft:
        raise EntityTooSmall

    def refuse(_: VersionRecord | None) -> None:
        raise PreconditionFailed

    with pytest.raises(EntityTooSmall):
        await complete(index, upload, [1], assemble=too_small)
    with pytest.raises(PreconditionFailed):
        await complete(index, upload, [1], check=refuse)
    with pytest.raises(InvalidPart):
        await complete(index, upload, [1, 2])
    with pytest.raises(InvalidPart):
        await complete(index, upload, [1, 1])

    assert upload == find(index, upload)
    assert {1: 1} == await index.counts()
    assert [] == index.names()


async def test_assemble_is_given_the_parts_that_exist_in_the_order_asked_for(
    index: Index,
) -> None:
    upload = await index.open_upload("a")
    for number in (1, 2):
        await add(index, upload, part(number, blob(number)))
    given: list[int] = []

    def assemble(parts: list[PartRecord]) -> VersionDraft:
        given.extend(stored.part_number for stored in parts)
        raise InvalidPart

    with pytest.raises(InvalidPart):
        await complete(index, upload, [2, 7, 1], assemble=assemble)

    assert [2, 1] == given


async def test_aborting_drops_all_parts(index: Index) -> None:
    upload = await index.open_upload("a")
    for number in (1, 2):
        await add(index, upload, part(number, blob(number)))

    await index.write(lambda tx: uploads.abort(tx, upload.upload_id, 9))

    assert [1, 2] == await index.garbage()
    assert find(index, upload) is None
    for verb in (
        lambda tx: uploads.abort(tx, upload.upload_id, 9),
        lambda tx: uploads.add_part(tx, upload, part(1, blob(3))),
    ):
        with pytest.raises(NoSuchUpload):
            await index.write(verb)
    with pytest.raises(NoSuchUpload):
        await complete(index, upload, [1])
    assert {} == await index.counts()


async def test_a_shared_part_lives_as_long_as_somebody_needs_it(index: Index) -> None:
    source = await index.put("a", extents=(blob(1),))
    upload = await index.open_upload("b")
    shared = part(1, blob(1, 10, 20))

    await index.write(lambda tx: uploads.share_part(tx, upload, shared, source))

    assert {1: 2} == await index.counts()
    await index.delete("a")
    assert {1: 1} == await index.counts()
    with pytest.raises(SourceChanged):
        await index.write(lambda tx: uploads.share_part(tx, upload, shared, source))


async def test_uploads_are_listed_by_key_and_age(index: Index) -> None:
    opened = [await index.open_upload(key) for key in ("b", "a", "b", "c/1", "c/2", "b")]
    ids_of_b = [upload.upload_id for upload in opened if upload.key == "b"]

    assert ids_of_b == sorted(ids_of_b)
    assert ["a", "b", "b", "b", "c/1", "c/2"] == page(index)
    assert ["a", "b", "b", "b", "c/"] == page(index, delimiter="/")
    assert ["c/1", "c/2"] == page(index, prefix="c/", delimiter="/")
    assert ["a", "b", "…"] == page(index, limit=2)
    assert ["c/1", "c/2"] == page(index, key_marker="b")
    assert ["b", "b", "c/1", "c/2"] == page(index, key_marker="b", upload_id_marker=ids_of_b[0])
    assert ["c/1", "c/2"] == page(index, key_marker="b", upload_id_marker=ids_of_b[2])
    assert [] == page(index, key_marker="c/1", delimiter="/")
    assert [] == page(index, limit=0)
    assert ["a", "b", "b", "b"] == page(index, upload_id_marker="f", limit=100)[:4]


async def test_pages_of_uploads_make_up_the_whole(index: Index) -> None:
    opened = [await index.open_upload(key) for key in ("b", "a", "b", "c/1", "c/2", "b", "d")]
    found: list[str] = []
    key_marker = upload_id_marker = ""

    while True:
        asked = {"key_marker": key_marker, "upload_id_marker": upload_id_marker, "limit": 1}
        listed = read_page(index, prefix="", delimiter="/", **asked)
        entries, is_truncated, key_marker, upload_id_marker = listed
        found += [
            entry.prefix if isinstance(entry, CommonPrefix) else entry.upload_id
            for entry in entries
        ]
        if not is_truncated:
            break

    b1, a, b2, _, _, b3, d = [upload.upload_id for upload in opened]
    assert [a, b1, b2, b3, "c/", d] == found


async def test_old_uploads_are_found(index: Index) -> None:
    first = await index.open_upload("a")
    second = await index.open_upload("a")

    found = index.database.read(lambda reader: uploads.older_than(reader, second.initiated_ms))

    assert [(first.upload_id, first.bucket_id, "a")] == found


async def test_removing_a_bucket_drops_its_uploads(index: Index) -> None:
    upload = await index.open_upload("a")
    await add(index, upload, part(1, blob(1)))
    done = await index.open_upload("b")
    version = await complete(index, done, [])

    with pytest.raises(BucketNotEmpty):
        await index.write(lambda tx: buckets.remove(tx, index.bucket))
    await index.delete(version.key)
    await index.write(lambda tx: buckets.remove(tx, index.bucket))
    await index.write(lambda tx: uploads.abort_all(tx, index.bucket, 9))

    assert [1] == await index.garbage()
    for table in ("uploads", "parts", "completed_uploads"):
        assert [] == await index.rows(f"SELECT * FROM {table}")
    with pytest.raises(NoSuchUpload):
        await complete(index, upload, [1])
