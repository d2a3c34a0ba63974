"""Inventory: the lists of its objects that a bucket is configured to have written.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory.html

One task in one process. The bucket is read page by page and written as it is read, so memory does
not grow with it; a list is no snapshot, as on AWS: what changes meanwhile may be in it or not. Data
files come first, then the manifest that names them, then its checksum: who waits for that one sees
a whole list. When a list was begun is remembered beside the configuration, once it is complete; a
list that a crash cut short is written anew.
"""

import logging
import uuid
import zlib
from collections.abc import AsyncIterator, Sequence
from hashlib import md5

from ferrox.clock import Clock
from ferrox.errors import Fault, S3Error
from ferrox.jobs.publishing import publish
from ferrox.jobs.rounds import Rounds
from ferrox.jobs.sealing import Sealing
from ferrox.protocol import encryption, inventory
from ferrox.protocol.documents.analysis import bucket_of
from ferrox.protocol.encryption import Asked
from ferrox.protocol.inventory import File, Place
from ferrox.protocol.plain import from_plain
from ferrox.protocol.shapes.inventory import InventoryConfiguration
from ferrox.records import (
    UNLOCKED,
    BucketRecord,
    CommonPrefix,
    Lock,
    ObjectSummary,
    VersionSummary,
)
from ferrox.storage.bodies import once
from ferrox.storage.store import Store

PAUSE_S = 60.0
PAGE_LIMIT = 250
"""Entries that are formatted in one go, for a millisecond in which nothing else happens."""

LINES_PER_FILE = 1_000_000
DOCUMENTS = f"{InventoryConfiguration.stored_as}/"
RUNS = "inventoryRun/"
"""Beside each configuration: when its last list was begun."""

GZIP_WBITS = 31

log = logging.getLogger("ferrox.inventory")


class Inventory:
    """Writes the inventory lists of one store."""

    def __init__(self, store: Store, sealing: Sealing, clock: Clock) -> None:
        self._store = store
        self._sealing = sealing
        self._clock = clock
        self.rounds = Rounds("inventory", clock)

    async def run(self) -> None:
        """Write what is due until cancelled."""
        await self.rounds.repeat(self.work_once, PAUSE_S)

    async def work_once(self) -> int:
        """Write the lists that are due; return how many."""
        count = 0
        try:
            found = await self._store.documents_of_all_buckets(DOCUMENTS)
        except Fault as fault:
            log.warning("inventories cannot be looked for: %s", fault)
            return 0
        for bucket_id, document in found:
            source = self._store.bucket_by_id(bucket_id)
            if source is None:
                continue
            configuration = from_plain(InventoryConfiguration, document)
            try:
                count += await self._write_if_due(source, configuration)
            except (Fault, S3Error, OSError) as error:
                log.warning(
                    "inventory %s of bucket %s failed, to be tried again later: %s",
                    configuration.id,
                    source.name,
                    error,
                )
            except Exception:
                log.exception("inventory %s of bucket %s failed", configuration.id, source.name)
        return count

    async def _write_if_due(
        self, source: BucketRecord, configuration: InventoryConfiguration
    ) -> bool:
        name, began_ms = RUNS + configuration.id, self._clock.now_ms()
        last = self._store.bucket_document(source, name)
        if not inventory.is_due(configuration, last["began_ms"] if last else None, began_ms):
            return False
        destination = bucket_of(configuration.destination.s3_bucket_destination.bucket)
        target = self._store.bucket(destination) if destination else None
        is_possible = target is not None and target.owner_id == source.owner_id
        if target is not None and is_possible:
            await self._write(source, configuration, target, began_ms)
        else:
            log.warning(
                "inventory %s of bucket %s is not written: its owner has no bucket %s",
                configuration.id,
                source.name,
                destination,
            )
        await self._store.put_bucket_document(source, name, {"began_ms": began_ms})
        return is_possible

    async def _write(
        self,
        source: BucketRecord,
        configuration: InventoryConfiguration,
        target: BucketRecord,
        began_ms: int,
    ) -> None:
        place = inventory.place(configuration, source.name, target.name, began_ms)
        columns = inventory.columns(configuration)
        files: list[File] = []
        lines = _Lines(self._store, source, configuration, columns, self.rounds)
        wanted = _encryption(configuration)
        sealed = None if wanted is None else self._sealing.asked(target, wanted)
        while lines.has_more:
            key = place.data_key(str(uuid.uuid4()))
            written = await publish(
                self._store,
                self._sealing,
                target,
                key,
                lines.compressed(LINES_PER_FILE),
                "application/x-gzip",
                sealed=sealed,
            )
            files.append(File(key, *written))
        for key, data, content_type in _manifests(source, place, columns, files):
            await publish(
                self._store,
                self._sealing,
                target,
                key,
                once(data),
                content_type,
                size_bytes=len(data),
                sealed=sealed,
            )


