"""A whole server, without its sockets: whatever it is asked, in whatever order, is no fault of its.

An input is a list of requests with `----` between them; $upload and $version stand for what the
last answer that named one called it. Who asks needs no signature here: the Authorization header
says root or other, and without it nobody has signed. What the requests leave behind, those of later
inputs meet, until there is a new server.
"""

import asyncio
import base64
import hashlib
import logging
import re
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from xml.parsers import expat

from ferrox.auth import payload
from ferrox.auth.verify import Verified, Verifier
from ferrox.clock import SettableClock
from ferrox.errors import InvalidAccessKeyId
from ferrox.identity import ANONYMOUS
from ferrox.protocol.message import Request, Response
from ferrox.protocol.operation import Operation
from ferrox.protocol.operations import OPERATIONS
from ferrox.storage.store import Store
from tests.fuzz.requests import body_of, request_of
from tests.fuzz.target import Target
from tests.fuzz.xml_documents import DOCUMENTS
from tests.in_process import OTHER, ROOT, InProcess
from tests.key_rings import give_keys
from tests.keys import finding

_NOW_MS = 1_369_353_600_000
_INPUTS_OF_A_SERVER = 500
_MEMORY = Path("/dev/shm")
_RIGHT = "right"
"""Stands in inputs for the MD5 of the body, which no fuzzer finds."""

_NOT_HERE = {501, 503, 507}
"""What a server may say besides what is wrong with a request: not known, not now, no room."""


class _Believer(Verifier):
    """Believes who somebody says to be."""

    def verify(self, request: Request) -> Verified:
        """Take the Authorization header for a name."""
        name = request.headers.get("authorization", "")
        if name not in {"", "root", "other"}:
            raise InvalidAccessKeyId(AWSAccessKeyId=name)
        who = {"root": ROOT, "other": OTHER}.get(name, ANONYMOUS)
        sent = request.headers.get(payload.CONTENT_SHA256)
        if sent is not None:
            payload.check(sent)
        return Verified(who, *payload.plan(request.headers, sent))


class _Failures(logging.Handler):
    """What the server itself takes for its fault."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Note it, with where it came from."""
        self.found.append(logging.Formatter().format(record))


class _Server:
    """A store in memory, where there is such a folder, and the pipeline over it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.folder = Path(tempfile.mkdtemp(dir=_MEMORY if _MEMORY.is_dir() else None))
        self.inputs_left = _INPUTS_OF_A_SERVER
        self._named = {b"$upload": b"none", b"$version": b"null"}
        self._loop = loop
        self._clock = SettableClock(_NOW_MS)
        self._store = loop.run_until_complete(Store.open(self.folder / "data", clock=self._clock))
        self._server = InProcess(self._store, self._clock)
        give_keys(self._server)
        believer = _Believer(finding({}), self._clock, self._server.region, "all")
        self._server.pipeline._verifier = believer

    def answer(self, data: bytes) -> Response:
        """Answer one request; the body of the answer is read."""
        for word, name in self._named.items():
            data = data.replace(word, name)
        response = self._loop.run_until_complete(self._answer(data))
        assert isinstance(response.body, bytes)
        upload = re.search(rb"<UploadId>([^<]*)</UploadId>", response.body)
        if upload:
            self._named[b"$upload"] = upload[1]
        if version := response.headers.get("x-amz-version-id"):
            self._named[b"$version"] = version.encode()
        return response

    async def _answer(self, data: bytes) -> Response:
        request, body = request_of(data), body_of(data)

        async def pieces() -> AsyncIterator[bytes]:
            yield body

        request.body = pieces()
        request.headers.setdefault("host", "localhost")
        if request.method in {"PUT", "POST"}:
            request.headers["content-length"] = str(len(body))
        if request.headers.get("content-md5") == _RIGHT:
            md5 = hashlib.md5(body, usedforsecurity=False).digest()
            request.headers["content-md5"] = base64.b64encode(md5).decode()
        response = await self._server.pipeline.answer(request)
        if not isinstance(response.body, bytes):
            response.body = b"".join([block async for block in response.body])
        self._clock.advance(1)
        return response

    def close(self) -> None:
        """Leave nothing behind."""
        self._loop.run_until_complete(self._store.close())
        shutil.rmtree(self.folder)


class _Running:
    """The server that is running, made when it is first wanted."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._server: _Server | None = None
        self.failures = _Failures()
        for name in ("ferrox", "ferrox.requests"):
            logging.getLogger(name).addHandler(self.failures)

    def server(self) -> _Server:
        """One that is not too old."""
        if self._server is not None and not self._server.inputs_left:
            self._server.close()
            self._server = None
        if self._server is None:
            self._server = _Server(self._loop)
        self._server.inputs_left -= 1
        return self._server


