"""Slots: memory that all processes of a server share, with a part for each of them to write in.

A slot describes itself. Its first part is a directory that grows: the name of each series, and
where its cells are, which are numbers of eight bytes. The length of the directory is written last,
and each cell is stored at once: who reads meanwhile sees what was there a moment ago.
"""

import mmap
import os
import struct
from collections.abc import Iterator

_HEAD_BYTES = 64
_DIRECTORY_BYTES = 192 * 1024
_CELLS_BYTES = 320 * 1024
_SLOT_BYTES = _HEAD_BYTES + _DIRECTORY_BYTES + _CELLS_BYTES
_USED_BYTES, _USED_CELLS, _PID = range(3)
"""What stands in the head of a slot."""

_ENTRY = struct.Struct("=HI")
"""How long the name of a series is, and which of the cells is its first."""

_SEPARATOR = "\0"
_SPARE_CELLS = 64
"""The first cells of a slot, for what has no place: they are never read."""

Key = tuple[str, ...]
"""The name of an instrument, then the values of its labels."""


class Slots:
    """The memory. Made before the fork."""

    def __init__(self, count: int) -> None:
        self._memory = memoryview(mmap.mmap(-1, count * _SLOT_BYTES))
        self.count = count

    def __getitem__(self, number: int) -> "Slot":
        start = number * _SLOT_BYTES
        return Slot(self._memory[start : start + _SLOT_BYTES])


class Slot:
    """What one process has counted, as this or another one sees it."""

    def __init__(self, memory: memoryview) -> None:
        self._head = memory[:_HEAD_BYTES].cast("Q")
        self._directory = memory[_HEAD_BYTES : _HEAD_BYTES + _DIRECTORY_BYTES]
        self.cells: memoryview[float] = memory[_HEAD_BYTES + _DIRECTORY_BYTES :].cast("d")

    @property
    def pid(self) -> int:
        """The process that counts here, or did last; 0 if there was none."""
        return self._head[_PID]

    def enter(self) -> dict[Key, int]:
        """Count here from now on; return what series there are already, by their first cells."""
        self._head[_PID] = os.getpid()
        self._head[_USED_CELLS] = max(self._head[_USED_CELLS], _SPARE_CELLS)
        return dict(self.series())

    def series(self) -> Iterator[tuple[Key, int]]:
        """Every series and its first cell."""
        at, end = 0, self._head[_USED_BYTES]
        while at < end:
            length, cell = _ENTRY.unpack_from(self._directory, at)
            at += _ENTRY.size
            if length:  # what another processor has not shown us yet is there the next time
                name = bytes(self._directory[at : at + length]).decode()
                yield tuple(name.split(_SEPARATOR)), cell
            at += length

    def add(self, key: Key, cell_count: int) -> int | None:
        """Give a series its cells; return the first of them, or None when there is no room."""
        name = _SEPARATOR.join(key).encode("utf-8", "replace")
        at, cell = self._head[_USED_BYTES], self._head[_USED_CELLS]
        end = at + _ENTRY.size + len(name)
        if end > _DIRECTORY_BYTES or cell + cell_count > len(self.cells):
            return None
        _ENTRY.pack_into(self._directory, at, len(name), cell)
        self._directory[at + _ENTRY.size : end] = name
        self._head[_USED_CELLS] = cell + cell_count
        self._head[_USED_BYTES] = end
        return cell
