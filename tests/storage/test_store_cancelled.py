"""Many clients at once, many of which vanish at some await: nothing is lost, leaked, miscounted."""

import asyncio
import hashlib
import os
import random
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, suppress

import pytest

from ferrox.errors import S3Error, SourceChanged
from ferrox.records import BucketRecord, UploadRecord, VersionDraft, VersionRecord
from ferrox.storage.content import BlobLabel
from ferrox.storage.reading import BlockStream
from ferrox.storage.store import Store
from tests.storage.test_store_model import leftovers, recount
from tests.storage.verbs import add_part, assemble, blob_files, pattern, stream

CLIENTS = 8
DEEDS_EACH = 60
SIZES = (0, 10, 70_000, 600_000, 2_000_000)
KEYS = "abc"


class Client:
    """Does anything to a few keys that everybody uses, and often loses patience."""

    def __init__(self, store: Store, bucket: BucketRecord, seed: int) -> None:
        self.store = store
        self.bucket = bucket
        self.rng = random.Random(seed)
        self.deeds: list[Callable[[], Awaitable[object]]] = [
            self.put, self.put, self.read, self.read, self.digest, self.copy, self.delete,
            self.begin_upload, self.add_part, self.copy_part, self.complete, self.abort,
            self.store.reap, self.store.remove_orphans,
        ]  # fmt: skip

    async def work(self) -> None:
        for _ in range(DEEDS_EACH):
            deed = asyncio.ensure_future(self.do(self.rng.choice(self.deeds)))
            if self.rng.random() < 0.5:
                for _ in range(self.rng.randrange(30)):
                    await asyncio.sleep(0)
                deed.cancel()
            await asyncio.wait([deed])
            assert deed.cancelled() or deed.exception() is None, deed.exception()

    async def do(self, deed: Callable[[], Awaitable[object]]) -> None:
        with suppress(S3Error, SourceChanged):  # somebody else was quicker
            await deed()

    @property
    def key(self) -> str:
        return self.rng.choice(KEYS)

    @property
    def data(self) -> bytes:
        return pattern(self.rng.choice(SIZES), self.rng.randrange(1000))

    def shown(self) -> VersionRecord | None:
        return self.store.version(self.bucket, self.key)

    async def upload(self) -> UploadRecord | None:
        found = await self.store.list_uploads(
            self.bucket, prefix="", delimiter="", key_marker="", upload_id_marker="", limit=5
        )
        uploads = [entry for entry in found.entries if isinstance(entry, UploadRecord)]
        return self.rng.choice(uploads) if uploads else None

    async def put(self) -> None:
        key, data = self.key, self.data
        label = BlobLabel(self.bucket.name, key)
        draft = VersionDraft(key, hashlib.md5(data).hexdigest(), "owner")
        async with self.store.receive(
            stream(data), [], label, size_hint=None, max_bytes=len(data), may_inline=True
        ) as content:
            await self.store.add_version(self.bucket, draft, content)

    async def read(self) -> None:
        if (version := self.shown()) is None:
            return
        digest = hashlib.md5()
        found = await self.store.read(version, 0, version.size_bytes)
        if isinstance(found, BlockStream):
            async with aclosing(found):
                async for block in found:
                    digest.update(block)
                    await asyncio.sleep(0)
        else:
            digest.update(found)
        assert version.etag in {digest.hexdigest(), "whole"}

    async def digest(self) -> None:
        if version := self.shown():
            await self.store.digest(version, 0, version.size_bytes, [hashlib.md5()])

    async def copy(self) -> None:
        if version := self.shown():
            draft = VersionDraft(self.key, version.etag, "owner")
            await self.store.copy_version(self.bucket, draft, version)

    async def delete(self) -> None:
        await self.store.delete_object(self.bucket, self.key, None)

    async def begin_upload(self) -> None:
        draft = VersionDraft(self.key, "", "owner")
        await self.store.create_upload(self.bucket, draft, None, None)

    async def add_part(self) -> None:
        if upload := await self.upload():
            await add_part(self.store, upload, self.rng.randrange(1, 4), self.data)

    async def copy_part(self) -> None:
        upload, version = await self.upload(), self.shown()
        if upload and version:
            start = self.rng.randrange(version.size_bytes + 1)
            length = self.rng.randrange(version.size_bytes - start + 1)
            number = self.rng.randrange(1, 4)
            await self.store.copy_part(upload, number, "etag", None, version, start, length)

    async def complete(self) -> None:
        if upload := await self.upload():
            parts, _ = await self.store.list_parts(upload, 0, 10)
            numbers = [part.part_number for part in parts if self.rng.random() < 0.8]
            await self.store.complete_upload(upload, numbers, assemble(upload))

    async def abort(self) -> None:
        if upload := await self.upload():
            await self.store.abort_upload(upload)


def descriptors_of_blobs(store: Store) -> list[str]:
    """Blob files that are open."""
    root = str(store.data_dir.blobs_path)
    found = []
    for descriptor in os.listdir("/proc/self/fd"):
        try:
            found.append(os.readlink(f"/proc/self/fd/{descriptor}"))
        except FileNotFoundError:  # the one that lists them
            continue
    return [path for path in found if path.startswith(root)]


@pytest.mark.parametrize("seed", range(3))
async def test_clients_that_vanish_leave_everything_in_order(
    store: Store, bucket: BucketRecord, seed: int
) -> None:
    complaints: list[dict[str, object]] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: complaints.append(context))
    readers = ThreadPoolExecutor(4)
    loop.set_default_executor(readers)
    clients = [Client(store, bucket, seed * CLIENTS + number) for number in range(CLIENTS)]

    async with asyncio.TaskGroup() as together:
        for client in clients:
            together.create_task(client.work())
    while store._arrivals._tasks:
        await asyncio.wait(store._arrivals._tasks)
    loop.set_default_executor(ThreadPoolExecutor(2))
    await asyncio.to_thread(readers.shutdown)

    named, counted, _ = store._database.read(recount)
    assert named == counted
    await store.reap()
    assert {name.hex() for name in counted} == set(blob_files(store))
    for key in KEYS:
        await store.delete_object(bucket, key, None)
    await store.delete_bucket(bucket)
    await store.reap()
    assert (0, []) == (store._database.read(leftovers), blob_files(store))
    assert (set(), [], []) == (store._arrivals.names, descriptors_of_blobs(store), complaints)