_RUNNING = _Running()


def check(data: bytes) -> None:
    """Have each request answered, by what can be read and is no fault of the server."""
    server = _RUNNING.server()
    for one in data.split(b"\n----\n")[:10]:
        response = server.answer(one)
        failures, _RUNNING.failures.found = _RUNNING.failures.found, []
        assert not failures, failures[0]
        assert response.status < 500 or response.status in _NOT_HERE, response.body
        assert isinstance(response.body, bytes)
        if response.headers.get("content-type") == "application/xml" and response.body:
            expat.ParserCreate().Parse(response.body.replace(b"&#x", b"x"), True)
        for name, value in response.headers.items():
            assert not {"\r", "\n", "\0"} & set(name + value), name


_PATHS = {"service": "/", "bucket": "/bucket", "object": "/bucket/a/key"}
_BEFORE = b"\n----\n".join(
    (
        b"PUT /bucket\nauthorization:root\nx-amz-bucket-object-lock-enabled:true",
        b"PUT /bucket/a/key\nauthorization:root\nx-amz-meta-a:b\nx-amz-tagging:a=b\n\ncontent",
        b"POST /bucket/a/key?uploads\nauthorization:root",
    )
)


_VALUES = {"id": "id", "uploadId": "$upload", "versionId": "$version"}


def _seed(operation: Operation[Any, Any]) -> bytes:
    """A bucket, an object and an upload, and then what is to be done with them."""
    query = "&".join(
        [f"{tag}={value}" if value else tag for tag, value in operation.tags.items()]
        + [f"{name}={_VALUES.get(name, '1')}" for name in sorted(operation.query)]
    )
    line = f"{operation.method} {_PATHS.get(operation.level, '/')}{'?' if query else ''}{query}"
    headers = ["authorization:root", f"content-md5:{_RIGHT}"]
    if operation.header:
        headers.append(f"{operation.header}:/bucket/a/key")
    body = DOCUMENTS.get(operation.name, "")
    return _BEFORE + b"\n----\n" + "\n".join([line, *headers, "", body]).encode()


TARGET = Target(
    check,
    seeds=(
        *(_seed(operation) for operation in OPERATIONS),
        b"POST /bucket\nauthorization:root\ncontent-type:multipart/form-data; boundary=b\n\n--b\r\n"
        b'Content-Disposition: form-data; name="key"\r\n\r\nk\r\n--b\r\n'
        b'Content-Disposition: form-data; name="file"; filename="f"\r\n\r\ndata\r\n--b--\r\n',
        b"PUT /bucket?policy\nauthorization:root\n\n"
        b'{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::bucket"}}'
        b"\n----\nGET /bucket/a/key\n----\nGET /bucket?policyStatus\nauthorization:other",
        b"OPTIONS /bucket/a/key\norigin:http://a.example.com\naccess-control-request-method:PUT",
    ),
    words=(
        *(
            b"\n----\n",
            b"\nauthorization:root",
            b"\nauthorization:other",
            b"content-md5:right",
            b"?",
        ),
        *(
            b"&versionId=$version",
            b"null",
            b"&partNumber=1",
            b"&uploadId=$upload",
            b"range:bytes=0-1",
            b"%00",
            b"+",
        ),
        *(b"x-amz-copy-source:/bucket/a/key", b"x-amz-server-side-encryption:aws:kms", b"prefix="),
        *(
            b"if-match:*",
            b"if-none-match:*",
            b"x-amz-acl:public-read",
            b"delimiter=",
            b"max-keys=0",
        ),
        *(
            b"x-amz-object-lock-mode:GOVERNANCE",
            b"x-amz-bypass-governance-retention:true",
            b"marker=",
        ),
        *(
            b"x-amz-checksum-algorithm:SHA256",
            b"x-amz-website-redirect-location:",
            b"origin:http://a",
        ),
        *(
            b"x-amz-content-sha256:STREAMING-UNSIGNED-PAYLOAD-TRAILER",
            b"x-amz-decoded-content-length:",
        ),
        *(f"&{tag}".encode() for one in OPERATIONS for tag in one.tags),
    ),
    max_bytes=8192,
)
