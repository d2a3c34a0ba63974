"""The whole pipeline over a real store, without a socket: requests in, responses out."""

import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

import xmltodict

from ferrox.auth.verify import Verifier
from ferrox.clock import SettableClock
from ferrox.iam.authorizer import Authorizer
from ferrox.identity import AccessKeyRecord, Account, Principal
from ferrox.operations.access import BucketDefaults, StoredAccess
from ferrox.operations.call import Services
from ferrox.pipeline.s3 import Pipeline
from ferrox.protocol.message import Request
from ferrox.storage.store import Store
from tests import signing
from tests.keys import finding

ROOT = Principal("123456789012", "c" * 64, "root", "arn:aws:iam::123456789012:root", "AKIAROOT")
OTHER = Principal("210987654321", "d" * 64, "other", "arn:aws:iam::210987654321:root", "AKIAOTHER")
OTHER_ACCESS_KEY = "AKIAOTHEREXAMPLE"
KEYS = {
    signing.ACCESS_KEY: AccessKeyRecord(signing.ACCESS_KEY, signing.SECRET_KEY, ROOT),
    OTHER_ACCESS_KEY: AccessKeyRecord(OTHER_ACCESS_KEY, signing.SECRET_KEY, OTHER),
}

ACCOUNTS = {
    principal.canonical_id: Account(
        principal.account_id, principal.canonical_id, principal.display_name
    )
    for principal in (ROOT, OTHER)
}


@dataclass
class Answer:
    """A response, read to its end."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        """The XML body as nested dictionaries, below its root."""
        (root,) = xmltodict.parse(self.body).values()
        return root or {}

    @property
    def code(self) -> str:
        """The error code."""
        return str(self.document["Code"])


class InProcess:
    """A server to which requests are handed as values."""

    def __init__(
        self,
        store: Store,
        clock: SettableClock,
        region: str = signing.REGION,
        bucket_defaults: BucketDefaults = BucketDefaults(),  # noqa: B008 - a tuple, never changed
    ) -> None:
        self.store = store
        self.clock = clock
        self.region = region
        self.keys = dict(KEYS)
        verifier = Verifier(finding(self.keys), clock, region, "presigned")
        services = Services(
            store,
            Authorizer(StoredAccess(store, clock, region)),
            clock,
            region,
            ACCOUNTS.get,
            bucket_defaults,
            verify_form=verifier.verify_form,
        )
        self.services = services
        self.pipeline = Pipeline(services, verifier, ())
        self.bytes_asked_for = 0
        self.request: Request | None = None

    async def ask(
        self,
        method: str,
        path: str,
        query: dict[str, str] | None = None,
        *,
        headers: dict[str, str] | None = None,
        body: bytes | Sequence[bytes] = b"",
        content_sha256: str | None = None,
        is_signed: bool = True,
        is_length_announced: bool = True,
        access_key: str = signing.ACCESS_KEY,
    ) -> Answer:
        """Sign a request, answer it, and read the answer. `path` is not escaped yet."""
        pieces = [body] if isinstance(body, bytes) else list(body)
        whole = b"".join(pieces)
        raw_path = signing.quoted_path(path)
        raw_query = signing.query_string(query or {})
        sent = {"host": "127.0.0.1:9000", **(headers or {})}
        if method in ("PUT", "POST") and is_length_announced:
            sent.setdefault("content-length", str(len(whole)))
        if is_signed:
            sha256 = content_sha256 or hashlib.sha256(whole).hexdigest()
            sent = signing.sign(
                method, raw_path, raw_query, sent, sha256, self.clock.now_ms(),
                access_key=access_key, region=self.region,
            )  # fmt: skip
        return await self.send(method, raw_path, raw_query, sent, *pieces)

    async def send(
        self, method: str, path: str, query: str, headers: dict[str, str], *pieces: bytes
    ) -> Answer:
        """Answer a request as it is, and read the answer."""
        request = self.request = Request(method, path, query, headers, body=self._body(pieces))
        response = await self.pipeline.answer(request)
        received = response.body
        if not isinstance(received, bytes):
            received = b"".join([block async for block in received])
        return Answer(response.status, response.headers, received)

    @property
    def refused_action(self) -> str:
        """What the last request was not allowed to do, which its caller may not be told."""
        decision = self.request.decision if self.request else None
        assert decision is not None
        return decision.action

    async def _body(self, pieces: Sequence[bytes]) -> AsyncIterator[bytes]:
        for piece in pieces:
            self.bytes_asked_for += len(piece)
            yield piece

    # What tests do all the time
    async def make_bucket(self, name: str = "bucket") -> None:
        """Create a bucket and see it succeed."""
        answer = await self.ask("PUT", f"/{name}")
        assert answer.status == 200, answer.body

    async def put(
        self, key: str, body: bytes = b"data", bucket: str = "bucket", **more: Any
    ) -> Answer:
        """Put an object and see it succeed."""
        answer = await self.ask("PUT", f"/{bucket}/{key}", body=body, **more)
        assert answer.status == 200, answer.body
        return answer

    async def get(self, key: str, bucket: str = "bucket", **more: Any) -> Answer:
        """Get an object, whatever comes of it."""
        return await self.ask("GET", f"/{bucket}/{key}", **more)
