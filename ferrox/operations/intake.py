"""What every upload of bytes has in common: digests promised, digests computed, bytes received.

PutObject and UploadPart differ in what they do with the bytes, not in how they take them:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
"""

import hashlib
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import NamedTuple

from ferrox.crypto.envelope import KeyEncryptionKey
from ferrox.errors import EntityTooLarge, MissingContentLength
from ferrox.operations.call import Call
from ferrox.operations.encryption import entity_tag
from ferrox.operations.payload import check_md5, check_sha256
from ferrox.protocol import checksums
from ferrox.protocol.encryption import tells_md5
from ferrox.records import Checksum, Encryption
from ferrox.storage.content import BlobLabel, Content

MAX_UPLOAD_BYTES = 5 * 1024**3
"""The most that one PutObject or UploadPart may carry, as on AWS."""

DEFAULT_ALGORITHM = "CRC64NVME"
"""What S3 computes when the client asks for no checksum."""


class Received(NamedTuple):
    """Bytes that arrived whole and are what the client said they are."""

    content: Content
    etag: str
    checksum: Checksum
    """in the algorithm asked for"""
    promised: Checksum | None
    """what the client sent along, possibly in another algorithm; verified"""


def received(
    call: Call,
    label: BlobLabel,
    *,
    algorithm: str | None,
    may_inline: bool,
    sealed: Encryption | None = None,
    kek: KeyEncryptionKey | None = None,
) -> AbstractAsyncContextManager[Received]:
    """Take the body in, durably but namelessly, and hold it to every digest it came with.

    algorithm   the checksum that must come out; None: the one that the client promised, else S3's
                default
    sealed      how the bytes are sealed, and under what; None: they are not

    Leaving the context without having published the content removes it.
    """
    return _Intake(call, label, algorithm, may_inline=may_inline, sealed=sealed, kek=kek)


class _Intake:
    """One body: whole in memory if it is to lie in the index, else streamed into a blob."""

    def __init__(
        self,
        call: Call,
        label: BlobLabel,
        algorithm: str | None,
        *,
        may_inline: bool,
        sealed: Encryption | None,
        kek: KeyEncryptionKey | None,
    ) -> None:
        self._call = call
        self._sealed = sealed
        self._kek = kek
        self._label = label
        self._may_inline = may_inline
        self._streaming: AbstractAsyncContextManager[Content] | None = None
        headers, payload = call.request.headers, call.payload
        if not payload.is_announced:
            raise MissingContentLength
        if payload.size_bytes is not None and payload.size_bytes > MAX_UPLOAD_BYTES:
            raise EntityTooLarge(ProposedSize=payload.size_bytes, MaxSizeAllowed=MAX_UPLOAD_BYTES)
        self._expected_md5 = checksums.content_md5(headers)
        # MD5 is the dearest of all digests: it is computed where somebody is shown it.
        self._needs_md5 = self._expected_md5 is not None or tells_md5(sealed)
        self._expected = expected = checksums.expectation(headers)
        self._algorithm = algorithm or (expected.algorithm if expected else DEFAULT_ALGORITHM)
        self._wanted = {self._algorithm}
        if expected is not None:
            self._wanted.add(expected.algorithm)
        if payload.content_sha256 is not None:
            # The signed hash of the body; as a checksum it is the same digest.
            self._wanted.add("SHA256")

    async def __aenter__(self) -> Received:
        size_bytes, store = self._call.payload.size_bytes, self._call.store
        if self._may_inline and size_bytes is not None and size_bytes <= store.inline_limit_bytes:
            data = await self._call.payload.whole()
            md5 = hashlib.md5(data, usedforsecurity=False).digest() if self._needs_md5 else None
            digests = {name: checksums.digest(name, data) for name in self._wanted}
            return self._verified(store.hold(data, self._kek), md5, digests)
        return await self._stream()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._streaming is not None:
            await self._streaming.__aexit__(kind, error, traceback)

    async def _stream(self) -> Received:
        payload = self._call.payload
        md5 = hashlib.md5(usedforsecurity=False) if self._needs_md5 else None
        computed = {name: checksums.new_digest(name) for name in self._wanted}
        streaming = self._call.store.receive(
            aiter(payload),
            [*([md5] if md5 is not None else ()), *computed.values()],
            self._label,
            size_hint=payload.size_bytes,
            max_bytes=MAX_UPLOAD_BYTES,
            may_inline=self._may_inline,
            kek=self._kek,
        )
        content = await streaming.__aenter__()
        self._streaming = streaming
        try:
            digests = {name: digest.digest() for name, digest in computed.items()}
            return self._verified(content, md5.digest() if md5 is not None else None, digests)
        except BaseException as error:
            await streaming.__aexit__(type(error), error, error.__traceback__)
            raise

    def _verified(self, content: Content, md5: bytes | None, digests: dict[str, bytes]) -> Received:
        """Hold the digests to what was promised."""
        payload, expected = self._call.payload, self._expected
        if payload.content_sha256 is not None:
            check_sha256(payload.content_sha256, digests["SHA256"].hex())
        if self._expected_md5 is not None and md5 is not None:
            check_md5(self._expected_md5, md5)
        tag = entity_tag(self._sealed, md5)
        promised = None
        if expected is not None:
            computed = checksums.encode(digests[expected.algorithm])
            promised = checksums.verify(expected, computed, payload.trailers)
        if promised is not None and promised.algorithm == self._algorithm:
            return Received(content, tag, promised, promised)
        value = checksums.encode(digests[self._algorithm])
        return Received(content, tag, Checksum(self._algorithm, value), promised)
