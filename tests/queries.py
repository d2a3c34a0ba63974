"""Requests to IAM and STS for tests: a form, signed, handed to the pipeline, its answer read."""

import hashlib
from typing import Any
from urllib.parse import urlencode

from ferrox.storage.identities.names import Record
from ferrox.storage.identities.transaction import Tx
from tests import signing
from tests.in_process import Answer, InProcess

VERSIONS = {"iam": "2010-05-08", "sts": "2011-06-15"}


class Queries:
    """Who asks IAM and STS of a server in this process."""

    def __init__(
        self,
        server: InProcess,
        access_key: str = signing.ACCESS_KEY,
        secret_key: str = signing.SECRET_KEY,
    ) -> None:
        self.server = server
        self.access_key = access_key
        self.secret_key = secret_key

    async def ask(self, service: str, action: str, /, **parameters: str) -> Answer:
        """Answer one action, whatever comes of it; the parameters are those on the wire."""
        form = {"Action": action, "Version": VERSIONS[service], **parameters}
        return await self.send(urlencode(form).encode(), service)

    async def send(self, body: bytes, service: str, region: str = signing.REGION) -> Answer:
        """Sign and send a body as it is."""
        headers = {
            "host": "127.0.0.1:9000",
            "content-type": "application/x-www-form-urlencoded; charset=utf-8",
            "content-length": str(len(body)),
        }
        sent = signing.sign(
            "POST", "/", "", headers, hashlib.sha256(body).hexdigest(),
            self.server.clock.now_ms(), access_key=self.access_key, secret_key=self.secret_key,
            region=region, service=service,
        )  # fmt: skip
        return await self.server.send("POST", "/", "", sent, body)

    async def iam(self, action: str, /, **parameters: str) -> Any:
        """The result of an action of IAM that has to succeed."""
        answer = await self.ask("iam", action, **parameters)
        assert answer.status == 200, answer.body
        return answer.document.get(f"{action}Result")

    async def refused(self, action: str, /, **parameters: str) -> tuple[int, str, str]:
        """Status, code and message of an action of IAM that has to fail."""
        answer = await self.ask("iam", action, **parameters)
        assert answer.status >= 400, answer.body
        error = answer.document["Error"]
        return answer.status, error["Code"], error["Message"]

    async def keep(self, *records: Record) -> None:
        """Write records as they are."""

        def put(tx: Tx) -> None:
            for record in records:
                tx.put(record)

        await self.server.store.identities.change(put)


def items(value: Any) -> list[Any]:
    """The members of a list, which the reader of XML does not know to be one."""
    members = (value or {}).get("member", [])
    return members if isinstance(members, list) else [members]
