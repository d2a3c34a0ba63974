"""What one client may take: head size, time, connections, unread bytes.

The idle timeout runs from the moment a connection is made, over TLS from the end of the handshake,
or from the end of its last response, until a whole request head has arrived: silent, forgotten and
dripping clients all end the same.
"""

from dataclasses import dataclass

from ferrox import metrics

MAX_HEADER_FIELDS = 256
"""Far above what S3 clients send (some 40), so that the size of the head is what limits."""

BODY_BUFFER_BYTES = 64 * 1024
"""Reading pauses when twice as much of a body waits for its reader, and resumes below this."""

AHEAD_BYTES = 64 * 1024
"""Reading pauses when this much has come that belongs to later requests."""

DRAIN_BYTES = 1 << 20
"""When this or less is left of a body nobody wanted, it is read, to keep the connection."""

LINGER_S = 5.0
"""How long a connection that is to be closed goes on discarding what the client still sends.
Closing at once would reset the connection, and the client would lose the answer on its way."""

HANDSHAKE_S = 10.0
"""How long a client may take to agree on TLS, unless the idle timeout is shorter."""

BACKLOG = 1024
"""Connections the kernel holds ready while the event loop is busy."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits an operator may set."""

    header_bytes: int
    connections: int
    idle_timeout_s: float
    body_timeout_s: float
    body_bytes_per_s: int

    @property
    def body_window_bytes(self) -> int:
        """What must come of a body within `body_timeout_s` of waiting for it."""
        return max(1, int(self.body_bytes_per_s * self.body_timeout_s))


class Admission:
    """Counts connections against the limit; 0 is no limit.

    is_counted  whether metrics tell of them
    """

    def __init__(self, most: int, *, is_counted: bool = True) -> None:
        self._most = most
        self._is_counted = is_counted
        self.count = 0

    def enter(self) -> bool:
        """Count one more connection; False when it is one too many."""
        self.count += 1
        is_admitted = not self._most or self.count <= self._most
        if self._is_counted:
            metrics.CONNECTIONS.inc()
            if not is_admitted:
                metrics.CONNECTIONS_REFUSED.inc()
        return is_admitted

    def leave(self) -> None:
        """Count one less."""
        self.count -= 1
        if self._is_counted:
            metrics.CONNECTIONS.inc(-1)
