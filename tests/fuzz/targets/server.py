"""S3 behind its sockets: whatever it is asked, in whatever order, is no fault of the server.

An input is a list of requests with `----` between them; $upload and $version stand for what the
last answer that named one called it. Who asks needs no signature here: the Authorization header
says root or other, and without it nobody has signed. What the requests leave behind, those of later
inputs meet, until there is a new server.
"""

import base64
import hashlib
import re
from collections.abc import AsyncIterator
from typing import Any
from xml.parsers import expat

from ferrox.auth import payload
from ferrox.auth.verify import Verified, Verifier
from ferrox.errors import InvalidAccessKeyId
from ferrox.identity import ANONYMOUS
from ferrox.protocol.message import Request, Response
from ferrox.protocol.operation import Operation
from ferrox.protocol.operations import OPERATIONS
from tests.fuzz.requests import body_of, request_of
from tests.fuzz.serving import Failures, Running, Server
from tests.fuzz.target import Target
from tests.fuzz.xml_documents import DOCUMENTS
from tests.in_process import OTHER, ROOT
from tests.keys import finding

_RIGHT = "right"
"""Stands in inputs for the MD5 of the body, which no fuzzer finds."""

_NOT_HERE = {501, 503, 507}
"""What a server may say besides what is wrong with a request: not known, not now, no room."""

_RUNNING = Running()
_FAILURES = Failures()


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


def check(data: bytes) -> None:
    """Have each request answered, by what can be read and is no fault of the server."""
    server = _RUNNING.server()
    if not server.names:
        server.names |= {b"$upload": b"none", b"$version": b"null"}
        region = server.process.region
        server.process.pipeline._verifier = _Believer(finding({}), server.clock, region, "all")
    for one in data.split(b"\n----\n")[:10]:
        response = server.run(_answered(server, server.named(one)))
        _FAILURES.check()
        assert response.status < 500 or response.status in _NOT_HERE, response.body
        assert isinstance(response.body, bytes)
        if response.headers.get("content-type") == "application/xml" and response.body:
            expat.ParserCreate().Parse(response.body.replace(b"&#x", b"x"), True)
        for name, value in response.headers.items():
            assert not {"\r", "\n", "\0"} & set(name + value), name
        _learn(server, response)


async def _answered(server: Server, data: bytes) -> Response:
    """Answer one request; the body of the answer is read."""
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
    response = await server.process.pipeline.answer(request)
    if not isinstance(response.body, bytes):
        response.body = b"".join([block async for block in response.body])
    server.clock.advance(1)
    return response


def _learn(server: Server, response: Response) -> None:
    """Remember what the server has called something."""
    assert isinstance(response.body, bytes)
    upload = re.search(rb"<UploadId>([^<]*)</UploadId>", response.body)
    if upload:
        server.names[b"$upload"] = upload[1]
    if version := response.headers.get("x-amz-version-id"):
        server.names[b"$version"] = version.encode()


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
