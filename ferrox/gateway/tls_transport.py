"""TLS between an accepted connection and whoever answers the requests that come over it.

Theory of operation. One object is both: the protocol of the connection below, and the transport of
the protocol above, which is made when the handshake is over. OpenSSL reads from one buffer in
memory and writes to the other; what it wrote goes to the connection below at once. So what a client
has not taken waits in one place only, and flow control is that of the connection below.

The event loops can do TLS, too. There nobody knows of a connection before its handshake is over, so
that they could not be counted; a client whose handshake fails is not told why; bytes wait in two
places; and each connection has a buffer of 256 KiB.

What speaks above is what both sides agreed on (ALPN): this is where another version of HTTP comes
in.
"""

import asyncio
import contextlib
import ssl
from typing import Any, cast

from ferrox.gateway.connection import Listener, Speaker
from ferrox.gateway.limits import HANDSHAKE_S

RECORD_BYTES = 16_384
"""The most that one record holds (RFC 8446, 5.1)."""

WRITE_BYTES = 8 * RECORD_BYTES
"""How much is encrypted before it is handed on: it stays in the cache, and the buffer small."""

IN_THE_OPEN = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n"
    b"This port speaks TLS: use https:// in the URL.\n"
)
"""The answer to a request that is not encrypted."""


class TlsTransport(asyncio.Transport, asyncio.Protocol):
    """One connection, from its first byte on."""

    def __init__(self, listener: Listener, context: ssl.SSLContext) -> None:
        super().__init__()
        self._listener = listener
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._ssl = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._below: asyncio.Transport | None = None
        self._above: Speaker | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._is_deaf = False  # what arrives is not looked at any more
        self._is_writing_paused = False

    # What the connection below calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count the connection, and give it time for its handshake."""
        self._below = cast("asyncio.Transport", transport)  # uvloop's are so by behaviour only
        self._listener.admission.enter()
        self._listener.handshakes.add(self)
        limit_s = min(HANDSHAKE_S, self._listener.limits.idle_timeout_s)
        self._timer = asyncio.get_running_loop().call_later(limit_s, self.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever is above."""
        self._below = None
        if self._above is None:
            self._end_handshake()
        else:
            self._above.connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Decrypt, or go on with the handshake."""
        if self._is_deaf:
            return
        self._incoming.write(data)
        if self._above is None:
            self._shake()
        else:
            self._read(self._above)

    def eof_received(self) -> bool:
        """Say above that no more comes; without a word of TLS it is as good as with one."""
        self._is_deaf = True
        return self._above is not None and self._above.eof_received()

    def pause_writing(self) -> None:
        """The client takes less than is sent."""
        self._is_writing_paused = True
        if self._above is not None:
            self._above.pause_writing()

    def resume_writing(self) -> None:
        """It has taken most of it."""
        self._is_writing_paused = False
        if self._above is not None:
            self._above.resume_writing()

    # The handshake

    def _shake(self) -> None:
        try:
            self._ssl.do_handshake()
        except ssl.SSLWantReadError:
            self._flush()
        except (ssl.SSLError, ssl.CertificateError) as error:
            self._refuse(error)
        else:
            self._flush()
            self._begin()

    def _refuse(self, error: ssl.SSLError | ssl.CertificateError) -> None:
        """Let the client know why, as far as TLS or HTTP have a word for it."""
        peer = self.get_extra_info("peername") or ("-",)
        self._listener.log.debug("no TLS with %s: %s", peer[0], error)
        self._is_deaf = True
        if self._below is not None:
            if error.reason == "HTTP_REQUEST":
                self._below.write(IN_THE_OPEN)
            self._flush()
            self._below.close()

    def _begin(self) -> None:
        """Have requests read from now on; some may have come along with the handshake."""
        self._end_handshake()
        above = self._listener.speaker(self._ssl.selected_alpn_protocol())
        self._above = above
        above.connection_made(self)
        self._read(above)

    def _end_handshake(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._listener.handshakes.discard(self)
        self._listener.admission.leave()

    # Reading

    def _read(self, above: Speaker) -> None:
        """Decrypt what has come, and hand it on."""
        read, pending = self._ssl.read, self._ssl.pending
        incoming = self._incoming
        pieces = []
        has_ended = False
        try:
            while incoming.pending or pending():
                piece = read(RECORD_BYTES)
                if not piece:
                    self._is_deaf = has_ended = True
                    break
                pieces.append(piece)
        except ssl.SSLWantReadError:  # a part of a record
            pass
        except ssl.SSLError as error:
            self._listener.log.debug("TLS with %s broke: %s", above.peer, error)
            self._flush()
            self.abort()
            return
        if self._outgoing.pending:
            self._flush()
            if self._is_writing_paused and not pieces:
                self.abort()  # who asks TLS for answers and takes none could do so for ever
        if pieces:
            above.data_received(pieces[0] if len(pieces) == 1 else b"".join(pieces))
        if has_ended and not above.eof_received():
            self.close()

    def pause_reading(self) -> None:
        """Take nothing from the client for now."""
        if self._below is not None:
            self._below.pause_reading()

    def resume_reading(self) -> None:
        """Take what it sends."""
        if self._below is not None:
            self._below.resume_reading()

    # Writing

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Encrypt, and send."""
        try:
            if len(data) <= WRITE_BYTES:
                self._ssl.write(data)
                self._flush()
                return
            view = memoryview(data)
            for at in range(0, len(view), WRITE_BYTES):
                self._ssl.write(view[at : at + WRITE_BYTES])
                self._flush()
        except ssl.SSLError as error:
            self._listener.log.debug("TLS broke: %s", error)
            self.abort()

    def _flush(self) -> None:
        """Send what OpenSSL has for the client."""
        if self._outgoing.pending and self._below is not None:
            self._below.write(self._outgoing.read())

    def get_write_buffer_size(self) -> int:
        """How many bytes the client has not taken."""
        return 0 if self._below is None else self._below.get_write_buffer_size()

    def can_write_eof(self) -> bool:
        """Whether the sending side can be closed by itself: TLS can."""
        return True

    def write_eof(self) -> None:
        """Close the sending side. What still comes is thrown away: nobody is to answer it."""
        self._is_deaf = True
        self._say_close()
        if self._below is not None and self._below.can_write_eof():
            self._below.write_eof()

    # The end

    def is_closing(self) -> bool:
        """Whether it is closed, or about to be."""
        return self._below is None or self._below.is_closing()

    def close(self) -> None:
        """Close when everything has left. The client's word for it is not waited for."""
        if self._below is not None and not self._below.is_closing():
            self._is_deaf = True
            self._say_close()
            self._below.close()

    def abort(self) -> None:
        """Close at once."""
        self._is_deaf = True
        if self._below is not None:
            self._below.abort()

    def _say_close(self) -> None:
        with contextlib.suppress(ssl.SSLError):  # that the client has not said so yet is one
            self._ssl.unwrap()
        self._flush()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Facts of the connection, by the names of asyncio."""
        if name == "ssl_object":
            return self._ssl
        if name == "peercert":
            return self._ssl.getpeercert()
        return default if self._below is None else self._below.get_extra_info(name, default)
