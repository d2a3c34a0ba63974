"""Spool: lines that are to become objects, in files that outlive the process which wrote them.

Every process appends to files of its own, `SOURCE.DAY.RANDOM`, and holds each locked for as long as
it appends to it. Who can lock a file knows that nobody appends to it any more, be it that it is old
or large enough, be it that its process is dead: then its lines are taken, and it is removed.

Lines wait in memory for `FLUSH_S`; that is what the death of a process loses. Files are not synced,
so a power failure loses what the system has not yet written, half a minute as a rule. That is in
the spirit of AWS, which delivers its access logs as well as it can and promises no more.
"""

import asyncio
import contextlib
import errno
import fcntl
import logging
import os
import re
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from ferrox.clock import Clock

FLUSH_S = 1.0
MEMORY_BYTES = 4 * 1024 * 1024
"""Lines that wait to be written; further ones are dropped, so that a slow disk slows nothing."""

DISK_BYTES = 256 * 1024 * 1024
"""Lines that wait to be delivered; further ones are dropped."""

OPEN_FILES = 64
"""Files that a process appends to; for one more, the oldest is given away early."""

_is_name = re.compile(r"([0-9]+)\.([0-9]{8})\.([0-9A-F]{16})").fullmatch

log = logging.getLogger("ferrox.spool")


class Batch(NamedTuple):
    """Lines that are ready to be delivered.

    source  number of the bucket that they are about
    day     YYYYMMDD on which what they tell of happened
    unique  what tells this batch from all others
    """

    source: int
    day: str
    unique: str
    data: bytes


class _Open(NamedTuple):
    fd: int
    opened_ms: int


class Spool:
    """The files of one directory, as one process sees them."""

    def __init__(self, path: Path, clock: Clock, *, max_age_s: float, max_bytes: int) -> None:
        self._path = path
        self._clock = clock
        self._max_age_ms = round(max_age_s * 1000)
        self._max_bytes = max_bytes
        self._waiting: dict[str, list[str]] = {}
        self._waiting_bytes = 0
        self._dropped_count = 0
        self._files: dict[str, _Open] = {}
        self._writing = threading.Lock()

    def add(self, source: int, day: str, line: str) -> None:
        """Take a line, or drop it when too many wait."""
        if self._waiting_bytes > MEMORY_BYTES:
            self._dropped_count += 1
            return
        self._waiting.setdefault(f"{source}.{day}", []).append(line)
        self._waiting_bytes += len(line) + 1

    async def run(self) -> None:
        """Write what comes until cancelled, then the rest."""
        try:
            while True:
                await asyncio.sleep(FLUSH_S)
                await self.flush()
        finally:
            await self.close()

    async def flush(self) -> None:
        """Write the lines that wait, and let go of the files that are old or large enough."""
        await self._flush(self._max_age_ms)

    async def close(self) -> None:
        """Write the lines that wait, and let go of all files."""
        await self._flush(0)

    async def _flush(self, max_age_ms: int) -> None:
        if self._dropped_count:
            log.warning("dropped %d lines of access logs", self._dropped_count)
            self._dropped_count = 0
        waiting, self._waiting, self._waiting_bytes = self._waiting, {}, 0
        if waiting or self._files:
            try:
                await asyncio.to_thread(self._write, waiting, max_age_ms)
            except OSError as error:
                log.warning("lines of access logs are lost: %s", error)

    async def deliver(self, take: Callable[[Batch], Awaitable[bool]]) -> int:
        """Hand out what nobody appends to any more; remove what is taken, and return how much."""
        count = 0
        for name in await asyncio.to_thread(self._names):
            found = await asyncio.to_thread(self._claim, name)
            if found is None:
                continue
            fd, batch = found
            try:
                if not batch.data or await take(batch):
                    await asyncio.to_thread((self._path / name).unlink)
                    count += bool(batch.data)
            finally:
                os.close(fd)
        return count

    def _names(self) -> list[str]:
        try:
            return sorted(filter(_is_name, os.listdir(self._path)))
        except FileNotFoundError:
            return []

    def _claim(self, name: str) -> tuple[int, Batch] | None:
        """The descriptor that holds the lock, and the lines; None if somebody else has it."""
        match = _is_name(name)
        if match is None:
            return None
        fd = os.open(self._path / name, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with open(fd, "rb", closefd=False) as file:
                data = file.read()
        except BlockingIOError:
            os.close(fd)
            return None
        except BaseException:
            os.close(fd)
            raise
        whole = data[: data.rfind(b"\n") + 1]  # a crash may have cut the last line
        return fd, Batch(int(match[1]), match[2], match[3], whole)

    def _write(self, waiting: dict[str, list[str]], max_age_ms: int) -> None:
        """Runs in a thread, perhaps while the one of a cancelled call has not ended yet."""
        with self._writing:
            self._path.mkdir(mode=0o700, exist_ok=True)
            if waiting and sum(_sizes(self._path)) > DISK_BYTES:
                dropped_count = sum(map(len, waiting.values()))
                log.warning("the spool is full: dropped %d lines of access logs", dropped_count)
                waiting = {}
            try:
                for stem, lines in waiting.items():
                    self._append(stem, lines)
            finally:
                self._let_go(max_age_ms)

    def _append(self, stem: str, lines: list[str]) -> None:
        data = "".join([f"{line}\n" for line in lines]).encode("utf-8", "replace")
        fd = self._opened(stem)
        former_bytes = os.fstat(fd).st_size
        if os.write(fd, data) < len(data):
            os.ftruncate(fd, former_bytes)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if former_bytes + len(data) >= self._max_bytes:
            os.close(self._files.pop(stem).fd)

    def _opened(self, stem: str) -> int:
        if stem in self._files:
            return self._files[stem].fd
        if len(self._files) >= OPEN_FILES:
            oldest = min(self._files, key=lambda name: self._files[name].opened_ms)
            os.close(self._files.pop(oldest).fd)
        flags = os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_WRONLY | os.O_CLOEXEC
        while True:
            fd = os.open(self._path / f"{stem}.{os.urandom(8).hex().upper()}", flags, 0o600)
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.fstat(fd).st_nlink:  # else it was taken for a leftover before it was locked
                    self._files[stem] = _Open(fd, self._clock.now_ms())
                    return fd
            os.close(fd)

    def _let_go(self, age_ms: int) -> None:
        due_ms = self._clock.now_ms() - age_ms
        for stem in [stem for stem, file in self._files.items() if file.opened_ms <= due_ms]:
            os.close(self._files.pop(stem).fd)


def _sizes(path: Path) -> Iterator[int]:
    with os.scandir(path) as entries:
        for entry in entries:
            with contextlib.suppress(FileNotFoundError):
                yield entry.stat().st_size
