"""Inspection: a look at an index beside whoever has it open, without a lock and without a write.

The log of the index (WAL) lets a reader of another process see the last commit while a server
writes. Opened read-only, the connection cannot change anything, whatever it is asked.
"""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from ferrox.errors import Fault, StartError
from ferrox.lifecycle_records import LifecycleReport
from ferrox.records import BucketRecord
from ferrox.storage.expiring import LOOKED_AT_ONCE
from ferrox.storage.metadata import buckets, expiring, runs
from ferrox.storage.metadata.database import Reader
from ferrox.storage.metadata.expiring import Decide, DecideUpload, Page
from ferrox.storage.metadata.schema import MIGRATIONS

_WAIT_S = 30.0

T = TypeVar("T")


class Inspection:
    """An index that is only read; made by `inspecting`."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def bucket(self, name: str) -> BucketRecord | None:
        """Return the bucket of this name."""
        return self.read(lambda reader: buckets.find(reader, name))

    def bucket_document(self, bucket: BucketRecord, name: str) -> dict[str, Any] | None:
        """Return a document of a bucket."""
        return self.read(lambda reader: buckets.document(reader, bucket.bucket_id, name))

    def lifecycle_reports(self, bucket: BucketRecord) -> list[LifecycleReport]:
        """Return what the last runs of a bucket's rules did, the newest first."""
        return self.read(lambda reader: runs.reports(reader, bucket))

    async def expiring_versions(
        self,
        bucket: BucketRecord,
        prefix: str,
        position: tuple[str, int] | None,
        decide: Decide,
        now_ms: int,
    ) -> Page:
        """Return what is to be done about some versions, as the store does."""
        return self.read(
            lambda reader: expiring.page(
                reader, bucket, prefix, position, decide, now_ms=now_ms, limit=LOOKED_AT_ONCE
            )
        )

    async def expiring_uploads(
        self,
        bucket: BucketRecord,
        prefix: str,
        position: tuple[str, str] | None,
        decide: DecideUpload,
    ) -> Page:
        """Return what is to be done about some open uploads, as the store does."""
        return self.read(
            lambda reader: expiring.upload_page(
                reader, bucket, prefix, position, decide, limit=LOOKED_AT_ONCE
            )
        )

    def read(self, function: Callable[[Reader], T]) -> T:
        """Look something up in one snapshot, which is given up at once: logs would grow."""
        try:
            self._reader.execute("BEGIN")
            try:
                return function(self._reader)
            finally:
                self._reader.execute("COMMIT")
        except sqlite3.Error as error:
            raise Fault(f"the index cannot be read: {error}") from error


@contextlib.contextmanager
def inspecting(data_dir: Path) -> Iterator[Inspection]:
    """The index of a data directory for the length of a block; StartError if there is none."""
    path = data_dir / "index.db"
    if not path.exists():
        where = data_dir.absolute()
        raise StartError(f"there is no data directory at {where}; --data-dir names another")
    try:
        reader = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=_WAIT_S, isolation_level=None
        )
    except sqlite3.Error as error:
        raise StartError(f"{path} cannot be opened: {error}") from error
    with contextlib.closing(reader):
        try:
            (found,) = reader.execute("PRAGMA user_version").fetchone()
        except sqlite3.Error as error:
            raise StartError(f"{path} cannot be read: {error}") from error
        if found != len(MIGRATIONS):
            raise StartError(
                f"{path} has index format {found}, this ferroxd knows {len(MIGRATIONS)}:"
                " the server brings an older one up to date when it is started"
            )
        yield Inspection(reader)
