"""Whole servers behind their sockets, for targets that ask them, each for a while."""

import asyncio
import atexit
import logging
import shutil
import tempfile
from collections.abc import Coroutine
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

from ferrox.clock import SettableClock
from ferrox.storage.store import Store
from tests.fuzz.target import KEPT
from tests.in_process import InProcess
from tests.key_rings import give_keys

T = TypeVar("T")

_NOW_MS = 1_369_353_600_000
_INPUTS_OF_A_SERVER = 500


class Failures(logging.Handler):
    """What a server itself takes for its fault."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []
        logging.getLogger("ferrox").addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Note it, with where it came from."""
        self.found.append(logging.Formatter().format(record))

    def check(self) -> None:
        """Nothing is a fault of the server."""
        found, self.found = self.found, []
        assert not found, found[0]


class Server:
    """A server with keys for encryption.

    names  what stands for what in inputs: names that the server gave, by the words for them
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.names: dict[bytes, bytes] = {}
        self.clock = SettableClock(_NOW_MS)
        self.inputs_left = _INPUTS_OF_A_SERVER
        self._loop = loop
        self._folder = Path(tempfile.mkdtemp(prefix="ferrox-fuzz-"))
        atexit.register(shutil.rmtree, self._folder, ignore_errors=True)
        self._store = self.run(Store.open(self._folder / "data", clock=self.clock))
        self.process = InProcess(self._store, self.clock)
        give_keys(self.process)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something that takes a loop."""
        return self._loop.run_until_complete(work)

    def named(self, data: bytes) -> bytes:
        """An input with names in place of the words for them."""
        for word, name in self.names.items():
            data = data.replace(word, name)
        return data

    def close(self) -> None:
        """Leave nothing behind."""
        self.run(self._store.close())
        shutil.rmtree(self._folder)


class Running:
    """The server that is running, made when it is first wanted, and anew when it is old."""

    def __init__(self) -> None:
        self._loop = KEPT.enter_context(closing(asyncio.new_event_loop()))
        self._server: Server | None = None
        KEPT.callback(self._close)

    def server(self) -> Server:
        """The one for the next input."""
        if self._server is not None and not self._server.inputs_left:
            self._close()
        if self._server is None:
            self._server = Server(self._loop)
        self._server.inputs_left -= 1
        return self._server

    def _close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
