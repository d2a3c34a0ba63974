"""The body of a request after its transport framing is gone: decoded, and as long as announced."""

import base64
import hashlib
from collections.abc import AsyncIterator, Callable

from ferrox.errors import (
    BadDigest,
    IncompleteBody,
    InvalidRequest,
    MaxMessageLengthExceeded,
    XAmzContentSHA256Mismatch,
)
from ferrox.protocol import checksums
from ferrox.protocol.chunked import Decoder
from ferrox.protocol.message import Request


class Payload:
    """What the client sends to be stored or obeyed.

    Iterating yields the bytes of the object itself; aws-chunked framing, its signatures and its
    trailer are taken off and verified on the way. It can be read once.
    """

    def __init__(
        self,
        request: Request,
        decoder: Decoder | None,
        content_sha256: str | None,
        decoded_length: int | None,
    ) -> None:
        self._request = request
        self._decoder = decoder
        self.content_sha256 = content_sha256
        self.size_bytes = decoded_length
        if decoder is None and (announced := request.headers.get("content-length")) is not None:
            self.size_bytes = int(announced)

    @property
    def is_announced(self) -> bool:
        """Whether the request says that a body follows, be it an empty one."""
        return self.size_bytes is not None or "transfer-encoding" in self._request.headers

    @property
    def trailers(self) -> dict[str, str]:
        """The trailing headers; complete once the body has been read."""
        return self._decoder.trailers if self._decoder else {}

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield the decoded bytes; raise when they end early, late or wrongly signed."""
        decoder = self._decoder
        if decoder is not None:
            async for data in self._request.body:
                for piece in decoder.feed(data):
                    yield piece
            decoder.finish()
            return
        received_bytes = 0
        async for data in self._request.body:
            received_bytes += len(data)
            yield data
        if self.size_bytes is not None and received_bytes != self.size_bytes:
            raise IncompleteBody

    async def verified(self) -> AsyncIterator[bytes]:
        """Yield what iterating yields; raise at its end unless the request has told its digest.

        For a body that is not itself what is stored, so that nobody else computes digests of it.
        """
        expected_md5 = checksums.content_md5(self._request.headers)
        md5, sha256 = hashlib.md5(usedforsecurity=False), hashlib.sha256()
        async for data in self:
            if expected_md5 is not None:
                md5.update(data)
            if self.content_sha256:
                sha256.update(data)
            yield data
        if expected_md5 is not None:
            check_md5(expected_md5, md5.digest())
        if self.content_sha256:
            check_sha256(self.content_sha256, sha256.hexdigest())

    async def whole(self) -> bytes:
        """Read a body of announced length at once; for small ones."""
        announced_bytes = self.size_bytes or 0
        data: bytes | bytearray = b""
        async for piece in self._request.body if self._decoder is None else self:
            if not data:
                data = piece  # which is all, as a rule
                continue
            if isinstance(data, bytes):
                data = bytearray(data)
            data += piece
            if len(data) > announced_bytes:
                break
        if len(data) != announced_bytes:
            raise IncompleteBody
        return bytes(data)

    async def document(
        self, max_bytes: int, *, must_be_protected: bool = False, has_checksum: bool = True
    ) -> bytes:
        """Read a small body whole, and hold it to every digest that came with it.

        must_be_protected   refuse a body that came with neither Content-MD5 nor a checksum
        has_checksum        the x-amz-checksum-* headers speak of this body, not of an object
        """
        if self.size_bytes is not None and self.size_bytes > max_bytes:
            raise MaxMessageLengthExceeded(MaxMessageLengthBytes=max_bytes)
        pieces = []
        received_bytes = 0
        async for piece in self:
            received_bytes += len(piece)
            if received_bytes > max_bytes:
                raise MaxMessageLengthExceeded(MaxMessageLengthBytes=max_bytes)
            pieces.append(piece)
        data = b"".join(pieces)
        promised = checksums.expectation(self._request.headers) if has_checksum else None
        self._check_document(data, promised, must_be_protected=must_be_protected)
        return data

    def _check_document(
        self, data: bytes, expected: checksums.Expectation | None, *, must_be_protected: bool
    ) -> None:
        headers = self._request.headers
        if self.content_sha256:
            check_sha256(self.content_sha256, hashlib.sha256(data).hexdigest())
        expected_md5 = checksums.content_md5(headers)
        if must_be_protected and expected_md5 is None and expected is None:
            raise InvalidRequest(
                "Missing required header for this request: Content-MD5 OR x-amz-checksum-*"
            )
        if expected_md5 is not None:
            computed = hashlib.md5(data, usedforsecurity=False).digest()
            check_md5(expected_md5, computed, told=_in_base64)
        if expected is not None:
            digest = checksums.new_digest(expected.algorithm)
            digest.update(data)
            checksums.verify(expected, checksums.encode(digest.digest()), self.trailers)


def _in_base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


def check_md5(
    expected: bytes, computed: bytes, *, told: Callable[[bytes], str] = bytes.hex
) -> None:
    """Raise unless the body has the Content-MD5 it came with.

    told    how the refusal spells what came with it: AWS does as hexadecimal digits for objects
            and parts, and as it came for documents
    """
    if expected != computed:
        raise BadDigest(CalculatedDigest=_in_base64(computed), ExpectedDigest=told(expected))


def check_sha256(expected: str, computed: str) -> None:
    """Raise unless the body has the SHA-256 that was signed; both are hexadecimal."""
    if expected != computed:
        raise XAmzContentSHA256Mismatch(
            ClientComputedContentSHA256=expected, S3ComputedContentSHA256=computed
        )
