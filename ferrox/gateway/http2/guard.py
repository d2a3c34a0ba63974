"""What a client may send before h2 looks at it: how large, how often, and what for.

https://www.rfc-editor.org/rfc/rfc9113#section-10.5

Theory of operation. Only the nine bytes before each frame are read. h2 keeps a frame until all of
it is there and then works on it, at a price that has nothing to do with its size; so what is too
large is refused before it comes, and what is done for nothing has to be paid for.

Each frame costs patience. It comes back with time, and with what a client does that is of use: an
answer that it takes gives back more than the frames around it cost. So requests that are cancelled
again and again (CVE-2023-44487), questions for an echo, settings, empty frames and tiny windows
end the connection when there is nothing else, and are not noticed between requests.

A client that says it will go away (GOAWAY) has its answers first. To h2 that frame is the end of
everything, so it is kept from h2.
"""

import struct
from enum import IntEnum

from h2.errors import ErrorCodes

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
"""What every client begins with."""

PATIENCE = 2_000.0
PATIENCE_PER_S = 50.0
PATIENCE_PER_ANSWER = 10.0
PATIENCE_PER_FRAME = 20.0
"""For each frame of an answer that was sent: clients make windows larger in small steps."""

_HEAD = struct.Struct(">HBBBL")
_END_STREAM = 0x1
_MAX_SETTINGS = 64
_SETTING_BYTES = 6
_CONTROL_BYTES = 16_384


class Kind(IntEnum):
    """Types of frames."""

    DATA = 0
    HEADERS = 1
    PRIORITY = 2
    RST_STREAM = 3
    SETTINGS = 4
    PUSH_PROMISE = 5
    PING = 6
    GOAWAY = 7
    WINDOW_UPDATE = 8
    CONTINUATION = 9


COSTS = {
    Kind.HEADERS: 0.0,
    Kind.PRIORITY: 1.0,
    Kind.RST_STREAM: 10.0,
    Kind.SETTINGS: 10.0,
    Kind.PING: 2.0,
    Kind.WINDOW_UPDATE: 1.0,
    Kind.CONTINUATION: 1.0,
}
EMPTY_DATA_COST = 10.0
OTHER_COST = 2.0


class OverrunError(Exception):
    """The client goes too far: the connection has to end with this code."""

    def __init__(self, code: ErrorCodes, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Patience:
    """How much more of what is of no use is put up with."""

    def __init__(self, now_s: float) -> None:
        self._left = PATIENCE
        self._seen_s = now_s

    def earn(self, amount: float) -> None:
        """Something came of it."""
        self._left = min(PATIENCE, self._left + amount)

    def spend(self, cost: float, now_s: float) -> None:
        """Put up with something; OverrunError when there is no patience left."""
        self.earn((now_s - self._seen_s) * PATIENCE_PER_S)
        self._seen_s = now_s
        self._left -= cost
        if self._left < 0:
            raise OverrunError(ErrorCodes.ENHANCE_YOUR_CALM, "too much that nothing comes of")


class Guard:
    """Stands before the frames of one connection.

    is_leaving  whether the client said that it goes away
    """

    def __init__(self, patience: Patience, max_frame_bytes: int, max_block_bytes: int) -> None:
        self._patience = patience
        self._max_frame_bytes = max_frame_bytes
        self._max_block_bytes = max_block_bytes
        self._block_bytes = 0
        self._kept = b""  # of the head of a frame that has not come whole
        self._left_bytes = len(PREFACE)  # of a frame, until its end
        self._is_dropped = False  # whether this frame is kept from h2
        self._has_begun = False
        self.is_leaving = False

    def feed(self, data: bytes, now_s: float) -> bytes:
        """What of this h2 may see; OverrunError when it is too much."""
        if self._kept:
            data = self._kept + data
            self._kept = b""
        seen = []
        begin = at = 0
        end = len(data)
        while True:
            taken = min(self._left_bytes, end - at)
            self._left_bytes -= taken
            at += taken
            if self._is_dropped:
                begin = at
            if self._left_bytes or end - at < _HEAD.size:
                break
            self._admit(data, at, now_s)
            if self._is_dropped:
                seen.append(data[begin:at])
        if not self._left_bytes:
            self._kept = data[at:]
        if not seen and not begin and at == end:
            return data
        seen.append(data[begin:at])
        return b"".join(seen)

    def _admit(self, data: bytes, at: int, now_s: float) -> None:
        """Look at the head of a frame."""
        high, low, kind, flags, _ = _HEAD.unpack_from(data, at)
        length = high << 8 | low
        self._left_bytes = _HEAD.size + length
        self._is_dropped = kind == Kind.GOAWAY
        if not self._has_begun:
            self._has_begun = True
            if kind != Kind.SETTINGS:
                raise OverrunError(ErrorCodes.PROTOCOL_ERROR, "settings have to come first")
        if kind == Kind.DATA:
            if length > self._max_frame_bytes:
                raise OverrunError(ErrorCodes.FRAME_SIZE_ERROR, "a frame is too large")
            if not length and not flags & _END_STREAM:
                self._patience.spend(EMPTY_DATA_COST, now_s)
            return
        self._patience.spend(COSTS.get(kind, OTHER_COST), now_s)
        self._measure(kind, length)
        if kind == Kind.GOAWAY:
            self.is_leaving = True

    def _measure(self, kind: int, length: int) -> None:
        """Refuse frames that are larger than they have any need to be."""
        if length > self._max_frame_bytes:
            raise OverrunError(ErrorCodes.FRAME_SIZE_ERROR, "a frame is too large")
        if kind in (Kind.HEADERS, Kind.CONTINUATION):
            self._block_bytes = length + (self._block_bytes if kind == Kind.CONTINUATION else 0)
            if self._block_bytes > self._max_block_bytes:
                raise OverrunError(ErrorCodes.ENHANCE_YOUR_CALM, "a list of fields is too large")
        elif length > (_MAX_SETTINGS * _SETTING_BYTES if kind == Kind.SETTINGS else _CONTROL_BYTES):
            raise OverrunError(ErrorCodes.ENHANCE_YOUR_CALM, "a frame is too large for its kind")