def _manifests(
    source: BucketRecord, place: Place, columns: Sequence[str], files: Sequence[File]
) -> list[tuple[str, bytes, str]]:
    """What is written when all lines are: key, content and its type, in this order."""
    manifest = inventory.manifest(place, source.name, columns, files)
    checksum = md5(manifest, usedforsecurity=False).hexdigest().encode()
    return [
        (place.symlink_key, inventory.symlinks(place, files), "text/plain"),
        (place.manifest_key, manifest, "application/json"),
        (place.checksum_key, checksum, "text/plain"),
    ]


def _encryption(configuration: InventoryConfiguration) -> Asked | None:
    """How the destination wants a list encrypted, if it says so itself."""
    asked = configuration.destination.s3_bucket_destination.encryption
    if asked is None:
        return None
    if asked.ssekms is not None:
        return Asked(encryption.KMS, asked.ssekms.key_id)
    return None if asked.sses3 is None else Asked(encryption.AES256)


class _Lines:
    """The lines of one list, in as many files as it takes."""

    def __init__(
        self,
        store: Store,
        bucket: BucketRecord,
        configuration: InventoryConfiguration,
        columns: Sequence[str],
        rounds: Rounds,
    ) -> None:
        self._store = store
        self._bucket = bucket
        self._columns = columns
        self._prefix = configuration.filter.prefix if configuration.filter else ""
        self._has_versions = inventory.has_versions(configuration)
        self._needs_locks = inventory.needs_locks(columns)
        self._after = ("", "")
        self.has_more = True
        self._rounds = rounds
        self._count = 0
        usage = store.usage(bucket)
        whole = usage.version_count if self._has_versions else usage.object_count
        self._total = None if self._prefix else whole

    async def compressed(self, most: int) -> AsyncIterator[bytes]:
        """Yield the next lines as a gzip file."""
        compressor = zlib.compressobj(wbits=GZIP_WBITS)
        count = 0
        while self.has_more and count < most:
            page = await self._page()
            count += len(page)
            self._count += len(page)
            self._rounds.advance(self._count, self._total, "lines")
            text = "".join(
                [
                    inventory.line(self._bucket.name, entry, self._columns, self._lock(entry))
                    for entry in page
                ]
            )
            if data := compressor.compress(text.encode()):
                yield data
        yield compressor.flush()

    async def _page(self) -> list[ObjectSummary | VersionSummary]:
        """The entries that come next; without a delimiter there are no common prefixes."""
        key, version_id = self._after
        if self._has_versions:
            versions = await self._store.list_versions(
                self._bucket,
                prefix=self._prefix,
                delimiter="",
                key_marker=key,
                version_id_marker=version_id,
                limit=PAGE_LIMIT,
            )
            self._after = versions.next_key_marker, versions.next_version_id_marker
            self.has_more = versions.is_truncated
            return [entry for entry in versions.entries if not isinstance(entry, CommonPrefix)]
        objects = await self._store.list_objects(
            self._bucket, prefix=self._prefix, delimiter="", after=key, limit=PAGE_LIMIT
        )
        self._after = objects.next_after, ""
        self.has_more = objects.is_truncated
        return [entry for entry in objects.entries if not isinstance(entry, CommonPrefix)]

    def _lock(self, entry: ObjectSummary | VersionSummary) -> Lock:
        if not self._needs_locks:
            return UNLOCKED
        version_id = entry.version_id if isinstance(entry, VersionSummary) else None
        version = self._store.version(self._bucket, entry.key, version_id)
        return version.lock if version else UNLOCKED
