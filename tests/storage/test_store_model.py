"""The store against a model in memory that is too simple to be wrong: any verbs in any order."""

import asyncio
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
)

from ferrox.clock import SettableClock
from ferrox.crypto.envelope import KeyEncryptionKey
from ferrox.errors import QuotaExceeded
from ferrox.records import (
    NULL_VERSION,
    CommonPrefix,
    Encryption,
    Quota,
    UploadRecord,
    Usage,
    VersionDraft,
    Versioning,
    VersionRecord,
)
from ferrox.storage.content import BlobLabel
from ferrox.storage.metadata import manifest
from ferrox.storage.metadata.database import Reader
from ferrox.storage.store import Store

T = TypeVar("T")

INLINE_LIMIT_BYTES = 8
LETTERS = "ab/-\0\U0010ffff"
KEYS = st.text(LETTERS, min_size=1, max_size=3)
DATA = st.binary(max_size=40)
SEALED = Encryption("AES256")
ENCRYPTIONS = st.sampled_from([None, SEALED])


class Modelled(NamedTuple):
    """A version as the model has it; data is None for a delete marker."""

    version_id: str
    data: bytes | None


class Keys:
    """A key ring whose current key is replaced, and whose former ones are gone at once."""

    def __init__(self) -> None:
        self.current = self.made(1)

    @staticmethod
    def made(number: int) -> KeyEncryptionKey:
        return KeyEncryptionKey(f"s3/{number}", bytes([number % 256]) * 32)

    def kek(self, kek_id: str, encryption: Encryption) -> KeyEncryptionKey:
        assert (SEALED, self.current.kek_id) == (encryption, kek_id)
        return self.current

    def require_fresh(self, kek_id: str, _now_ms: int) -> None:
        assert self.current.kek_id == kek_id


