"""An S3 that is asked: requests made and signed, answers read, what passes by itself tried again.

Documents are asked for again and again (`ask`, `document`); the bytes of objects flow in one
attempt (`reading`, `send`), because only who copies knows where to go on.

AWS serves each region at an address of its own, and tells where a bucket is when it is asked at the
wrong one: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingBucket.html
"""

import base64
import contextlib
import hashlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, NamedTuple, TypeVar

from ferrox.auth.payload import DECODED_LENGTH
from ferrox.auth.signing import Credentials, signed
from ferrox.clock import Clock
from ferrox.errors import MalformedXML
from ferrox.migration.faults import Refused
from ferrox.migration.patience import Patience, is_passing
from ferrox.outgoing_connections import Answered, Body, Connections, Endpoint
from ferrox.protocol import asking
from ferrox.protocol.asking import Asked
from ferrox.protocol.message import Request
from ferrox.protocol.operation import Operation, OutputT
from ferrox.protocol.operations import GetObject, ListBuckets
from ferrox.protocol.shape import Shape
from ferrox.protocol.shapes.buckets import BUCKET_REGION, ListBucketsInput
from ferrox.protocol.shapes.objects import GetObjectInput, GetObjectOutput
from ferrox.protocol.xml import MAX_DOCUMENT_BYTES

UNSIGNED_WITH_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
MOST_ERROR_BYTES = 65_536
US_EAST_1 = "us-east-1"

_CODES = {
    400: "InvalidRequest",
    403: "AccessDenied",
    404: "NotFound",
    412: "PreconditionFailed",
}
"""What a refusal means that says no more than its status, as those of HEAD do."""

_ELSEWHERE_STATUSES = frozenset({301, 307, 400})
T = TypeVar("T")

_is_aws = re.compile(r"s3(?:[.-][a-z0-9-]+)?\.amazonaws\.com").fullmatch


class Streamed(NamedTuple):
    """A body that is made while it is sent.

    size_bytes     of the object or part
    framed_bytes   of the body, with its frame and trailer
    trailer        name of the checksum header that comes last
    """

    blocks: AsyncIterator[bytes]
    size_bytes: int
    framed_bytes: int
    trailer: str


class Document(NamedTuple):
    """An answer read to its end; names of headers are in lower case."""

    headers: dict[str, str]
    body: bytes


