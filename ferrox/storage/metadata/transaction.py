"""Tx: the writing transaction, and what its functions leave to be written once at its end.

A transaction runs many functions, and most of them change the same two places: the greatest version
number that was ever given out, and the usage of a bucket. Both are kept in memory while the
functions run, each of which sees what earlier ones left, and written by `settle`, just before the
commit. What a function left goes when the function is undone: `changes` and `restore` go along with
its savepoint. (Version numbers need not: one that is passed over does no harm.)
"""

import sqlite3

from ferrox.records import Usage

_GREATEST_VERSION = "SELECT seq FROM sqlite_sequence WHERE name = 'versions'"
_KEEP_GREATEST_VERSION = "UPDATE sqlite_sequence SET seq = ? WHERE name = 'versions'"
_COUNT = (
    "UPDATE bucket_usage SET object_count = object_count + ?, version_count = version_count + ?,"
    " size_bytes = size_bytes + ?, part_bytes = part_bytes + ? WHERE bucket_id = ?"
)


class Tx(sqlite3.Connection):
    """The writing transaction. Only `Database.write` hands one out."""

    _changes: dict[int, Usage]
    _counted = 0
    _greatest_version: int | None

    def begin(self) -> None:
        """Begin; nobody else can write from now on."""
        self.execute("BEGIN IMMEDIATE")
        self._changes = {}
        self._greatest_version = None

    @property
    def left(self) -> tuple[int, int]:
        """Changes whenever a function leaves something behind."""
        return self.total_changes, self._counted

    def settle(self) -> None:
        """Write what the functions left; the commit follows."""
        if self._greatest_version is not None:
            self.execute(_KEEP_GREATEST_VERSION, (self._greatest_version,))
        for bucket_id, change in self._changes.items():
            self.execute(_COUNT, (*change, bucket_id))

    def next_version(self) -> int:
        """A number for a version that was never used and is greater than all that were."""
        if self._greatest_version is None:
            row = self.execute(_GREATEST_VERSION).fetchone()
            self._greatest_version = 0 if row is None else int(row[0])
        self._greatest_version += 1
        return self._greatest_version

    def count(
        self,
        bucket_id: int,
        *,
        objects: int = 0,
        versions: int = 0,
        size_bytes: int = 0,
        part_bytes: int = 0,
    ) -> None:
        """Note by how much the usage of a bucket changes."""
        self._counted += 1
        known = self._changes.get(bucket_id)
        if known is not None:
            objects += known[0]
            versions += known[1]
            size_bytes += known[2]
            part_bytes += known[3]
        self._changes[bucket_id] = Usage(objects, versions, size_bytes, part_bytes)

    def change_of(self, bucket_id: int) -> Usage:
        """By how much the usage of a bucket has changed so far; not in its row yet."""
        return self._changes.get(bucket_id, _UNCHANGED)

    def changes(self) -> dict[int, Usage]:
        """What `restore` needs to go back to this point."""
        return self._changes.copy()

    def restore(self, changes: dict[int, Usage]) -> None:
        """Go back to where `changes` was called."""
        self._changes = changes


_UNCHANGED = Usage()