class StoreAgainstModel(RuleBasedStateMachine):
    """Every verb is done to both; after every step both must show the same."""

    uploads = Bundle("uploads")

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.path = Path(tempfile.mkdtemp(prefix="ferrox-model-"))
        self.versioning = Versioning.UNVERSIONED
        self.history: dict[str, list[Modelled]] = {}
        self.parts: dict[str, dict[int, bytes]] = {}
        self.keys = Keys()
        self.open()
        self.bucket, _ = self.do(self.store.create_bucket("bucket", "owner", "r"))

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def open(self) -> None:
        self.store = self.do(
            Store.open(
                self.path / "data", clock=SettableClock(1), inline_limit_bytes=INLINE_LIMIT_BYTES
            )
        )
        self.store.key_ring = self.keys

    # What the model does

    def modelled_put(self, version: VersionRecord, key: str, data: bytes) -> None:
        versions = self.history.setdefault(key, [])
        if self.versioning is Versioning.ENABLED:
            assert version.version_id not in {known.version_id for known in versions}
        else:
            assert NULL_VERSION == version.version_id
            self.forget(key, NULL_VERSION)
        versions.append(Modelled(version.version_id, data))

    def forget(self, key: str, version_id: str) -> bool:
        """Remove a version; tell whether it was a delete marker."""
        versions = self.history.get(key, [])
        removed = [known for known in versions if known.version_id == version_id]
        versions[:] = [known for known in versions if known.version_id != version_id]
        return any(known.data is None for known in removed)

    def shown(self, key: str) -> bytes | None:
        versions = self.history.get(key)
        return versions[-1].data if versions else None

    # Verbs

    @rule(versioning=st.sampled_from([Versioning.ENABLED, Versioning.SUSPENDED]))
    def set_versioning(self, versioning: Versioning) -> None:
        self.versioning = versioning
        self.bucket = self.do(self.store.set_versioning(self.bucket, versioning))

    @rule(key=KEYS, data=DATA, encryption=ENCRYPTIONS)
    def put(self, key: str, data: bytes, encryption: Encryption | None) -> None:
        async def work() -> VersionRecord:
            async with self.store.receive(
                once(data),
                [],
                BlobLabel("bucket", key),
                size_hint=None,
                max_bytes=100,
                may_inline=True,
                kek=self.keys.current if encryption else None,
            ) as content:
                draft = VersionDraft(key, "etag", "owner", encryption=encryption)
                return await self.store.add_version(self.bucket, draft, content)

        self.modelled_put(self.do(work()), key, data)

    @rule(data=st.data(), encryption=ENCRYPTIONS)
    def reseal(self, data: st.DataObject, encryption: Encryption | None) -> None:
        version = self.draw_version(data)
        if version is None:
            return

        async def work() -> None:
            async with self.store.receive(
                once(self.bytes_of(version)),
                [],
                BlobLabel("bucket", version.key),
                size_hint=None,
                max_bytes=100,
                may_inline=True,
                kek=self.keys.current if encryption else None,
            ) as content:
                await self.store.reseal_version(version, content, encryption)

        self.do(work())
        resealed = self.store.version(self.bucket, version.key, version.version_id)
        assert resealed is not None
        assert version._replace(encryption=encryption, extents=resealed.extents) == resealed

    @rule()
    def rotate(self) -> None:
        former = self.keys.current
        self.keys.current = Keys.made(int(former.kek_id.removeprefix("s3/")) + 1)
        while self.do(self.store.rewrap(former, self.keys.current)):
            pass

    @rule(data=st.data(), key=KEYS)
    def copy(self, data: st.DataObject, key: str) -> None:
        source = self.draw_version(data)
        if source is None:
            return
        draft = VersionDraft(key, "copy", "owner", encryption=source.encryption)
        copied = self.do(self.store.copy_version(self.bucket, draft, source))
        self.modelled_put(copied, key, self.bytes_of(source))

    @rule(key=KEYS)
    def delete(self, key: str) -> None:
        deletion = self.do(self.store.delete_object(self.bucket, key, None))

        if self.versioning is not Versioning.ENABLED:
            self.forget(key, NULL_VERSION)
        if self.versioning is Versioning.UNVERSIONED:
            assert (False, None) == deletion
        else:
            assert deletion.is_delete_marker
            assert deletion.version_id is not None
            self.history.setdefault(key, []).append(Modelled(deletion.version_id, None))

    @rule(data=st.data())
    def delete_version(self, data: st.DataObject) -> None:
        known = self.known_versions()
        if not known:
            return
        key, version_id, _ = data.draw(st.sampled_from(known))

        deletion = self.do(self.store.delete_object(self.bucket, key, version_id))

        assert (self.forget(key, version_id), version_id) == deletion

    # Multipart uploads

    @rule(target=uploads, key=KEYS, encryption=ENCRYPTIONS)
    def create_upload(self, key: str, encryption: Encryption | None) -> UploadRecord:
        draft = VersionDraft(key, "", "owner", encryption=encryption)
        upload = self.do(self.store.create_upload(self.bucket, draft, None, None))
        self.parts[upload.upload_id] = {}
        return upload

    @rule(upload=uploads, number=st.integers(1, 3), data=DATA)
    def add_part(self, upload: UploadRecord, number: int, data: bytes) -> None:
        async def work() -> None:
            async with self.store.receive(
                once(data),
                [],
                BlobLabel("bucket", upload.key),
                size_hint=None,
                max_bytes=100,
                may_inline=False,
                kek=self.keys.current if upload.draft.encryption else None,
            ) as content:
                await self.store.add_part(upload, number, "etag", None, content)

        self.do(work())
        self.parts[upload.upload_id][number] = data

    @rule(upload=uploads, number=st.integers(1, 3), data=st.data())
    def copy_part(self, upload: UploadRecord, number: int, data: st.DataObject) -> None:
        source = self.draw_version(data)
        if source is None or source.encryption != upload.draft.encryption:
            return
        if source.encryption is not None and not source.extents:
            return  # the bytes would have to be sealed anew, into a blob
        start = data.draw(st.integers(0, source.size_bytes))
        length = data.draw(st.integers(0, source.size_bytes - start))
        self.do(self.store.copy_part(upload, number, "etag", None, source, start, length))
        whole = self.bytes_of(source)
        self.parts[upload.upload_id][number] = whole[start : start + length]

    @rule(upload=consumes(uploads), data=st.data())
    def complete_upload(self, upload: UploadRecord, data: st.DataObject) -> None:
        parts = self.parts.pop(upload.upload_id)
        numbers = [number for number in sorted(parts) if data.draw(st.booleans())]

        version = self.do(
            self.store.complete_upload(upload, numbers, lambda _: upload.draft._replace(etag="m"))
        )

        whole = b"".join(parts[number] for number in numbers)
        self.modelled_put(version, upload.key, whole)
        again = self.store.completed_upload(self.bucket, upload.key, upload.upload_id)
        assert again is not None
        assert version.version == again.version

    @rule(upload=consumes(uploads))
    def abort_upload(self, upload: UploadRecord) -> None:
        del self.parts[upload.upload_id]
        self.do(self.store.abort_upload(upload))

    @rule(target=uploads, upload=consumes(uploads))
    def find_upload(self, upload: UploadRecord) -> Any:
        assert upload == self.store.upload(self.bucket, upload.key, upload.upload_id)
        parts, _ = self.do(self.store.list_parts(upload, 0, 10))
        expected = [(n, len(data)) for n, data in sorted(self.parts[upload.upload_id].items())]
        assert expected == [(part.part_number, part.size_bytes) for part in parts]
        return multiple(upload)

    # Listings, and what must change nothing

    @rule(
        prefix=st.text(LETTERS, max_size=2),
        delimiter=st.text(LETTERS, max_size=2),
        after=st.text(LETTERS, max_size=3),
        limit=st.integers(0, 5),
    )
    def list_objects(self, prefix: str, delimiter: str, after: str, limit: int) -> None:
        entries, is_truncated, next_after = self.do(
            self.store.list_objects(
                self.bucket, prefix=prefix, delimiter=delimiter, after=after, limit=limit
            )
        )

        keys = [key for key in self.history if self.shown(key) is not None]
        expected = [name for name in rolled_up(keys, prefix, delimiter) if is_after(name, after)]
        found = [e.prefix if isinstance(e, CommonPrefix) else e.key for e in entries]
        assert expected[:limit] == found
        assert (0 < limit < len(expected)) == is_truncated
        assert (found[-1] if is_truncated else "") == next_after

    @rule()
    def reopen(self) -> None:
        self.do(self.store.close())
        self.open()

    @rule()
    def reap(self) -> None:
        self.do(self.store.reap())
        assert 0 == self.do(self.store.remove_orphans())

    @initialize()
    def begin(self) -> None:
        assert 0 == self.do(self.store.reap())

    @rule(data=DATA)
    def a_quota_refuses_what_adds_beyond_it(self, data: bytes) -> None:
        before = self.store.usage(self.bucket)
        full = Quota(before.size_bytes + before.part_bytes, before.object_count)
        self.do(self.store.set_quota(self.bucket, full))
        assert full == self.store.quota(self.bucket)
        is_refused = False
        try:
            self.put("a", data, None)
        except QuotaExceeded:
            is_refused = True
        self.do(self.store.set_quota(self.bucket, Quota()))

        after = self.store.usage(self.bucket)
        assert before == after or not is_refused
        assert sum(after[2:]) <= sum(before[2:])
        assert after.object_count <= before.object_count

    # What always holds

    @invariant()
    def usage_is_counted_exactly(self) -> None:
        versions = [one for history in self.history.values() for one in history]
        expected = Usage(
            sum(self.shown(key) is not None for key in self.history),
            len(versions),
            sum(len(one.data or b"") for one in versions),
            sum(len(data) for parts in self.parts.values() for data in parts.values()),
        )
        assert expected == self.store.usage(self.bucket)

    @invariant()
    def every_version_has_its_bytes(self) -> None:
        for key, versions in self.history.items():
            newest = self.store.version(self.bucket, key)
            assert (newest and newest.version_id) == (versions[-1].version_id if versions else None)
            for version_id, data in versions:
                version = self.store.version(self.bucket, key, version_id)
                assert version is not None
                assert (data is None) == version.is_delete_marker
                if data is not None:
                    assert data == self.do(self.store.read(version, 0, len(data)))

    @invariant()
    def everything_is_under_the_current_key(self) -> None:
        counts = self.do(self.store.data_key_counts())
        assert counts.keys() <= {self.keys.current.kek_id}

    @invariant()
    def every_blob_is_counted_exactly(self) -> None:
        names, counts, inline_bytes = self.store._database.read(recount)
        assert names == counts
        expected = sum(
            len(one.data or b"")
            for versions in self.history.values()
            for one in versions
            if len(one.data or b"") <= INLINE_LIMIT_BYTES
        )
        assert inline_bytes <= expected
        assert len(counts) == self.do(self.store.figures(0)).blob_count

    def teardown(self) -> None:
        for key, versions in self.history.items():
            for version_id, _ in list(versions):
                self.do(self.store.delete_object(self.bucket, key, version_id))
        self.do(self.store.delete_bucket(self.bucket))
        self.do(self.store.reap())
        files = [name for _, _, names in os.walk(self.path / "data" / "blobs") for name in names]
        rows = self.store._database.read(leftovers)
        self.do(self.store.close())
        self.runner.close()
        shutil.rmtree(self.path)
        assert ([], 0) == (files, rows)

    def known_versions(self) -> list[tuple[str, str, bytes | None]]:
        """Key, id and bytes of all versions, in an order that random ids have no part in."""
        return [(key, *one) for key in sorted(self.history) for one in self.history[key]]

    def draw_version(self, data: st.DataObject) -> VersionRecord | None:
        known = [(key, one) for key, one, content in self.known_versions() if content is not None]
        if not known:
            return None
        return self.store.version(self.bucket, *data.draw(st.sampled_from(known)))

    def bytes_of(self, version: VersionRecord) -> bytes:
        (data,) = [
            one.data
            for one in self.history[version.key]
            if one.version_id == version.version_id and one.data is not None
        ]
        return data


