"""One HTTP/2 connection: many requests at once, each answered as soon as it can be.

https://www.rfc-editor.org/rfc/rfc9113

Theory of operation. What comes passes the guard, which knows what is too much, and then h2, which
says what it means. Each request is a stream with a task of its own. What a task says is collected
by h2 and goes out together, soon after. A stream that the client resets has its reader and writer
woken with an error; its work is not cancelled, and counts among the streams of the connection until
it is over. So who resets streams gets no more work done than who waits for answers.

A connection ends in an orderly way: the client is told which streams will be answered (GOAWAY), and
when they are the connection is closed. What is no HTTP/2 ends it at once, with a word of why.
"""

import asyncio
from collections.abc import Callable
from typing import Any, cast

from h2 import events
from h2.errors import ErrorCodes
from h2.exceptions import ProtocolError

from ferrox.errors import IncompleteBody
from ferrox.gateway import tls
from ferrox.gateway.connection import Listener, begin
from ferrox.gateway.front import Front
from ferrox.gateway.http2 import guard, heads
from ferrox.gateway.http2.exchange import exchange
from ferrox.gateway.http2.outbox import Outbox
from ferrox.gateway.http2.stream import Stream
from ferrox.gateway.http2.wire import FRAME_BYTES, MAX_STREAMS, Wire
from ferrox.gateway.limits import LINGER_S
from ferrox.protocol.message import Tls

LISTS_PER_HEAD = 2
"""A list of fields that is this much larger than a head may be is read, to be refused as too large;
what is larger still ends the connection."""


