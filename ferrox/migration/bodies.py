"""Bytes on their way: read from the source, gone on with where they broke off, summed, framed.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html

What is sent is one aws-chunked chunk and a trailer with the checksum of the bytes as they came. The
trailer is only sent when these are the bytes that the source says it has: its length, its checksum,
its MD5s. Otherwise the body ends by an error, which cuts the connection, and nothing is stored. So
bytes that were damaged before they came here and after they left are both found out.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import NamedTuple

from ferrox.migration.client import S3, Streamed
from ferrox.migration.faults import Broken, Changed, Refused, WrongBytes
from ferrox.migration.parts import PieceDigests
from ferrox.protocol import checksums
from ferrox.protocol.etag import quote
from ferrox.protocol.shapes.objects import GetObjectInput
from ferrox.records import Checksum

DEFAULT_ALGORITHM = "CRC64NVME"


class Bandwidth:
    """Lets so many bytes pass in a second, over all copies together; None lets all pass."""

    def __init__(self, bytes_per_s: float | None) -> None:
        self._bytes_per_s = bytes_per_s
        self._free_at = 0.0

    async def take(self, size_bytes: int) -> None:
        """Wait until these bytes may have passed."""
        if self._bytes_per_s is None:
            return
        now = asyncio.get_running_loop().time()
        self._free_at = max(self._free_at, now) + size_bytes / self._bytes_per_s
        await asyncio.sleep(self._free_at - now)


class Wanted(NamedTuple):
    """A run of bytes of one version at the source.

    etag  of the version: bytes of another one are not taken for its
    """

    bucket: str
    key: str
    version_id: str | None
    etag: str
    start: int
    size_bytes: int

    def rest(self, start: int) -> GetObjectInput:
        """What asks for the bytes from some place on."""
        return GetObjectInput(
            bucket=self.bucket,
            key=self.key,
            version_id=self.version_id,
            if_match=quote(self.etag),
            range=f"bytes={start}-{self.start + self.size_bytes - 1}",
        )


class Reader:
    """Reads from the source, as fast as is allowed, and goes on where it was broken off."""

    def __init__(
        self, source: S3, bandwidth: Bandwidth, told: Callable[[int], None] = lambda _: None
    ) -> None:
        self._source = source
        self._bandwidth = bandwidth
        self._told = told

    async def blocks(
        self, wanted: Wanted, begun: AsyncIterator[bytes] | None = None
    ) -> AsyncIterator[bytes]:
        """The bytes in blocks, exactly as many as are wanted. Refused, Changed, Broken

        begun  their beginning, which the source has answered already
        """
        at, end, failures = wanted.start, wanted.start + wanted.size_bytes, 0
        while at < end:
            before = at
            try:
                async for block in self._run(wanted, at, begun):
                    at += len(block)
                    if at > end:
                        raise WrongBytes("the source sends more bytes than it says it has")
                    await self._bandwidth.take(len(block))
                    self._told(len(block))
                    yield block
                reason = "the answer was too short"
            except OSError as error:
                reason = str(error) or type(error).__name__
            except Refused as refused:
                if refused.status == 412:
                    raise Changed("the object changed while it was read") from None
                if not refused.is_passing:
                    raise
                reason = str(refused)
            begun = None
            if at < end:
                failures = failures + 1 if at == before else 1
                self._source.tried_again += 1
                if failures >= self._source.patience.attempts:
                    raise Broken(f"the source does not send it to the end: {reason}")
                await asyncio.sleep(self._source.patience.pause(failures - 1))

    async def _run(
        self, wanted: Wanted, at: int, begun: AsyncIterator[bytes] | None
    ) -> AsyncIterator[bytes]:
        if begun is not None:
            async for block in begun:
                yield block
            return
        async with self._source.reading(wanted.rest(at)) as (answer, body):
            if (answer.content_range or "").partition("-")[0] != f"bytes {at}":
                raise Broken("the source does not answer with ranges of objects")
            async for block in body:
                yield block


class Expected(NamedTuple):
    """What the source says of bytes.

    pieces    sizes of the runs that have an MD5 of their own
    checksum  of all of them, FULL_OBJECT, if there is one
    md5       of all of them, if it is known
    """

    size_bytes: int
    pieces: tuple[int, ...] = ()
    checksum: Checksum | None = None
    md5: str = ""


class Framed:
    """A body to be sent, and what its bytes came to once it has been."""

    def __init__(
        self, blocks: AsyncIterator[bytes], expected: Expected, algorithm: str | None = None
    ) -> None:
        self._blocks = blocks
        self._expected = expected
        if algorithm is None:
            algorithm = expected.checksum.algorithm if expected.checksum else DEFAULT_ALGORITHM
        self.algorithm = algorithm
        self._sum = checksums.new_digest(algorithm)
        pieces = expected.pieces or ((expected.size_bytes,) if expected.md5 else ())
        self._digests = PieceDigests(pieces)
        self.checksum = ""

    @property
    def digests(self) -> list[str]:
        """The MD5s of the pieces."""
        return self._digests.digests

    def streamed(self) -> Streamed:
        """The body as it is sent, once."""
        size_bytes = self._expected.size_bytes
        header = checksums.ALGORITHMS[self.algorithm].header
        value_bytes = len(checksums.encode(checksums.new_digest(self.algorithm).digest()))
        trailer_bytes = len(_last(header, "x" * value_bytes))
        framed_bytes = trailer_bytes + (
            len(_first(size_bytes)) + size_bytes + 2 if size_bytes else 0
        )
        return Streamed(self._framed(header), size_bytes, framed_bytes, header)

    async def _framed(self, header: str) -> AsyncIterator[bytes]:
        if self._expected.size_bytes:
            yield _first(self._expected.size_bytes)
        async for block in self._blocks:
            self._sum.update(block)
            self._digests.update(block)
            yield block
        self.checksum = checksums.encode(self._sum.digest())
        self._hold()
        if self._expected.size_bytes:
            yield b"\r\n"
        yield _last(header, self.checksum)

    def _hold(self) -> None:
        """Hold the bytes to what the source says of them."""
        told = self._expected.checksum
        if told is not None and told.algorithm == self.algorithm and told.value != self.checksum:
            raise WrongBytes(f"the {told.algorithm} of the bytes is not what the source says")
        md5 = self._expected.md5
        if md5 and self._expected.size_bytes and [md5] != self.digests:
            raise WrongBytes("the MD5 of the bytes is not the ETag that the source says")


def _first(size_bytes: int) -> bytes:
    return b"%x\r\n" % size_bytes


def _last(header: str, value: str) -> bytes:
    return f"0\r\n{header}:{value}\r\n\r\n".encode()