class S3:
    """One side of a migration."""

    def __init__(
        self,
        endpoint: Endpoint,
        credentials: Credentials,
        clock: Clock,
        *,
        region: str = US_EAST_1,
        ca_file: str = "",
        patience: Patience = Patience(),  # noqa: B008 - a tuple, never changed
        stall_s: float = 60.0,
    ) -> None:
        self.endpoint = endpoint
        self.patience = patience
        self.clock = clock
        self._credentials = credentials
        self._region = region
        self._ca_file = ca_file
        self._stall_s = stall_s
        self._regions: dict[str, str] = {}
        self._connections: dict[str, Connections] = {}
        self._canonical_id = ""
        self.tried_again = 0

    async def close(self) -> None:
        """Close the connections."""
        for connections in self._connections.values():
            await connections.close()

    async def ask(
        self,
        operation: Operation[Any, OutputT],
        args: Shape,
        more_query: Mapping[str, str] | None = None,
    ) -> OutputT:
        """Have an operation carried out that gives a document. Refused, OSError"""
        headers, body = await self.document(operation, args, more_query)
        try:
            return asking.output(operation, headers, body)
        except MalformedXML:
            said = asking.refusal(body)  # what takes long may be refused after the head was sent
            message = said.message or "the answer is no document of S3"
            raise Refused(200, said.code or "MalformedAnswer", message) from None

    async def document(
        self,
        operation: Operation[Any, Any],
        args: Shape,
        more_query: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Document:
        """The answer of an operation as it comes.

        body  of the request, where it is not made of its shape
        """
        asked = asking.request(operation, args, more_query)
        if body is not None:
            asked = asked._replace(body=body)
        if asked.body:
            md5 = hashlib.md5(asked.body, usedforsecurity=False).digest()
            asked.headers["content-md5"] = base64.b64encode(md5).decode()
        payload_hash = hashlib.sha256(asked.body).hexdigest()

        async def attempt() -> Document:
            try:
                return await self._whole(asked, payload_hash, args)
            except Refused as refused:
                if not self._learns_region(refused, getattr(args, "bucket", "")):
                    raise
                return await self._whole(asked, payload_hash, args)

        return await self.persist(attempt)

    async def _whole(self, asked: Asked, payload_hash: str, args: Shape) -> Document:
        bucket = getattr(args, "bucket", "")
        async with self._asked(asked, asked.body, payload_hash, bucket) as answer:
            return Document(answer.headers, await answer.whole(MAX_DOCUMENT_BYTES))

    def _learns_region(self, refused: Refused, bucket: str) -> bool:
        """Whether a refusal says that the bucket is elsewhere, where it is looked for from now."""
        region = _right_region(refused)
        if not region or region == self._regions.get(bucket, self._region):
            return False
        self._regions[bucket] = region
        return True

    async def canonical_id(self) -> str:
        """Who asks, as access control lists call them."""
        if not self._canonical_id:
            owner = (await self.ask(ListBuckets, ListBucketsInput(max_buckets=1))).owner
            self._canonical_id = (owner.id if owner else None) or ""
        return self._canonical_id

    @contextlib.asynccontextmanager
    async def reading(
        self, args: GetObjectInput
    ) -> AsyncIterator[tuple[GetObjectOutput, AsyncIterator[bytes]]]:
        """An object and its bytes, or a range of them; one attempt."""
        asked = asking.request(GetObject, args)
        empty = hashlib.sha256(b"").hexdigest()
        async with self._asked(asked, b"", empty, args.bucket) as answer:
            yield asking.output(GetObject, answer.headers, b""), answer.body

    async def send(
        self,
        operation: Operation[Any, OutputT],
        args: Shape,
        body: Streamed,
        more_query: Mapping[str, str] | None = None,
    ) -> OutputT:
        """Send an object or a part; one attempt."""
        asked = asking.request(operation, args, more_query)
        asked.headers["content-length"] = str(body.framed_bytes)
        asked.headers[DECODED_LENGTH] = str(body.size_bytes)
        asked.headers["x-amz-trailer"] = body.trailer
        bucket = getattr(args, "bucket", "")
        async with self._asked(asked, body.blocks, UNSIGNED_WITH_TRAILER, bucket) as answer:
            return asking.output(operation, answer.headers, await answer.whole(MOST_ERROR_BYTES))

    async def persist(
        self,
        attempt: Callable[[], Awaitable[T]],
        *,
        but: type[Exception] | tuple[()] = (),
        attempts: int | None = None,
    ) -> T:
        """Do something again and again, as `Patience.persist` does, and count how often."""

        async def counted() -> T:
            try:
                return await attempt()
            except Exception as error:
                self.tried_again += is_passing(error)
                raise

        most = self.patience.attempts if attempts is None else attempts
        patience = self.patience._replace(attempts=min(self.patience.attempts, most))
        return await patience.persist(counted, but=but)

    @contextlib.asynccontextmanager
    async def _asked(
        self, asked: Asked, body: Body, payload_hash: str, bucket: str
    ) -> AsyncIterator[Answered]:
        region = self._regions.get(bucket, self._region)
        connections = self._connections_to(region)
        headers = {"host": connections.endpoint.authority, **asked.headers}
        if isinstance(body, bytes) and asked.method in {"PUT", "POST"}:
            headers["content-length"] = str(len(body))
        request = Request(asked.method, asked.path, asked.query_string, headers)
        sent = signed(request, self._credentials, region, payload_hash, self.clock.now_ms())
        target = asked.path + (f"?{asked.query_string}" if asked.query_string else "")
        async with connections.asked(asked.method, target, sent, body) as answer:
            if answer.status >= 300:
                raise await _refused(asked.method, answer)
            yield answer

    def _connections_to(self, region: str) -> Connections:
        endpoint = regional(self.endpoint, region)
        found = self._connections.get(endpoint.authority)
        if found is None:
            found = Connections(endpoint, ca_file=self._ca_file, stall_s=self._stall_s)
            self._connections[endpoint.authority] = found
        return found


def regional(endpoint: Endpoint, region: str) -> Endpoint:
    """Where a region is served: on AWS at an address of its own."""
    if not _is_aws(endpoint.host):
        return endpoint
    host = f"s3.{region}.amazonaws.com"
    return endpoint._replace(host=host, authority=endpoint.authority.replace(endpoint.host, host))


async def _refused(method: str, answer: Answered) -> Refused:
    """What a refusal says; the answers to HEAD say it by their status alone."""
    body = b"" if method == "HEAD" else await answer.whole(MOST_ERROR_BYTES)
    said = asking.refusal(body)
    code = said.code or _CODES.get(answer.status, "")
    region = answer.headers.get(BUCKET_REGION)
    details = {**said.details, **({"Region": region} if region else {})}
    return Refused(answer.status, code, said.message, details)


def _right_region(refused: Refused) -> str:
    """The region that a refusal points to, if that is why."""
    if refused.status in _ELSEWHERE_STATUSES:
        return str(refused.details.get("Region", ""))
    return ""
