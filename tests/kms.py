"""Requests to KMS for tests: a JSON document, signed, handed to the pipeline, its answer read."""

import hashlib
import json
from typing import Any, NamedTuple

from tests import signing
from tests.in_process import Answer, InProcess


class Told(NamedTuple):
    """An answer of KMS."""

    status: int
    document: dict[str, Any]


class Kms:
    """Who asks KMS of a server in this process."""

    def __init__(self, server: InProcess, access_key: str = signing.ACCESS_KEY) -> None:
        self.server = server
        self.access_key = access_key

    async def ask(self, operation: str, /, **members: Any) -> Told:
        """Answer one operation, whatever comes of it; the members are those on the wire."""
        answer = await self.send(operation, json.dumps(members).encode())
        return Told(answer.status, json.loads(answer.body or b"{}"))

    async def give(self, operation: str, /, **members: Any) -> dict[str, Any]:
        """The answer of an operation that has to succeed."""
        told = await self.ask(operation, **members)
        assert told.status == 200, told
        return told.document

    async def refused(self, operation: str, /, **members: Any) -> tuple[str, str]:
        """Code and message of an operation that has to fail with status 400."""
        told = await self.ask(operation, **members)
        assert told.status == 400, told
        return told.document["__type"], told.document["message"]

    async def send(self, operation: str, body: bytes, *, service: str = "kms") -> Answer:
        """Sign and send a body as it is."""
        headers = {
            "host": "127.0.0.1:9000",
            "content-type": "application/x-amz-json-1.1",
            "content-length": str(len(body)),
            "x-amz-target": f"TrentService.{operation}",
        }
        sent = signing.sign(
            "POST", "/", "", headers, hashlib.sha256(body).hexdigest(),
            self.server.clock.now_ms(), access_key=self.access_key,
            region=self.server.region, service=service,
        )  # fmt: skip
        return await self.server.send("POST", "/", "", sent, body)
