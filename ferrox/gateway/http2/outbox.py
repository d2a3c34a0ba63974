"""What the streams of a connection have to send → frames, a frame of each in turn.

Theory of operation. A stream hands over one block and waits until all of it is in frames. It has
its turn as long as the client allows it more (its window), and is set aside until it does; nobody
has a turn while the client allows the connection no more, or the network takes no more. So what
waits in memory is a block of each stream and one portion for the network, whatever the client does.

Who waits is not timed here: the connection looks now and then who waits for too long.
"""

import asyncio
from collections import deque
from collections.abc import Callable

from ferrox.gateway.connection import StalledError
from ferrox.gateway.http2.guard import PATIENCE_PER_FRAME, Patience
from ferrox.gateway.http2.wire import Wire

WRITE_BYTES = 128 * 1024
"""How much is handed to the network at a time."""

TURN_BYTES = 64 * 1024
"""The largest frame, where the client takes larger ones: others have their turn, too."""


class Sending:
    """A block that a stream sends, and how far it is."""

    __slots__ = ("data", "done", "is_last", "is_waiting", "moved_s", "stream_id")

    def __init__(self, stream_id: int, data: bytes, now_s: float, *, is_last: bool) -> None:
        self.stream_id = stream_id
        self.data = memoryview(data)
        self.is_last = is_last
        self.is_waiting = False
        self.moved_s = now_s
        self.done: asyncio.Future[None] | None = None


class Outbox:
    """The blocks of one connection. `flush` hands frames to the network, which may set `is_paused`.

    moved_bytes  how much has been put into frames
    """

    def __init__(
        self,
        wire: Wire,
        loop: asyncio.AbstractEventLoop,
        patience: Patience,
        flush: Callable[[], None],
    ) -> None:
        self._wire = wire
        self._loop = loop
        self._patience = patience
        self._flush = flush
        self._sendings: dict[int, Sending] = {}
        self._turns: deque[Sending] = deque()
        self._drains: list[asyncio.Future[None]] = []
        self.is_paused = False
        self.moved_bytes = 0

    @property
    def is_blocked(self) -> bool:
        """Whether somebody could send if the network, or the window of the connection, let it."""
        return bool(self._turns or self._drains)

    def begin(self, stream_id: int, data: bytes, *, is_last: bool) -> asyncio.Future[None] | None:
        """Send a block; what is returned is done when all of it is in frames, None if it is."""
        if not data:
            if is_last:
                self._wire.send_data(stream_id, b"", end_stream=True)
            return None
        sending = Sending(stream_id, data, self._loop.time(), is_last=is_last)
        self._sendings[stream_id] = sending
        self._turns.append(sending)
        self.pump()
        if self._sendings.get(stream_id) is not sending:
            return None
        sending.done = self._loop.create_future()
        return sending.done

    def drained(self) -> asyncio.Future[None] | None:
        """What is done when the network takes more; None if it does."""
        if not self.is_paused:
            return None
        drain = self._loop.create_future()
        self._drains.append(drain)
        return drain

    def pump(self) -> None:
        """Make frames for as long as somebody takes them."""
        wire = self._wire
        while self._turns and not self.is_paused and wire.outbound_flow_control_window > 0:
            sending = self._turns.popleft()
            if self._sendings.get(sending.stream_id) is sending and self._send_frame(sending):
                self._turns.append(sending)
            if wire.unsent_bytes >= WRITE_BYTES:
                self._flush()

    def resume(self) -> None:
        """The network takes more."""
        self.is_paused = False
        drains, self._drains = self._drains, []
        for drain in drains:
            _settle(drain)
        self.pump()

    def widen(self, stream_id: int) -> None:
        """The client allows one stream more; 0 is all of them."""
        for sending in self._sendings.values() if not stream_id else self._of(stream_id):
            if sending.is_waiting:
                sending.is_waiting = False
                self._turns.append(sending)

    def drop(self, stream_id: int, error: Exception) -> None:
        """Send no more of a stream, and tell who waits for it."""
        sending = self._sendings.pop(stream_id, None)
        if sending is not None:
            _settle(sending.done, error)

    def stop(self, error: Exception) -> None:
        """Send nothing any more, and tell everybody."""
        for stream_id in list(self._sendings):
            self.drop(stream_id, error)
        self._turns.clear()
        drains, self._drains = self._drains, []
        for drain in drains:
            _settle(drain, error)

    def give_up(self, before_s: float) -> None:
        """Tell those whom the client has allowed nothing since then that it has stopped reading."""
        late = [one for one in self._sendings.values() if one.is_waiting and one.moved_s < before_s]
        for sending in late:
            self.drop(sending.stream_id, StalledError())

    def _of(self, stream_id: int) -> list[Sending]:
        sending = self._sendings.get(stream_id)
        return [] if sending is None else [sending]

    def _send_frame(self, sending: Sending) -> bool:
        """Send one frame; whether there is more, and the client allows it."""
        wire, stream_id = self._wire, sending.stream_id
        room_bytes = min(
            wire.local_flow_control_window(stream_id), wire.max_outbound_frame_size, TURN_BYTES
        )
        if room_bytes <= 0:
            sending.is_waiting = True
            return False
        piece, sending.data = sending.data[:room_bytes], sending.data[room_bytes:]
        is_all = not sending.data
        wire.send_data(stream_id, piece, end_stream=sending.is_last and is_all)
        self._patience.earn(PATIENCE_PER_FRAME)
        self.moved_bytes += len(piece)
        sending.moved_s = self._loop.time()
        if is_all:
            del self._sendings[stream_id]
            _settle(sending.done)
        return not is_all


def _settle(future: asyncio.Future[None] | None, error: Exception | None = None) -> None:
    if future is None or future.done():
        return
    if error is None:
        future.set_result(None)
    else:
        future.set_exception(error)
