"""Garbage: blob files that no name leads to, and how they are removed without hurting anybody.

Two kinds: those the index put on its garbage list when the last name went, and orphans, which a
crash left before they got one. While a backup copies blobs none is removed: see `blob_hold`.
"""

import asyncio
import itertools
import logging
from collections.abc import Iterable, Sequence
from functools import partial

from ferrox.storage.blob_hold import BlobHold
from ferrox.storage.blobs.blob_store import BlobStore
from ferrox.storage.content import Arrivals
from ferrox.storage.metadata import references
from ferrox.storage.metadata.database import Database
from ferrox.storage.others import NOBODY, Others
from ferrox.storage.reading import Pins

logger = logging.getLogger(__name__)

NAMES_AT_ONCE = 1_000
"""Blobs looked at in one step."""


async def reap(
    database: Database, blobs: BlobStore, hold: BlobHold, pins: Pins, others: Others = NOBODY
) -> int:
    """Remove the blobs on the garbage list that nobody reads; return how many.

    The file goes first: a name that outlives its file is tried again, a file that outlives its name
    would be an orphan.

    raises  NoAnswer when another process has not said what it reads; the rest waits
    """
    removed_count = 0
    after = b""
    while names := await database.read_long(
        partial(references.garbage, after=after, limit=NAMES_AT_ONCE)
    ):
        after = names[-1]
        unread = [name for name in names if not pins.is_pinned(name)]
        unheld = await _not_held(unread, others)
        removed = await _remove_and_forget(database, blobs, hold, unheld)
        if removed is None:
            logger.info("garbage stays until the backup that is under way has its copies")
            break
        removed_count += len(removed)
    return removed_count


async def remove_orphans(  # noqa: PLR0917 - where they are, then what is none
    database: Database,
    blobs: BlobStore,
    hold: BlobHold,
    arrivals: Arrivals,
    now_ms: int,
    others: Others = NOBODY,
) -> int:
    """Remove the blobs that the index does not know; return how many.

    A blob that is being written is among the arrivals, here or in another process. They are asked
    after the file was listed and before the index is: what left the arrivals in the meantime has
    its row.

    Reading the index is not enough to be sure. A process that is killed while it commits may leave
    a transaction in the log that nobody sees, and that would be there after all when the log is
    read from its beginning, at the next start. The next transaction takes its place. So orphans are
    put on the garbage list first: that is such a transaction, and comes after every process was
    asked or has ended.

    raises  NoAnswer when another process has not said what it writes; the rest waits
    """
    removed_count = 0
    names = iter(blobs.scan())
    while listed := await asyncio.to_thread(_take, names):
        settled = [name for name in listed if name not in arrivals]
        strangers = await database.read_long(partial(references.unnamed, names=settled))
        if strangers := await _not_held(strangers, others):
            discard = partial(references.discard_unnamed, names=strangers, now_ms=now_ms)
            orphans = await database.write(discard, frees_room=True)
            removed_count += len(await _remove_and_forget(database, blobs, hold, orphans) or ())
    return removed_count


async def _not_held(names: list[bytes], others: Others) -> list[bytes]:
    """Those that no other process has in use."""
    held = set(await others.held(names)) if names else set()
    return [name for name in names if name not in held]


def _take(names: Iterable[bytes]) -> list[bytes]:
    return list(itertools.islice(names, NAMES_AT_ONCE))


async def _remove_and_forget(
    database: Database, blobs: BlobStore, hold: BlobHold, names: Sequence[bytes]
) -> list[bytes] | None:
    """Remove blobs on the garbage list on a thread; return the names of those that are gone.

    None: they are being copied, and stay on the list.
    """
    removed = await asyncio.to_thread(_remove_now, blobs, hold, names) if names else []
    if removed:
        await database.write(partial(references.forget, names=removed), frees_room=True)
    return removed


def _remove_now(blobs: BlobStore, hold: BlobHold, names: Sequence[bytes]) -> list[bytes] | None:
    with hold.removing() as may_remove:
        return _unlinked(blobs, names) if may_remove else None


def _unlinked(blobs: BlobStore, names: Sequence[bytes]) -> list[bytes]:
    gone = []
    for name in names:
        try:
            blobs.delete(name)
        except OSError as error:
            logger.warning("blob %s could not be removed: %s", name.hex(), error.strerror)
        else:
            gone.append(name)
    return gone
