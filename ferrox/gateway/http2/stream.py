"""One request and its answer on a connection that carries many."""

import asyncio
from typing import Protocol

from h2.errors import ErrorCodes

from ferrox.errors import IncompleteBody
from ferrox.gateway.http2.heads import Fields, Head
from ferrox.gateway.http2.inbox import Inbox
from ferrox.gateway.http2.outbox import Outbox
from ferrox.gateway.http2.wire import Wire

CONTINUE = ((b":status", b"100"),)


class Carrier(Protocol):
    """What a stream needs of its connection."""

    wire: Wire
    outbox: Outbox

    def flush_soon(self) -> None:
        """Have what was said go out."""
        ...


class Stream:
    """One stream, from its request on.

    head           what was asked
    has_answered   whether the answer has been sent to its end
    is_gone        whether nothing can be said on it any more
    """

    def __init__(self, carrier: Carrier, stream_id: int, head: Head) -> None:
        self.stream_id = stream_id
        self.head = head
        self.inbox = Inbox(self._give_back)
        self.task: asyncio.Task[None] | None = None
        self.has_answered = False
        self.is_gone = False
        self._carrier = carrier

    def send_continue(self, _interim: bytes = b"") -> None:
        """Have the client send the body."""
        if not self.is_gone:
            self._carrier.wire.send_headers(self.stream_id, CONTINUE)
            self._carrier.flush_soon()

    async def send_head(self, fields: Fields, *, is_last: bool) -> None:
        """Send the fields of the answer; ConnectionResetError when nobody wants it any more."""
        self._require_open()
        self._carrier.wire.send_headers(self.stream_id, fields, end_stream=is_last)
        self.has_answered = is_last
        self._carrier.flush_soon()
        if is_last:
            drained = self._carrier.outbox.drained()
            if drained is not None:
                await drained

    async def send(self, data: bytes, *, is_last: bool) -> None:
        """Send some of the body; StalledError, ConnectionResetError."""
        self._require_open()
        outbox = self._carrier.outbox
        sent = outbox.begin(self.stream_id, data, is_last=is_last)
        self._carrier.flush_soon()
        if sent is not None:
            try:
                await sent
            except asyncio.CancelledError:
                outbox.drop(self.stream_id, ConnectionResetError())
                raise
        self.has_answered = is_last

    def reset(self, code: ErrorCodes) -> None:
        """Say that there is no more to come, in either direction."""
        if not self.is_gone:
            self._carrier.wire.reset_stream(self.stream_id, code)
            self.lose()
            self._carrier.flush_soon()

    def end(self) -> None:
        """Nobody answers it any more: let go of what is left."""
        self.inbox.discard()
        if not self.has_answered:
            self.reset(ErrorCodes.CANCEL)
        elif not self.inbox.is_eof():
            is_fine = self.head.error is None
            self.reset(ErrorCodes.NO_ERROR if is_fine else ErrorCodes.PROTOCOL_ERROR)

    def lose(self) -> None:
        """Nothing more comes from the client or is wanted by it: wake who reads or writes."""
        self.is_gone = True
        self.inbox.set_exception(IncompleteBody())
        self._carrier.outbox.drop(self.stream_id, ConnectionResetError("the stream was reset"))

    def _require_open(self) -> None:
        if self.is_gone:
            raise ConnectionResetError("the stream was reset")

    def _give_back(self, window_bytes: int) -> None:
        """What was read makes room for more."""
        if window_bytes:
            self._carrier.wire.acknowledge_received_data(window_bytes, self.stream_id)
            self._carrier.flush_soon()
