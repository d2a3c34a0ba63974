"""Accounts with users, roles and temporary credentials, over the whole pipeline in one process."""

import hashlib
import json
from typing import Any

from ferrox.auth.session_token import SessionTokens
from ferrox.auth.verify import Verifier
from ferrox.identity import Account, KeyRecord, ProviderRecord, RoleRecord, UserRecord
from ferrox.pipeline.credentials import Credentials
from ferrox.pipeline.s3 import Pipeline
from ferrox.storage.identities.names import Record
from ferrox.storage.identities.root import RootCredentials
from ferrox.storage.identities.transaction import Tx
from tests import signing
from tests.in_process import OTHER, ROOT, Answer, InProcess
from tests.queries import Queries

ACCOUNT = ROOT.account_id
OTHER_ACCOUNT = OTHER.account_id


def policy(*statements: dict[str, Any]) -> str:
    """The text of a policy; statements allow unless they say otherwise."""
    whole = [{"Effect": "Allow", **statement} for statement in statements]
    return json.dumps({"Version": "2012-10-17", "Statement": whole})


def allowing(*actions: str, resource: str = "*") -> str:
    """The text of a policy of an identity."""
    return policy({"Action": list(actions), "Resource": resource})


def trusting(principal: Any, *actions: str, **more: Any) -> str:
    """The text of a trust policy."""
    return policy({"Principal": principal, "Action": list(actions) or "sts:AssumeRole", **more})


class Caller(Queries):
    """Somebody with credentials, who asks IAM, STS and S3."""

    async def s3(self, method: str, path: str, body: bytes = b"") -> Answer:
        """Sign a request, answer it, and read the answer."""
        raw_path = signing.quoted_path(path)
        headers = {"host": "127.0.0.1:9000", "content-length": str(len(body)), **self.more}
        sent = signing.sign(
            method, raw_path, "", headers, hashlib.sha256(body).hexdigest(),
            self.server.clock.now_ms(), access_key=self.access_key, secret_key=self.secret_key,
        )  # fmt: skip
        return await self.server.send(method, raw_path, "", sent, body)

    async def sts(self, action: str, /, **parameters: str) -> Any:
        """The result of an action of STS that has to succeed."""
        answer = await self.ask("sts", action, **parameters)
        assert answer.status == 200, answer.body
        return answer.document[f"{action}Result"]

    async def denied(self, action: str, /, **parameters: str) -> tuple[int, str, str]:
        """Status, code and message of an action of STS that has to fail."""
        answer = await self.ask("sts", action, **parameters)
        assert answer.status >= 400, answer.body
        error = answer.document["Error"]
        return answer.status, error["Code"], error["Message"]

    def within(self, result: Any) -> "Caller":
        """Whoever has the temporary credentials of a result."""
        got = result["Credentials"]
        return Caller(self.server, got["AccessKeyId"], got["SecretAccessKey"], got["SessionToken"])

    async def take(self, role: str, name: str = "me", **parameters: str) -> "Caller":
        """Whoever has the session of a role of the first account."""
        arn = f"arn:aws:iam::{ACCOUNT}:role/{role}"
        parameters = {"RoleArn": arn, "RoleSessionName": name, **parameters}
        return self.within(await self.sts("AssumeRole", **parameters))


class World:
    """A server whose identities are in its store: two accounts, and who is put into them."""

    def __init__(self, server: InProcess) -> None:
        self.server = server
        self.identities = server.store.identities
        tokens = SessionTokens(self.identities.session_seal, server.clock, self.identities.seen)
        self.credentials = Credentials(
            self.identities,
            server.clock,
            RootCredentials(signing.ACCESS_KEY, signing.SECRET_KEY),
            ACCOUNT,
            tokens.open,
        )
        verifier = Verifier(self.credentials.find_key, server.clock, server.region)
        server.pipeline = Pipeline(server.services, verifier, ())
        self.root = Caller(server)

    @classmethod
    async def open(cls, server: InProcess) -> "World":
        """The world over a server."""
        accounts = (
            Account(one.account_id, one.canonical_id, one.display_name) for one in (ROOT, OTHER)
        )
        world = cls(server)
        await world.keep(*accounts)
        return world

    async def keep(self, *records: Record) -> None:
        """Write records as they are."""

        def put(tx: Tx) -> None:
            for record in records:
                tx.put(record)

        await self.identities.change(put)

    async def drop(self, record: Record) -> None:
        """Remove a record."""
        await self.identities.change(lambda tx: tx.delete(record))

    async def user(self, name: str, *policies: str, account_id: str = ACCOUNT) -> Caller:
        """A user with an access key and these policies."""
        inline = {str(number): text for number, text in enumerate(policies)}
        now_ms = self.server.clock.now_ms()
        await self.keep(UserRecord(account_id, name, f"AIDA{name}", now_ms, inline=inline))
        return await self.key_of(name, account_id)

    async def key_of(self, name: str, account_id: str = ACCOUNT) -> Caller:
        """An access key of a user, or of the root of an account."""
        key_id, secret = f"FRX{account_id}{name}", f"secret of {name}"
        sealed = self.identities.seal_secret(key_id, secret)
        await self.keep(KeyRecord(key_id, account_id, name, sealed, self.server.clock.now_ms()))
        return Caller(self.server, key_id, secret)

    async def role(self, name: str, trust: str, *policies: str, **more: Any) -> RoleRecord:
        """A role of the first account."""
        inline = {str(number): text for number, text in enumerate(policies)}
        now_ms = self.server.clock.now_ms()
        role = RoleRecord(ACCOUNT, name, f"AROA{name}", now_ms, trust, inline=inline, **more)
        await self.keep(role)
        return role

    async def provider(self, url: str, *client_ids: str) -> ProviderRecord:
        """An identity provider that the first account knows."""
        provider = ProviderRecord(ACCOUNT, url, self.server.clock.now_ms(), client_ids)
        await self.keep(provider)
        return provider
