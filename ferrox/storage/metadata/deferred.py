"""Deferred: stored items that become objects when somebody looks at them.

An object of 10,000 parts has as many extents and part facts. Making them takes milliseconds, on the
event loop, which most look-ups (HEAD, conditions, deletes) would spend for nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar, overload

Item = TypeVar("Item")


class Deferred(Sequence[Item]):
    """A sequence that is decoded on first use."""

    __slots__ = ("_decode", "_items")

    def __init__(self, decode: Callable[[], Sequence[Item]]) -> None:
        self._decode = decode
        self._items: Sequence[Item] | None = None

    def _decoded(self) -> Sequence[Item]:
        if self._items is None:
            self._items = self._decode()
        return self._items

    def __len__(self) -> int:
        return len(self._decoded())

    def __iter__(self) -> Iterator[Item]:
        return iter(self._decoded())

    @overload
    def __getitem__(self, index: int) -> Item: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Item]: ...

    def __getitem__(self, index: int | slice) -> Item | Sequence[Item]:
        return self._decoded()[index]
