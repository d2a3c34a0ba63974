"""Who needs a blob."""

from ferrox.records import UploadRecord, VersionDraft
from ferrox.storage.metadata.holders import holders, inline_holder, told
from ferrox.storage.store import Store
from tests.storage.verbs import add_part, pattern, put


async def test_versions_and_parts_are_found_by_their_blobs(store: Store) -> None:
    bucket, _ = await store.create_bucket("bucket", "owner", "r")
    large = await put(store, bucket, "large", pattern(200_000))
    small = await put(store, bucket, "small", b"small")
    await put(store, bucket, "other", pattern(200_000, 2))
    upload = await store.create_upload(bucket, VersionDraft("open", "", "o"), None, None)
    assert isinstance(upload, UploadRecord)
    part = await add_part(store, upload, 3, pattern(200_000, 3))
    names = [large.extents[0].blob_name, part.extents[0].blob_name]

    found = await store._database.read_long(lambda reader: list(holders(reader, names)))
    inline = await store._database.read_long(lambda reader: inline_holder(reader, small.version))

    assert [
        (names[0], "bucket/large (version null)"),
        (names[1], f"bucket/open (part 3 of upload {upload.upload_id})"),
    ] == found
    assert "bucket/small (version null)" == inline


def test_keys_do_not_reach_a_terminal_raw() -> None:
    assert "b/'\\x1b[2J' (x)" == told("b", "\x1b[2J", "x")