class Http2Connection(asyncio.Protocol):
    """The protocol object of one connection."""

    def __init__(self, front: Front, listener: Listener, loop: asyncio.AbstractEventLoop) -> None:
        self.peer = ""
        self.tls: Tls | None = None
        self._front = front
        self._listener = listener
        self._loop = loop
        list_bytes = LISTS_PER_HEAD * listener.limits.header_bytes
        self.wire = Wire(list_bytes)
        self._patience = guard.Patience(loop.time())
        self._guard = guard.Guard(self._patience, FRAME_BYTES, list_bytes)
        self.outbox = Outbox(self.wire, loop, self._patience, self._flush)
        self._streams: dict[int, Stream] = {}
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._idle_since_s = self._moved_s = loop.time()
        self._moved_bytes = self._unsent_bytes = 0
        self._lost: asyncio.Future[None] = loop.create_future()
        self._lingering: asyncio.Task[None] | None = None
        self._is_admitted = True
        self._is_deaf = False  # what arrives is not looked at any more
        self._is_flushing = self._is_half_closed = self._is_mute = False
        self._is_retiring = False
        self._handlers: dict[type[events.Event], Callable[[Any], None]] = {
            events.RequestReceived: self._open,
            events.DataReceived: self._take,
            events.StreamEnded: self._take_end,
            events.WindowUpdated: self._widen,
            events.RemoteSettingsChanged: self._settle,
        }

    # What the event loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note who is calling, and say what is understood here."""
        self._transport = cast("asyncio.Transport", transport)
        peer = transport.get_extra_info("peername")
        self.peer = str(peer[0]) if isinstance(peer, tuple) else ""
        self.tls = tls.facts(transport)
        self._is_admitted = self._listener.admission.enter()
        self._listener.connections.add(self)
        self._look_later()
        self._flush()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of everything; whoever reads or waits to write learns that it is over."""
        self._transport = None
        self._is_deaf = True
        self._listener.admission.leave()
        self._listener.connections.discard(self)
        if self._timer is not None:
            self._timer.cancel()
        if not self._lost.done():
            self._lost.set_result(None)
        self._lose_all()

    def data_received(self, data: bytes) -> None:
        """Take what arrived, and begin to answer when there is something to."""
        if self._is_deaf:
            return
        try:
            self._hear(self.wire.receive_data(self._guard.feed(data, self._loop.time())))
        except guard.OverrunError as error:
            self._fail(error, error.code)
        except ProtocolError as error:  # h2 has said so already
            self._fail(error, None)
        except Exception as error:  # noqa: BLE001 - whatever h2 or hpack raise, it came of these bytes
            self._fail(error, ErrorCodes.PROTOCOL_ERROR)
        else:
            self.outbox.pump()
            self._flush()
            if self._guard.is_leaving:
                self.retire()

    def eof_received(self) -> bool:
        """Note that the client sends no more; True keeps the other direction open for answers."""
        self._is_deaf = self._is_retiring = self._is_half_closed = True
        for stream in self._streams.values():
            stream.inbox.set_exception(IncompleteBody())
        return bool(self._streams)

    def pause_writing(self) -> None:
        """The client takes less than is sent."""
        self.outbox.is_paused = True

    def resume_writing(self) -> None:
        """It has taken most of it."""
        self.outbox.resume()
        self._flush()

    # What the client says

    def _hear(self, said: list[events.Event]) -> None:
        """Act on what was said. h2 knows the last of it already when the first is acted on, so
        streams that were given up come first."""
        for event in said:
            if isinstance(event, events.StreamReset):
                self._lose(event)
        for event in said:
            handler = self._handlers.get(type(event))
            if handler is not None:
                handler(event)

    def _open(self, event: events.RequestReceived) -> None:
        """Begin to answer a request, unless it was given up, or there are too many."""
        stream_id = event.stream_id
        if self.wire.is_closed(stream_id):
            return
        if self._is_retiring or len(self._streams) >= MAX_STREAMS:
            self.wire.reset_stream(stream_id, ErrorCodes.REFUSED_STREAM)
            self._patience.spend(guard.COSTS[guard.Kind.RST_STREAM], self._loop.time())
            return
        has_body = event.stream_ended is None
        fields = cast("heads.Fields", event.headers)
        head = heads.read(fields, self._listener.limits.header_bytes, has_body=has_body)
        stream = Stream(self, stream_id, head)
        if not has_body:
            stream.inbox.feed_eof()
        self._streams[stream_id] = stream
        stream.task = begin(self._loop, self._answer(stream))

    def _take(self, event: events.DataReceived) -> None:
        stream = self._streams.get(event.stream_id)
        window_bytes = event.flow_controlled_length or 0
        if stream is not None and not stream.is_gone:
            stream.inbox.feed(event.data or b"", window_bytes)
        elif window_bytes:
            self.wire.acknowledge_received_data(window_bytes, event.stream_id)

    def _take_end(self, event: events.StreamEnded) -> None:
        stream = self._streams.get(event.stream_id)
        if stream is not None:
            stream.inbox.feed_eof()

    def _lose(self, event: events.StreamReset) -> None:
        stream = self._streams.get(event.stream_id)
        if stream is not None:
            stream.lose()

    def _widen(self, event: events.WindowUpdated) -> None:
        self.outbox.widen(event.stream_id or 0)

    def _settle(self, _event: events.RemoteSettingsChanged) -> None:
        self.wire.forget_unknown_settings()
        self.outbox.widen(0)

    # Answers

    async def _answer(self, stream: Stream) -> None:
        """Answer one request; the stream ends with it."""
        try:
            await exchange(self._front, stream, self.peer, self.tls, is_admitted=self._is_admitted)
        except Exception:
            self._listener.log.exception("a stream failed")
            stream.reset(ErrorCodes.INTERNAL_ERROR)
        finally:
            stream.end()
            if stream.has_answered:
                self._patience.earn(guard.PATIENCE_PER_ANSWER)
            self._idle_since_s = self._loop.time()
            del self._streams[stream.stream_id]
            if not self._is_admitted:
                self._go_away()
            if self._is_retiring and not self._streams:
                self._finish()

    def flush_soon(self) -> None:
        """Have what was said go out when everybody else who has something to say has said it."""
        if not self._is_flushing:
            self._is_flushing = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        """Hand everything that was said to the network."""
        self._is_flushing = False
        transport = self._transport
        if self.wire.unsent_bytes:
            data = self.wire.data_to_send()
            if transport is not None and not self._is_mute and not transport.is_closing():
                transport.write(data)

    # The end

    def retire(self) -> None:
        """Answer what has been asked, and nothing else, and then close."""
        self._go_away()
        if not self._streams:
            self.close()

    def cancel(self) -> list[asyncio.Task[None]]:
        """Stop answering; return what is still at it. Who lingers has been answered already."""
        tasks = [stream.task for stream in self._streams.values() if stream.task is not None]
        for task in tasks:
            task.cancel()
        return tasks if self._lingering is None else [*tasks, self._lingering]

    def close(self) -> None:
        """Close when everything said has left."""
        if self._transport is not None and not self._transport.is_closing():
            self._go_away()
            self._flush()
            self._transport.close()

    def _go_away(self) -> None:
        """Say, once, that no further request will be answered."""
        if not self._is_retiring:
            self._is_retiring = True
            self.wire.go_away(ErrorCodes.NO_ERROR)
            self.flush_soon()

    def _fail(self, error: Exception, code: ErrorCodes | None) -> None:
        """Say what was wrong, unless h2 has, and listen no more."""
        self._listener.log.debug("HTTP/2 with %s broke: %r", self.peer, error)
        self._is_deaf = self._is_retiring = True
        if code is not None:
            self.wire.go_away(code)
        self._lose_all()
        self._finish()

    def _finish(self) -> None:
        """Say nothing more, and close when the client has heard it."""
        self._is_deaf = True
        self._flush()
        if self._is_half_closed:
            self.close()
        elif self._lingering is None:
            self._lingering = self._loop.create_task(self._linger())

    async def _linger(self) -> None:
        """Close the sending side, then discard what still arrives until the client closes, too.

        Closing at once would reset the connection, as clients say all the time what they have room
        for: what is on its way to them would be lost.
        """
        if self._transport is None or self._transport.is_closing():
            return
        self._is_mute = True
        if self._transport.can_write_eof():
            self._transport.write_eof()
        await asyncio.wait({self._lost}, timeout=LINGER_S)
        if self._transport is not None:
            self._transport.close()

    def _lose_all(self) -> None:
        for stream in list(self._streams.values()):
            stream.lose()
        self.outbox.stop(ConnectionResetError("the client closed the connection"))

    def _look_later(self) -> None:
        limits = self._listener.limits
        delay_s = min(limits.idle_timeout_s, limits.body_timeout_s)
        self._timer = self._loop.call_later(delay_s, self._look)

    def _look(self) -> None:
        """Give up on who takes nothing; close the connection if it is idle for too long."""
        transport = self._transport
        if transport is None:
            return
        limits, now_s = self._listener.limits, self._loop.time()
        before_s = now_s - limits.body_timeout_s
        if self._is_stuck(transport, now_s) and self._moved_s <= before_s:
            transport.abort()
            return
        self.outbox.give_up(before_s)
        if not self._streams and self._idle_since_s + limits.idle_timeout_s <= now_s:
            self.retire()
        self._look_later()

    def _is_stuck(self, transport: asyncio.Transport, now_s: float) -> bool:
        """Whether there is something to send, and nothing of it has left since the last look."""
        unsent_bytes, moved_bytes = transport.get_write_buffer_size(), self.outbox.moved_bytes
        has_moved = unsent_bytes < self._unsent_bytes or moved_bytes != self._moved_bytes
        self._unsent_bytes, self._moved_bytes = unsent_bytes, moved_bytes
        if has_moved or not (unsent_bytes or self.outbox.is_blocked):
            self._moved_s = now_s
            return False
        return True
