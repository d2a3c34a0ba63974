"""The supervisor's side of the control channel: it passes messages on between workers.

A star: each worker has one socket pair, of which the supervisor holds the other end. It is made
anew for every process, so that what a dead one left half-sent concerns nobody. The hub remembers
nothing about questions: whoever asks is told who was asked, and later who of them is gone.

A worker that does not read its messages loses those that no longer fit; whoever asked it waits in
vain, which is what a question without an answer means.
"""

import contextlib
import selectors
import socket
import struct
from collections.abc import Callable
from functools import partial

from ferrox.workers.frames import Decoder, FrameError, Kind, Message, encode

MOST_UNSENT_BYTES = 4 << 20
"""Waiting for one worker at most."""

_RECEIVE_BYTES = 64 * 1024


class Hub:
    """The ends of all workers' sockets. Everything happens in calls by the selector's owner.

    on_message   is given what is meant for the supervisor
    on_disorder  hears of a worker whose bytes make no sense: it can be asked nothing any more
    """

    def __init__(
        self,
        selector: selectors.BaseSelector,
        on_message: Callable[[int, Message], None],
        on_disorder: Callable[[int, str], None],
    ) -> None:
        self._selector = selector
        self._on_message = on_message
        self._on_disorder = on_disorder
        self._links: dict[int, _Link] = {}

    def connect(self, worker: int) -> socket.socket:
        """Make a channel for a worker that is about to be started; return its end."""
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        self._links[worker] = _Link(ours)
        self._listen(worker, selectors.EVENT_READ)
        return theirs

    def disconnect(self, worker: int) -> None:
        """Take what a dead worker still said, forget it, and tell the others."""
        link = self._links[worker]
        if link.events:
            self._receive(worker)
            self._listen(worker, 0)
        del self._links[worker]
        link.socket.close()
        self._spread(Message(Kind.GONE, peer=worker), worker)

    def close(self) -> None:
        """Close all ends: also what a process that was just forked does with its copies."""
        for link in self._links.values():
            link.socket.close()
        self._links.clear()

    def _on_event(self, worker: int, events: int) -> None:
        if events & selectors.EVENT_WRITE:
            self._send(worker)
        if events & selectors.EVENT_READ:
            self._receive(worker)

    def _receive(self, worker: int) -> None:
        link = self._links[worker]
        try:
            while data := link.socket.recv(_RECEIVE_BYTES):
                for message in link.decoder.feed(data):
                    self._take(worker, message)
        except BlockingIOError:
            return
        except ConnectionResetError:  # it ended before it had read everything
            pass
        except FrameError as error:
            self._on_disorder(worker, str(error))
        self._listen(worker, 0)

    def _take(self, worker: int, message: Message) -> None:
        match message.kind:
            case Kind.TELL:
                self._spread(message._replace(peer=worker), worker)
            case Kind.ASK:
                asked = self._spread(message._replace(peer=worker), worker)
                payload = struct.pack(f"!{len(asked)}H", *asked)
                self._put(worker, Message(Kind.ASKED, "", payload, number=message.number))
            case Kind.ANSWER | Kind.REFUSAL:
                self._put(message.peer, message._replace(peer=worker))
            case _:
                self._on_message(worker, message)

    def _spread(self, message: Message, sender: int) -> list[int]:
        """Put a message on the way to all but its sender; return to whom."""
        others = [worker for worker in self._links if worker != sender]
        for worker in others:
            self._put(worker, message)
        return others

    def _put(self, worker: int, message: Message) -> None:
        link = self._links.get(worker)
        if link is None or not link.events:
            return
        frame = encode(message)
        if len(link.unsent) + len(frame) <= MOST_UNSENT_BYTES:
            link.unsent += frame
            self._send(worker)

    def _send(self, worker: int) -> None:
        link = self._links[worker]
        with contextlib.suppress(OSError):  # full, or dead: then its end is noticed by reading
            while link.unsent:
                del link.unsent[: link.socket.send(link.unsent)]
        wants_to_write = selectors.EVENT_WRITE if link.unsent else 0
        self._listen(worker, selectors.EVENT_READ | wants_to_write)

    def _listen(self, worker: int, events: int) -> None:
        """Have the selector watch a worker's socket for these events only."""
        link = self._links[worker]
        if events == link.events:
            return
        on_event = partial(self._on_event, worker)
        if not link.events:
            self._selector.register(link.socket, events, on_event)
        elif events:
            self._selector.modify(link.socket, events, on_event)
        else:
            self._selector.unregister(link.socket)
        link.events = events


class _Link:
    """The supervisor's end of one worker's channel; no events means that it is finished."""

    def __init__(self, end: socket.socket) -> None:
        self.socket = end
        self.decoder = Decoder()
        self.unsent = bytearray()
        self.events = 0
