"""Refusals through the whole pipeline: what is remembered of them, and who is told."""

import hashlib
import json
from functools import partial
from typing import Any

import pytest

from ferrox.identity import AccessKeyRecord, PrincipalKind, UserRecord
from ferrox.storage.identities.transaction import Tx
from tests import signing
from tests.auth import oracle
from tests.in_process import ACCOUNTS, OTHER, OTHER_ACCESS_KEY, ROOT, Answer, InProcess
from tests.sessions import ACCOUNT, OTHER_ACCOUNT, World, allowing, trusting

EXPLAIN = {"x-ferrox-explain": "1"}
NO_READING = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "NoReading", "Effect": "Deny", "Principal": "*", "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::bucket/*",
        }
    ],
}  # fmt: skip
USER_KEY = "AKIAUSEREXAMPLE"


@pytest.fixture
async def bucket(s3: InProcess) -> InProcess:
    """A bucket whose policy lets nobody read, not even its owner."""
    await s3.make_bucket()
    await s3.put("k")
    await s3.ask("PUT", "/bucket", {"policy": ""}, body=json.dumps(NO_READING).encode())
    return s3


async def remembered(s3: InProcess, answer: Answer) -> dict[str, Any]:
    document = await s3.services.ledger.refusals.find(answer.headers["x-amz-request-id"])
    assert document is not None
    return document


async def test_a_refusal_is_remembered_with_the_statement_that_caused_it(bucket: InProcess) -> None:
    answer = await bucket.get("k")

    document = await remembered(bucket, answer)
    assert (403, "AccessDenied", "GetObject", "bucket", "k", ROOT.arn) == (
        document["status"], document["code"], document["operation"], document["bucket"],
        document["key"], document["principal"],
    )  # fmt: skip
    assert ("explicitDeny", "NoReading", "s3:GetObject", "arn:aws:s3:::bucket/k") == tuple(
        document["decision"][name] for name in ("verdict", "statement", "action", "resource")
    )


async def test_a_wrong_signature_is_remembered_with_the_canonical_request(s3: InProcess) -> None:
    headers = signing.sign("GET", "/", "", {"host": "a"}, "UNSIGNED-PAYLOAD", s3.clock.now_ms())

    answer = await s3.ask("GET", "/", headers=headers | {"host": "b"}, is_signed=False)

    document = await remembered(s3, answer)
    assert "SignatureDoesNotMatch" == answer.code == document["code"]
    assert signing.ACCESS_KEY == document["access_key_id"]
    assert document["canonical_request"].startswith("GET\n/\n\nhost:b\n")
    assert document["string_to_sign"].startswith("AWS4-HMAC-SHA256\n")


async def test_an_unknown_key_and_a_wrong_clock_are_remembered(s3: InProcess) -> None:
    unknown = await s3.ask("GET", "/", access_key="AKIANOBODY")
    now_ms = s3.clock.now_ms()
    headers = signing.sign("GET", "/", "", {"host": "a"}, "UNSIGNED-PAYLOAD", now_ms - 10**7)
    late = await s3.ask("GET", "/", headers=headers, is_signed=False)

    first, second = await remembered(s3, unknown), await remembered(s3, late)
    assert ("InvalidAccessKeyId", "AKIANOBODY") == (first["code"], first["access_key_id"])
    assert "RequestTimeTooSkewed" == second["code"]
    assert {"RequestTime", "ServerTime", "MaxAllowedSkewMilliseconds"} == set(second["details"])


async def test_the_reason_is_told_to_whoever_may_know_and_asks(bucket: InProcess) -> None:
    plain = await bucket.get("k")
    explained = await bucket.get("k", headers=EXPLAIN)

    assert "Explanation" not in plain.document
    told = explained.document["Explanation"]
    assert ("explicitDeny", "NoReading", "s3:GetObject", ROOT.arn) == (
        told["Verdict"], told["Statement"], told["Action"], told["Principal"],
    )  # fmt: skip


@pytest.mark.parametrize("value", ["0", "", "true"])
async def test_the_header_says_1_or_nothing(bucket: InProcess, value: str) -> None:
    answer = await bucket.get("k", headers={"x-ferrox-explain": value})

    assert "Explanation" not in answer.document


async def test_nobody_is_told_of_the_policies_of_somebody_elses_bucket(bucket: InProcess) -> None:
    answer = await bucket.get("k", headers=EXPLAIN, access_key=OTHER_ACCESS_KEY)

    assert ("AccessDenied", False) == (answer.code, "Explanation" in answer.document)


async def test_nobody_is_told_of_the_policy_of_somebody_elses_source_of_a_copy(
    bucket: InProcess,
) -> None:
    await bucket.ask("PUT", "/others", access_key=OTHER_ACCESS_KEY)
    source = {"x-amz-copy-source": "/bucket/k"}

    answer = await bucket.ask(
        "PUT", "/others/k", headers=EXPLAIN | source, access_key=OTHER_ACCESS_KEY
    )

    assert ("AccessDenied", False) == (answer.code, "Explanation" in answer.document)
    assert "NoReading" == (await remembered(bucket, answer))["decision"]["statement"]


