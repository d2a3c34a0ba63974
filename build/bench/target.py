"""One server as a measurement sees it: what to send, how much, and what it cost the server."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from build.bench import process_tree
from build.bench.figures import MeasurementFailed
from build.bench.presigned import Signer
from build.bench.servers import RunningServer
from build.bench.walker import walk

BUCKET = "bench"
LOAD_CONNECTIONS = 16
LOAD_LIMIT_S = 240.0


@dataclass(frozen=True)
class Scale:
    """How much is done: `--quick` is for a look, the full run for publishing."""

    rounds: int
    seconds: int  # wrk knows no others
    stream_bytes: int
    multipart_bytes: int
    listing_keys: int


QUICK = Scale(
    rounds=3, seconds=2, stream_bytes=256 << 20, multipart_bytes=128 << 20, listing_keys=10_000
)
FULL = Scale(
    rounds=5, seconds=3, stream_bytes=1 << 30, multipart_bytes=512 << 20, listing_keys=100_000
)


@dataclass
class Spent:
    """What the server's tree has used over a block."""

    cpu_s: float = 0.0
    written_bytes: int = 0

    def per_request_us(self, count: float) -> float:
        """The same for one of `count`, in microseconds."""
        return self.cpu_s / count * 1e6


@dataclass
class Target:
    """A running server, with the bucket that everything happens in."""

    server: RunningServer
    scale: Scale
    scratch: Path
    round: int = 0
    _done: set[str] = field(default_factory=set)

    @cached_property
    def signer(self) -> Signer:
        """Signs for this server, all over the run."""
        return self.server.signer()

    @contextmanager
    def spending(self) -> Iterator[Spent]:
        """Measure what the block costs the server."""
        spent = Spent()
        pid = self.server.pid
        cpu_s, written_bytes = process_tree.cpu_s(pid), process_tree.written_bytes(pid)
        yield spent
        spent.cpu_s = process_tree.cpu_s(pid) - cpu_s
        spent.written_bytes = process_tree.written_bytes(pid) - written_bytes

    def path(self, key: str) -> str:
        """Where an object is."""
        return f"/{BUCKET}/{key}"

    def targets(self, method: str, keys: Sequence[str]) -> list[str]:
        """Presigned requests for objects."""
        return [self.signer.target(method, self.path(key)) for key in keys]

    def create_bucket(self) -> None:
        """Make the bucket, once."""
        status = self.server.ask("PUT", f"/{BUCKET}")
        if status != 200:
            raise MeasurementFailed(f"CreateBucket was answered with {status}")

    def fill(self, keys: Sequence[str], size: int) -> None:
        """Have these objects, each written exactly once in the life of the server."""

        def write(some: Sequence[str], connections: int) -> None:
            body = os.urandom(size)
            requests = (self.request("PUT", self.path(key), body) for key in some)
            tally = walk(self.server.port, requests, connections, limit_s=LOAD_LIMIT_S)
            if tally.refused or tally.count != len(some):
                raise MeasurementFailed(f"filling: {tally}")

        def write_all() -> None:
            # rclone refuses some of the writes that make the same folder at the same time
            write(first_of_each_folder(keys), 1)
            write(keys, LOAD_CONNECTIONS)

        self.once(f"{keys[0]} {len(keys)} {size}", write_all)

    def once(self, label: str, action: Callable[[], object]) -> None:
        """Prepare something that later measurements and rounds find done."""
        if label not in self._done:
            action()
            self._done.add(label)

    def request(self, method: str, path: str, body: bytes | None = None) -> bytes:
        """One request as it goes over the wire."""
        head = (
            f"{method} {self.signer.target(method, path)} HTTP/1.1\r\nHost: {self.server.host}\r\n"
        )
        if body is not None:
            head += f"Content-Length: {len(body)}\r\n"
        return head.encode() + b"\r\n" + (body or b"")


def first_of_each_folder(keys: Sequence[str]) -> list[str]:
    """The first key below each prefix that ends in a slash."""
    return list({key.rpartition("/")[0]: key for key in reversed(keys)}.values())
