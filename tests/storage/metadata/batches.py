"""Functions to write with, and a way to have them wait together."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from typing import Any

from ferrox.storage.metadata.database import Database, Tx

NAMES = "SELECT name FROM garbage ORDER BY name"


def insert(name: bytes) -> Callable[[Tx], bytes]:
    """A function that writes a row."""

    def work(tx: Tx) -> bytes:
        tx.execute("INSERT INTO garbage VALUES (?, 0)", (name,))
        return name

    return work


def stored(database: Database) -> list[bytes]:
    """What functions of `insert` wrote."""
    return database.read(lambda reader: [name for (name,) in reader.execute(NAMES)])


def failure(code: int) -> sqlite3.OperationalError:
    """An error as SQLite raises it."""
    error = sqlite3.OperationalError("as the disk says")
    error.sqlite_errorcode = code
    return error


async def in_one_batch(database: Database, *functions: Callable[[Tx], Any]) -> list[Any]:
    """Queue functions up behind one that holds the writer; return results and exceptions."""
    has_begun, may_end = threading.Event(), threading.Event()

    def hold(_: Tx) -> None:
        has_begun.set()
        may_end.wait(30)

    holding = asyncio.ensure_future(database.write(hold))
    await asyncio.to_thread(has_begun.wait, 30)
    waiting = [asyncio.ensure_future(database.write(function)) for function in functions]
    await asyncio.sleep(0)  # they run up to the queue
    may_end.set()
    await asyncio.gather(holding, return_exceptions=True)
    return await asyncio.gather(*waiting, return_exceptions=True)