@pytest.mark.parametrize(
    ("account_id", "role", "is_told"),
    [
        (ACCOUNT, "reader", True),
        (OTHER_ACCOUNT, "reader", False),
        (OTHER_ACCOUNT, "nobody", False),
    ],
)
async def test_nobody_is_told_of_the_roles_of_others_nor_whether_there_are_any(
    s3: InProcess, account_id: str, role: str, is_told: bool
) -> None:
    world = await World.open(s3)
    await world.role("reader", trusting("*", Sid="NotNow", Effect="Deny"))
    may = allowing("sts:AssumeRole", "ferrox:Explain")
    caller = await world.user("ada", may, account_id=account_id)
    caller.more |= EXPLAIN
    arn = f"arn:aws:iam::{ACCOUNT}:role/{role}"

    answer = await caller.ask("sts", "AssumeRole", RoleArn=arn, RoleSessionName="me")

    error = answer.document["Error"]
    assert ("AccessDenied", is_told) == (error["Code"], "Explanation" in error)


async def test_the_operator_is_told_of_every_bucket(bucket: InProcess) -> None:
    bucket.services.is_operator = lambda principal: principal == OTHER

    answer = await bucket.get("k", headers=EXPLAIN, access_key=OTHER_ACCESS_KEY)

    assert "Explanation" in answer.document


async def test_whoever_is_not_verified_is_never_told(bucket: InProcess) -> None:
    bucket.services.is_operator = lambda _principal: True
    now_ms = bucket.clock.now_ms()
    headers = signing.sign(
        "GET", "/bucket/k", "", {"host": "a"}, "UNSIGNED-PAYLOAD", now_ms, secret_key="another"
    )

    anonymous = await bucket.get("k", headers=EXPLAIN, is_signed=False)
    forged = await bucket.get("k", headers=headers | EXPLAIN, is_signed=False)

    assert ["AccessDenied", "SignatureDoesNotMatch"] == [anonymous.code, forged.code]
    assert b"Explanation" not in anonymous.body + forged.body


async def test_whoever_comes_with_a_presigned_url_is_not_told(bucket: InProcess) -> None:
    bucket.clock.advance((oracle.AT_MS - bucket.clock.now_ms()) / 1000)
    url = oracle.presigned("GET", "/bucket/k")

    answer = await bucket.send("GET", url.path, url.query_string, url.headers | EXPLAIN)

    assert ("AccessDenied", False) == (answer.code, "Explanation" in answer.document)
    assert "NoReading" == (await remembered(bucket, answer))["decision"]["statement"]


async def test_a_head_request_is_told_nothing(bucket: InProcess) -> None:
    answer = await bucket.ask("HEAD", "/bucket/k", headers=EXPLAIN)

    assert (403, b"") == (answer.status, answer.body)


@pytest.mark.parametrize(
    ("actions", "is_told"),
    [(["ferrox:Explain"], True), (["ferrox:*"], True), (["s3:GetBucketTagging"], False)],
)
async def test_a_user_is_told_that_an_identity_policy_allows_to_be(
    bucket: InProcess, actions: list[str], is_told: bool
) -> None:
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    account = ACCOUNTS[ROOT.canonical_id]
    user = UserRecord(ROOT.account_id, "jo", "AIDAJO", 0, inline={"own": policy})
    for record in (account, user):
        await bucket.store.identities.change(partial(Tx.put, record=record))
    principal = ROOT._replace(
        arn=user.arn, kind=PrincipalKind.USER, user_id=user.user_id, user_name=user.name
    )
    bucket.keys[USER_KEY] = AccessKeyRecord(USER_KEY, signing.SECRET_KEY, principal)

    answer = await bucket.ask("PUT", "/bucket/new", headers=EXPLAIN, access_key=USER_KEY)

    assert "AccessDenied" == answer.code
    assert is_told is ("Explanation" in answer.document)
    document = await remembered(bucket, answer)
    assert "s3:PutObject" == document["decision"]["action"], "not that of being told"


async def test_the_query_apis_explain_their_refusals_too(s3: InProcess) -> None:
    body = b"Action=Nothing&Version=2011-06-15"
    headers = signing.sign(
        "POST", "/", "", {"host": "a", "content-length": str(len(body))},
        hashlib.sha256(body).hexdigest(), s3.clock.now_ms(), service="sts",
    )  # fmt: skip

    answer = await s3.send("POST", "/", "", headers | EXPLAIN, body)

    document = await s3.services.ledger.refusals.find(answer.headers["x-amzn-requestid"])
    assert document is not None
    assert ("InvalidAction", ROOT.arn) == (document["code"], document["principal"])
    assert {"Reason": document["reason"]} == answer.document["Error"]["Explanation"]
