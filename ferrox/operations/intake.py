"""What every upload of bytes has in common: digests promised, digests computed, bytes received.

PutObject and UploadPart differ in what they do with the bytes, not in how they take them:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
"""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

from ferrox.errors import EntityTooLarge, MissingContentLength
from ferrox.operations.call import Call
from ferrox.operations.payload import check_md5, check_sha256
from ferrox.protocol import checksums
from ferrox.records import Checksum
from ferrox.storage.content import BlobLabel, Content

MAX_UPLOAD_BYTES = 5 * 1024**3
"""The most that one PutObject or UploadPart may carry, as on AWS."""

DEFAULT_ALGORITHM = "CRC64NVME"
"""What S3 computes when the client asks for no checksum."""


class Received(NamedTuple):
    """Bytes that arrived whole and are what the client said they are."""

    content: Content
    md5: bytes
    checksum: Checksum
    """in the algorithm asked for"""
    promised: Checksum | None
    """what the client sent along, possibly in another algorithm; verified"""


@asynccontextmanager
async def received(
    call: Call, label: BlobLabel, *, algorithm: str | None, may_inline: bool
) -> AsyncIterator[Received]:
    """Take the body in, durably but namelessly, and hold it to every digest it came with.

    algorithm   the checksum that must come out; None: the one that the client promised, else S3's
                default

    Leaving the context without having published the content removes it.
    """
    headers = call.request.headers
    payload = call.payload
    if not payload.is_announced:
        raise MissingContentLength
    if payload.size_bytes is not None and payload.size_bytes > MAX_UPLOAD_BYTES:
        raise EntityTooLarge(ProposedSize=payload.size_bytes, MaxSizeAllowed=MAX_UPLOAD_BYTES)
    expected_md5 = checksums.content_md5(headers)
    expected = checksums.expectation(headers)
    algorithm = algorithm or (expected.algorithm if expected else DEFAULT_ALGORITHM)

    md5 = hashlib.md5(usedforsecurity=False)
    wanted = {algorithm}
    if expected is not None:
        wanted.add(expected.algorithm)
    if payload.content_sha256 is not None:
        wanted.add("SHA256")  # the signed hash of the body; as a checksum it is the same digest
    computed = {name: checksums.new_digest(name) for name in wanted}

    async with call.store.receive(
        aiter(payload),
        [md5, *computed.values()],
        label,
        size_hint=payload.size_bytes,
        max_bytes=MAX_UPLOAD_BYTES,
        may_inline=may_inline,
    ) as content:
        if payload.content_sha256 is not None:
            check_sha256(payload.content_sha256, computed["SHA256"].digest().hex())
        if expected_md5 is not None:
            check_md5(expected_md5, md5.digest())
        values = {name: checksums.encode(digest.digest()) for name, digest in computed.items()}
        promised = None
        if expected is not None:
            promised = checksums.verify(expected, values[expected.algorithm], payload.trailers)
        yield Received(content, md5.digest(), Checksum(algorithm, values[algorithm]), promised)
