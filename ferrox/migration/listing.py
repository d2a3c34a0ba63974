"""Both sides listed page by page, key by key, and walked through together.

A page is fetched while the one before is worked on. Keys come in the order of their UTF-8 bytes,
which is how S3 lists them; the versions of one key, on however many pages, come together.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import NamedTuple

from ferrox.errors import MalformedXML
from ferrox.migration.client import S3
from ferrox.migration.entries import (
    Entry,
    Page,
    oldest_first,
    page_of_objects,
    page_of_versions,
)
from ferrox.migration.faults import Halt, Refused
from ferrox.protocol.operations import ListObjectsV2, ListObjectVersions
from ferrox.protocol.shapes.listing import ListObjectsV2Input
from ferrox.protocol.shapes.versions import ListObjectVersionsInput

FetchPage = Callable[[Page | None], Awaitable[Page]]


class Key(NamedTuple):
    """What one side has of a key, oldest first."""

    key: str
    entries: list[Entry]


class Both(NamedTuple):
    """What both sides have of a key, oldest first; a side that has nothing has no entries."""

    key: str
    source: list[Entry]
    target: list[Entry]


def keys(side: S3, bucket: str, prefix: str, *, with_versions: bool) -> AsyncIterator[Key]:
    """The keys of a bucket; without versions only what they show. Refused, OSError"""
    fetch = _versions(side, bucket, prefix) if with_versions else _objects(side, bucket, prefix)
    return _by_key(_entries(fetch))


async def together(source: AsyncIterator[Key], target: AsyncIterator[Key]) -> AsyncIterator[Both]:
    """The keys of both sides, each once."""
    left, right = await anext(source, None), await anext(target, None)
    while left is not None or right is not None:
        of_left, of_right = _order(left), _order(right)
        key = min(of_left, of_right)[1].decode("utf-8", "surrogatepass")
        both = Both(
            key,
            left.entries if left is not None and of_left <= of_right else [],
            right.entries if right is not None and of_right <= of_left else [],
        )
        yield both
        if of_left <= of_right:
            left = await anext(source, None)
        if of_right <= of_left:
            right = await anext(target, None)


def _order(key: Key | None) -> tuple[bool, bytes]:
    """Where a key stands; what has ended stands behind everything."""
    return (True, b"") if key is None else (False, _bytes(key.key))


def _bytes(key: str) -> bytes:
    return key.encode("utf-8", "surrogatepass")


async def _by_key(entries: AsyncIterator[Entry]) -> AsyncIterator[Key]:
    gathered: list[Entry] = []
    async for entry in entries:
        if gathered and gathered[0].key != entry.key:
            if _bytes(entry.key) < _bytes(gathered[0].key):
                raise Halt("a listing is not in the order of its keys, so nothing can be compared")
            yield Key(gathered[0].key, oldest_first(gathered))
            gathered = []
        gathered.append(entry)
    if gathered:
        yield Key(gathered[0].key, oldest_first(gathered))


async def _entries(fetch: FetchPage) -> AsyncIterator[Entry]:
    coming: asyncio.Future[Page] | None = asyncio.ensure_future(fetch(None))
    try:
        while coming is not None:
            page = await coming
            coming = asyncio.ensure_future(fetch(page)) if page.key_marker else None
            for entry in page.entries:
                yield entry
    finally:
        if coming is not None:
            coming.cancel()


def _versions(side: S3, bucket: str, prefix: str) -> FetchPage:
    async def fetch(before: Page | None) -> Page:
        args = ListObjectVersionsInput(bucket=bucket, prefix=prefix, encoding_type="url")
        if before is not None:
            args.key_marker = before.key_marker
            args.version_id_marker = before.version_id_marker or None
        _, body = await side.document(ListObjectVersions, args)
        with _readable():
            return page_of_versions(body)

    return fetch


def _objects(side: S3, bucket: str, prefix: str) -> FetchPage:
    async def fetch(before: Page | None) -> Page:
        args = ListObjectsV2Input(bucket=bucket, prefix=prefix, encoding_type="url")
        if before is not None:
            args.continuation_token = before.key_marker
        output = await side.ask(ListObjectsV2, args)
        with _readable():
            return page_of_objects(output)

    return fetch


@contextlib.contextmanager
def _readable() -> Iterator[None]:
    """A block that reads a page; Refused if it is none."""
    try:
        yield
    except MalformedXML:
        raise Refused(200, "MalformedAnswer", "the listing cannot be read") from None
