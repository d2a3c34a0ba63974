"""Garbage: blob files that no name leads to, and how they are removed without hurting anybody.

Two kinds: those the index put on its garbage list when the last name went, and orphans, which a
crash left before they got one.
"""

import asyncio
import itertools
import logging
from collections.abc import Iterable, Sequence
from functools import partial

from ferrox.storage.blobs.blob_store import BlobStore
from ferrox.storage.content import Arrivals
from ferrox.storage.metadata import references
from ferrox.storage.metadata.database import Database
from ferrox.storage.others import NOBODY, Others
from ferrox.storage.reading import Pins

logger = logging.getLogger(__name__)

NAMES_AT_ONCE = 1_000
"""Blobs looked at in one step."""


async def reap(database: Database, blobs: BlobStore, pins: Pins, others: Others = NOBODY) -> int:
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
        removed = await _remove(blobs, await _not_held(unread, others))
        if removed:
            await database.write(partial(references.forget, names=removed), frees_room=True)
        removed_count += len(removed)
    return removed_count


async def remove_orphans(
    database: Database, blobs: BlobStore, arrivals: Arrivals, others: Others = NOBODY
) -> int:
    """Remove the blobs that the index does not know; return how many.

    A blob that is being written is among the arrivals, here or in another process. They are asked
    after the file was listed and before the index is: what left the arrivals in the meantime has
    its row. Only what the index does not know seems an orphan, so only about that the others are
    asked, and then the index again.

    raises  NoAnswer when another process has not said what it writes; the rest waits
    """
    removed_count = 0
    names = iter(blobs.scan())
    while listed := await asyncio.to_thread(_take, names):
        settled = [name for name in listed if name not in arrivals]
        orphans = await database.read_long(partial(references.unnamed, names=settled))
        if settled := await _not_held(orphans, others):
            orphans = await database.read_long(partial(references.unnamed, names=settled))
        removed_count += len(await _remove(blobs, orphans))
    return removed_count


async def _not_held(names: list[bytes], others: Others) -> list[bytes]:
    """Those that no other process has in use."""
    held = set(await others.held(names)) if names else set()
    return [name for name in names if name not in held]


def _take(names: Iterable[bytes]) -> list[bytes]:
    return list(itertools.islice(names, NAMES_AT_ONCE))


async def _remove(blobs: BlobStore, names: Sequence[bytes]) -> list[bytes]:
    """Remove blobs on a thread; return the names of those that are gone."""
    return await asyncio.to_thread(_remove_now, blobs, names) if names else []


def _remove_now(blobs: BlobStore, names: Sequence[bytes]) -> list[bytes]:
    gone = []
    for name in names:
        try:
            blobs.delete(name)
        except OSError as error:
            logger.warning("blob %s could not be removed: %s", name.hex(), error.strerror)
        else:
            gone.append(name)
    return gone
