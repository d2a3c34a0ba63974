"""Copies of many blob files at once, from one directory tree to another.

Some threads copy, each a blob at a time: what takes long is to wait for the drive. A blob that is
damaged or missing is noted, and the rest goes on; that the target cannot be written ends it all.
At the end the directories of the new files are synced: from then on the names are durable, too.
"""

import contextlib
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import NamedTuple

from ferrox.errors import DataCorrupted
from ferrox.storage.backup.databases import Progress, no_progress
from ferrox.storage.backup.place import sync
from ferrox.storage.blobs import whole
from ferrox.storage.blobs.files import FileBlobStore

THREADS = 4

_WAITING = 64
"""Blobs that are given to the threads ahead of those that were looked at."""

_TOLD_EVERY_S = 0.2
"""While the next blob is not done: they may be of 5 GiB."""

Named = tuple[bytes, int]
"""A blob, and how many bytes of data the index knows of."""

Outcome = tuple[Named, int | DataCorrupted]


class Copied(NamedTuple):
    """What came of it: blobs and bytes that are new, blobs that were there, and the damaged."""

    new_count: int
    new_bytes: int
    present_count: int
    damaged: dict[bytes, str]


class _Tally:
    """How many bytes are done, those of blobs under way among them."""

    def __init__(self, progress: Progress, total_bytes: int) -> None:
        self._progress = progress
        self._total_bytes = total_bytes
        self._done_bytes = self._told_bytes = 0
        self._under_way: dict[bytes, int] = {}

    def of(self, name: bytes) -> Callable[[int], None]:
        """What a thread tells of each block of a blob; every blob is one thread's."""
        self._under_way[name] = 0

        def told(length_bytes: int) -> None:
            self._under_way[name] += length_bytes

        return told

    def settle(self, name: bytes, size_bytes: int) -> None:
        """A blob is done."""
        self._under_way.pop(name, None)
        self._done_bytes += size_bytes
        self.tell()

    def tell(self) -> None:
        """Say how far it is; never less than before, as ends of files are counted for a while."""
        done_bytes = self._done_bytes + sum(list(self._under_way.values()))
        self._told_bytes = max(self._told_bytes, min(done_bytes, self._total_bytes))
        self._progress(self._told_bytes, self._total_bytes)


def copy_missing(
    named: Iterable[Named],
    source: FileBlobStore,
    target: FileBlobStore,
    progress: Progress = no_progress,
    total_bytes: int = 0,
    *,
    after_cut: bool = False,
) -> Copied:
    """Have every blob in the target, whole and durable; one that is there is not read again.

    after_cut  those that are there may have names that are not durable yet
    raises     OSError when the target cannot be written
    """
    folders: set[Path] = set()
    new_count = new_bytes = present_count = 0
    damaged: dict[bytes, str] = {}
    tally = _Tally(progress, total_bytes)

    def have(name: bytes) -> int:
        """Length of the copy that was made; 0 if it was there."""
        path = target.path(name)
        is_present = _is_present(name, source.path(name), path)
        if after_cut or not is_present:
            _make_folders(Path(path).parent, Path(target.root), folders)
        return 0 if is_present else whole.copy(name, source.path(name), path, tally.of(name))

    for (name, size_bytes), found in each(named, have, tally.tell):
        if isinstance(found, DataCorrupted):
            damaged[name] = str(found)
        elif found:
            new_count, new_bytes = new_count + 1, new_bytes + found
        else:
            present_count += 1
        tally.settle(name, size_bytes)
    for folder in sorted(folders, reverse=True):
        sync(folder)
    return Copied(new_count, new_bytes, present_count, damaged)


def verify_all(
    named: Iterable[Named],
    blobs: FileBlobStore,
    progress: Progress = no_progress,
    total_bytes: int = 0,
) -> dict[bytes, str]:
    """Read every blob; return the damaged ones, and what is wrong with each."""
    damaged: dict[bytes, str] = {}
    tally = _Tally(progress, total_bytes)

    def read(name: bytes) -> int:
        return whole.verify(name, blobs.path(name), tally.of(name))

    for (name, size_bytes), found in each(named, read, tally.tell):
        if isinstance(found, DataCorrupted):
            damaged[name] = str(found)
        tally.settle(name, size_bytes)
    return damaged


def each(
    named: Iterable[Named], work: Callable[[bytes], int], waiting_on: Callable[[], None]
) -> Iterator[Outcome]:
    """Do something with every blob on some threads; yield what it returns, or what is damaged.

    waiting_on  called now and then while the next one takes its time
    """
    waiting: deque[tuple[Named, Future[int]]] = deque()
    with ThreadPoolExecutor(THREADS, "ferrox-blobs") as threads:
        try:
            for one in named:
                waiting.append((one, threads.submit(work, one[0])))
                if len(waiting) >= _WAITING:
                    yield _outcome(*waiting.popleft(), waiting_on)
            for former, future in waiting:
                yield _outcome(former, future, waiting_on)
        except BaseException:
            threads.shutdown(cancel_futures=True)
            raise


def _outcome(one: Named, future: Future[int], waiting_on: Callable[[], None]) -> Outcome:
    while not wait((future,), _TOLD_EVERY_S).done:
        waiting_on()
    try:
        return one, future.result()
    except DataCorrupted as damage:
        return one, damage


def _is_present(name: bytes, source: str, target: str) -> bool:
    """Whether there is a copy, as long as the blob is; its bytes were durable before its name."""
    try:
        found_bytes = os.stat(target).st_size
    except FileNotFoundError:
        return False
    with contextlib.suppress(OSError):
        if os.stat(source).st_size == found_bytes:
            return True
    # One of them is damaged; if it is the source, the copy is all there is.
    return whole.stored_bytes(name, target) is not None


def _make_folders(folder: Path, root: Path, synced: set[Path]) -> None:
    """Make `root` or a directory below it, for its owner only, and note what is to be synced."""
    if folder in synced:
        return
    if folder != root:
        _make_folders(folder.parent, root, synced)
    folder.mkdir(mode=0o700, exist_ok=True)
    synced.add(folder)
