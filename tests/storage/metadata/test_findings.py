"""metadata/findings.py: what is damaged is known until it is sound or gone."""

import pytest

from ferrox.records import BucketRecord
from ferrox.storage.metadata import findings
from ferrox.storage.metadata.findings import BLOB, DATABASE, VERSION, Finding, Holder, Holders
from ferrox.storage.store import Store
from tests.storage.verbs import pattern, put

LARGE = pattern(100_000)


@pytest.fixture
async def bucket(store: Store) -> BucketRecord:
    made, _ = await store.create_bucket("bucket", "owner", "us-east-1")
    return made


async def no_pace(_: int) -> None:
    return


@pytest.mark.parametrize(
    ("holder", "told"),
    [
        (Holder("b", "k", "null"), "b/k (version null)"),
        (Holder("b", "k\n", "7"), "b/'k\\n' (version 7)"),
        (Holder("b", "k", None, "u", 3), "b/k (part 3 of upload u)"),
        (Holder("b", "k", upload_id="u"), "b/k (upload u)"),
    ],
)
def test_holders_are_told_in_words(holder: Holder, told: str) -> None:
    assert told == holder.told


async def test_what_is_found_again_keeps_when_it_was_found_and_what_needs_it(
    store: Store, bucket: BucketRecord
) -> None:
    version = await put(store, bucket, "k", LARGE)
    name = version.extents[0].blob_name
    await store.scrubbing.note([(BLOB, name, "it is broken")], 1)
    (first,) = await store.scrubbing.tell(no_pace)
    await store.scrubbing.note([(BLOB, name, "it is missing")], 2)
    again = await store.scrubbing.tell(no_pace)
    (found,) = await store.scrubbing.findings(("", 0), 10)

    assert [] == again
    assert ("it is broken", "it is missing") == (first.problem, found.problem)
    assert Holders(1, (Holder("bucket", "k", version.version_id),)) == first.holders
    assert first.holders == found.holders


async def test_findings_come_in_pages(store: Store, bucket: BucketRecord) -> None:
    blob = (await put(store, bucket, "a", LARGE)).extents[0].blob_name
    version = (await put(store, bucket, "b", LARGE)).version
    noted: list[tuple[str, findings.Name, str]] = [
        (VERSION, version, "x"),
        (DATABASE, "index.db", "y"),
        (BLOB, blob, "z"),
    ]
    await store.scrubbing.note(noted, 1)

    first = await store.scrubbing.findings(("", 0), 2)
    rest = await store.scrubbing.findings((first[-1].kind, first[-1].name), 2)

    assert [(BLOB, blob), (DATABASE, "index.db")] == [(one.kind, one.name) for one in first]
    assert [(VERSION, version)] == [(one.kind, one.name) for one in rest]
    assert 3 == await store.scrubbing.finding_count()


async def test_a_pass_settles_only_its_kinds(store: Store, bucket: BucketRecord) -> None:
    blob = (await put(store, bucket, "a", LARGE)).extents[0].blob_name
    await store.scrubbing.note([(DATABASE, "index.db", "y"), (BLOB, blob, "z")], 1)

    removed = await store.scrubbing.settle([BLOB], 1), await store.scrubbing.settle([BLOB], 2)

    assert (0, 1) == removed
    assert [DATABASE] == [one.kind for one in await store.scrubbing.findings(("", 0), 9)]


async def test_what_is_no_version_and_no_upload_nothing_needs(store: Store) -> None:
    held = store._database.read(
        lambda reader: findings.holder_of(reader, Finding(DATABASE, "index.db", "x", 1, 1))
    )

    assert Holders(0, ()) == held
