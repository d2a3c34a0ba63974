"""Requests to IAM and STS for tests: a form, signed, handed to the pipeline, its answer read."""

import hashlib
from typing import Any
from urllib.parse import urlencode

from ferrox.protocol.shape import Shape
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
        security_token: str = "",
    ) -> None:
        self.server = server
        self.access_key = access_key
        self.secret_key = secret_key
        self.more = {"x-amz-security-token": security_token} if security_token else {}

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
            **self.more,
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


def sample(shape: type[Shape], prefix: str = "") -> dict[str, str]:
    """Some value for everything that an input must have, as it is on the wire."""
    parameters: dict[str, str] = {}
    for field in shape.plan.fields.values():
        name = f"{prefix}{field.wire}" + (".member.1" if field.is_list else "")
        if field.is_required and issubclass(field.type, Shape):
            parameters |= sample(field.type, f"{name}.")
        elif field.is_required:
            parameters[name] = _SAMPLES.get(field.wire) or "a1".ljust(field.limit.least or 0, "x")
    return parameters


_SAMPLES = {
    "Status": "Active",
    "VersionId": "v1",
    "PolicyArn": "arn:aws:iam::123456789012:policy/p",
}


def items(value: Any) -> list[Any]:
    """The members of a list, which the reader of XML does not know to be one."""
    members = (value or {}).get("member", [])
    return members if isinstance(members, list) else [members]
