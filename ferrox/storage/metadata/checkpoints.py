"""Checkpoints: when the log is copied back into the index, and what it means if that fails.

What is committed lies in the log, and is as safe there as in the index. SQLite's own checkpoints
swallow their errors and hold up whoever happens to commit, so they are turned off. There are two
kinds in their place:

- A pass runs on a thread of its own beside the writer, whenever CHECKPOINT_BYTES were added to the
  log. It holds up nobody, so that most of the log is copied back at any time. But as the writer
  goes on, it hardly ever catches all of it, and only then is the log begun anew.
- So when a pass ends and the log is long, the writer itself copies what came meanwhile, between two
  batches, in its turn. That is little, so the others hardly notice; without the pass it would be up
  to CHECKPOINT_BYTES, for which everybody would wait. It copies in any case when the log is longer
  than its limit, room is short, or the index would grow by much: what is kept free for deleting
  must be there (see `room`).

Each process counts what it adds itself. What the others added, and whether they began the log anew,
it learns from each pass.

Without room the log stays where it is, as safe as before. Any other failure is final: the fsync of
a checkpoint says no less about the drive than that of a commit.
"""

import sqlite3
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from ferrox.storage.metadata.connections import PAGE_BYTES, WAL_LIMIT_BYTES, open_reader
from ferrox.storage.metadata.transaction import Tx
from ferrox.storage.metadata.turn import Turn
from ferrox.storage.read_only import ReadOnlyMark
from ferrox.storage.room import Room

CHECKPOINT_BYTES = 16 * 1024 * 1024
"""Added to the log between two passes."""

BYTES_A_FUNCTION = 12 * 1024
"""Added to the log by a function, as a rule, beside the data that it brings."""


class _Copied(NamedTuple):
    """How long the log is, of all processes, and how much of it had to be left."""

    log_bytes: int
    left_bytes: int


class Checkpoints:
    """Keeps the log short. Its methods are called by the writer thread."""

    def __init__(
        self,
        path: Path,
        writer: Tx,
        room: Room,
        turn: Turn,
        read_only: ReadOnlyMark,
    ) -> None:
        self.reusable_bytes = 0
        """free inside the index, as of the last `measure`"""
        self._path = path
        self._writer = writer
        self._room = room
        self._turn = turn
        self._read_only = read_only
        self._log_limit_bytes = min(WAL_LIMIT_BYTES, room.reserve_bytes or WAL_LIMIT_BYTES)
        self._pass_bytes = min(CHECKPOINT_BYTES, self._log_limit_bytes // 4)
        self._log_bytes = 0
        self._unpassed_bytes = 0
        self._unmeasured_bytes = 0
        self._is_required = False
        self._thread = ThreadPoolExecutor(1, "ferrox-checkpoint")
        self._pass: Future[_Copied | None] | None = None

    def require(self) -> None:
        """Copy the log back as soon as the batch is over: room is short."""
        self._is_required = True

    def wrote(self, function_count: int, data_bytes: int) -> None:
        """Take note of a batch, and copy back what is due. Called between two batches."""
        if self._read_only.reason is not None:
            return
        added_bytes = function_count * BYTES_A_FUNCTION + data_bytes
        self._log_bytes += added_bytes
        self._unpassed_bytes += added_bytes
        self._unmeasured_bytes += added_bytes
        may_have_bytes = self._log_limit_bytes
        if self._has_passed():
            may_have_bytes -= self._pass_bytes
        if self._is_required or self._log_bytes > may_have_bytes or self._owes_much():
            self.finish()
        elif self._unpassed_bytes >= self._pass_bytes and self._pass is None:
            self._unpassed_bytes = 0
            self._pass = self._thread.submit(self._pass_beside)

    def finish(self) -> None:
        """Copy the log back now."""
        self._is_required = False
        self._unpassed_bytes = 0
        if self._pass is not None:
            self._pass.result()  # two cannot copy at once
            self._pass = None
        try:
            with self._turn:
                copied = self._copy_back(self._writer)
        except OSError as error:
            self._read_only.refuse(f"waiting for the turn to copy the log back failed: {error}")
            return
        # What a long reader keeps from being copied is tried again when it has become more.
        left_bytes = self._log_limit_bytes if copied is None else copied.left_bytes
        self._log_bytes = min(left_bytes, self._log_limit_bytes - self._pass_bytes)

    def measure(self) -> None:
        """Note how much of the index is free, and by how much it will grow at a checkpoint."""
        self._unmeasured_bytes = 0
        page_count, free_count = (
            self._writer.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "freelist_count")
        )
        self.reusable_bytes = free_count * PAGE_BYTES
        self._room.owed_bytes = page_count * PAGE_BYTES - self._path.stat().st_size

    def close(self) -> None:
        """Wait for a pass that is under way, then copy back what is left, if the drive is sound."""
        self._thread.shutdown()
        if self._read_only.reason is None:
            self.finish()

    def _owes_much(self) -> bool:
        """Whether the index will grow by so much that the reserve is at stake."""
        may_owe_bytes = self._room.reserve_bytes // 2
        if self._unmeasured_bytes < may_owe_bytes // 2:
            return False
        try:
            self.measure()
        except (OSError, sqlite3.Error) as error:
            self._read_only.refuse(f"looking at the index failed: {error}")
        return self._room.owed_bytes > may_owe_bytes > 0

    def _has_passed(self) -> bool:
        """Whether a pass has ended since this was asked; if so, note how long the log is."""
        if self._pass is None or not self._pass.done():
            return False
        copied, self._pass = self._pass.result(), None
        if copied is not None:
            self._log_bytes = copied.log_bytes + self._unpassed_bytes
        return True

    def _pass_beside(self) -> _Copied | None:
        connection = open_reader(self._path)
        try:
            return self._copy_back(connection)
        finally:
            connection.close()

    def _copy_back(self, connection: sqlite3.Connection) -> _Copied | None:
        """Copy back what nobody reads in its former state; None when it could not be done."""
        try:
            row = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        except sqlite3.Error as error:
            if int(getattr(error, "sqlite_errorcode", 0)) & 0xFF != sqlite3.SQLITE_FULL:
                self._read_only.refuse(f"copying the log into the index failed: {error}")
            return None
        is_busy, frame_count, copied_count = row
        if is_busy:  # another process is at it
            return None
        return _Copied(frame_count * PAGE_BYTES, (frame_count - copied_count) * PAGE_BYTES)