async def once(data: bytes) -> AsyncIterator[bytes]:
    yield data


def rolled_up(keys: list[str], prefix: str, delimiter: str) -> list[str]:
    """The names a listing shows from its beginning, in order."""
    names = set()
    for key in keys:
        if key.startswith(prefix):
            end = key.find(delimiter, len(prefix)) if delimiter else -1
            names.add(key if end < 0 else key[: end + len(delimiter)])
    return sorted(names)


def is_after(name: str, after: str) -> bool:
    """Whether a key, or a common prefix with all that is below it, comes after a marker."""
    return name > after


def recount(reader: Reader) -> tuple[Counter[bytes], Counter[bytes], int]:
    """Blobs as manifests name them; as they are counted; and how many plain bytes lie inline."""
    rows = reader.execute("SELECT manifest FROM versions UNION ALL SELECT manifest FROM parts")
    named = Counter(extent.blob_name for (packed,) in rows for extent in manifest.unpack(packed))
    counted = Counter(dict(reader.execute("SELECT name, reference_count FROM blobs")))
    (inline_bytes,) = reader.execute(
        "SELECT coalesce(sum(length(data)), 0) FROM inline_data WHERE kek_id IS NULL"
    ).fetchone()
    return named, counted, inline_bytes


def leftovers(reader: Reader) -> int:
    """Rows in all tables but those of SQLite and the one that has a row always: what it counts."""
    tables = reader.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        " AND name <> 'blob_usage'"
    ).fetchall()
    left: int = sum(reader.execute("SELECT blob_count, size_bytes FROM blob_usage").fetchone())
    for (table,) in tables:
        left += reader.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    return left


TestStoreAgainstModel = StoreAgainstModel.TestCase
TestStoreAgainstModel.settings = settings(
    max_examples=100,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
