"""A TLS proxy in front of a server, as most are run: it ends the encryption and changes nothing."""

import asyncio
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.clients.tool import executable

BLOCK_BYTES = 1 << 16


def write_certificate(directory: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that vouches for itself, and its key."""
    certificate, key = directory / "certificate.pem", directory / "key.pem"
    subprocess.run(
        [
            executable("openssl"), "req", "-x509", "-noenc", "-days", "2", "-subj", "/CN=127.0.0.1",
            "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
            "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate),
        ],
        check=True, capture_output=True,
    )  # fmt: skip
    return certificate, key


class TlsFront:
    """Forwards every connection to the server's port, in a thread with an event loop of its own."""

    def __init__(self, port: int, certificate: Path, key: Path) -> None:
        self.certificate = certificate
        self.endpoint = ""
        self._server_port = port
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(certificate, key)
        self._is_listening = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))

    def start(self) -> None:
        """Listen; the endpoint is known afterwards."""
        self._thread.start()
        assert self._is_listening.wait(10)

    def stop(self) -> None:
        """Cut what is still connected and end."""
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join()

    async def _serve(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        self._open: set[asyncio.Task[None]] = set()
        server = await asyncio.start_server(self._forward, "127.0.0.1", 0, ssl=self._tls)
        self.endpoint = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        self._is_listening.set()
        await self._end.wait()
        server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            to_reader, to_writer = await asyncio.open_connection("127.0.0.1", self._server_port)
            async with asyncio.TaskGroup() as group:
                group.create_task(_pass_on(reader, to_writer))
                group.create_task(_pass_on(to_reader, writer))
        except* (OSError, asyncio.CancelledError):
            pass  # a client that leaves in the middle is none of the proxy's business
        finally:
            self._open.discard(task)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass on everything that comes, and the end of it."""
    try:
        while block := await reader.read(BLOCK_BYTES):
            writer.write(block)
            await writer.drain()
    finally:
        writer.close()


@contextmanager
def tls_in_front_of(port: int, directory: Path) -> Iterator[TlsFront]:
    """A proxy for the length of a block."""
    front = TlsFront(port, *write_certificate(directory))
    front.start()
    try:
        yield front
    finally:
        front.stop()
