"""The other processes that have the same data directory open, as far as storage needs to know.

What a process reads and writes at this moment only that process knows. Before a blob is unlinked
everybody is asked. The question may be asked long before the file goes: a blob that may be unlinked
has no name any more, and whoever begins to read it after having answered looks whether its version
is still there *after* having pinned it, and finds that it is not. See ferrox/storage/bodies.py.
"""

from collections.abc import Collection, Sequence
from typing import Protocol


class Others(Protocol):
    """How the other processes are asked."""

    async def held(self, names: Sequence[bytes]) -> Collection[bytes]:
        """Which of these blobs they read, or write without having named them yet.

        raises  NoAnswer when one of them has not said so: then every blob may be held
        """
        ...


class _Nobody:
    """This process is alone."""

    async def held(self, _names: Sequence[bytes]) -> Collection[bytes]:
        return ()


NOBODY: Others = _Nobody()
