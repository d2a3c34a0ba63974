"""Requests to IAM and STS on the port of S3, from the socket's side of the pipeline."""

import json
from typing import Any

import pytest

from ferrox.identity import AccessKeyRecord, Account, UserRecord
from ferrox.operations.iam.handlers import HANDLERS
from ferrox.pipeline.credentials import principal_of_user
from ferrox.protocol.iam.operations import OPERATIONS as IAM_OPERATIONS
from ferrox.protocol.query import form
from ferrox.protocol.query.operation import AnyQueryOperation
from tests import signing
from tests.in_process import ROOT, InProcess
from tests.queries import Queries, sample

FORM = {"content-type": "application/x-www-form-urlencoded"}
WHO = b"Action=GetCallerIdentity&Version=2011-06-15"


async def test_the_caller_learns_who_it_is(s3: InProcess) -> None:
    answer = await Queries(s3).ask("sts", "GetCallerIdentity")

    assert (200, "text/xml") == (answer.status, answer.headers["content-type"])
    assert {
        "UserId": ROOT.account_id,
        "Account": ROOT.account_id,
        "Arn": ROOT.arn,
    } == answer.document["GetCallerIdentityResult"]
    assert answer.headers["x-amzn-requestid"] == answer.document["ResponseMetadata"]["RequestId"]


async def test_a_signature_for_us_east_1_is_good_in_every_region(s3: InProcess) -> None:
    elsewhere = Queries(InProcess(s3.store, s3.clock, region="eu-west-1"))

    answers = [await elsewhere.send(WHO, "sts", region) for region in ("us-east-1", "eu-west-1")]

    assert [200, 200] == [answer.status for answer in answers]


def error(answer: Any) -> tuple[int, str, str]:
    body = answer.document["Error"]
    return answer.status, body["Code"], body["Message"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            b"Action=Nothing&Version=2011-06-15",
            (400, "InvalidAction", "Could not find operation Nothing for version 2011-06-15"),
        ),
        (
            b"Action=GetCallerIdentity&Version=2010-05-08",
            (
                400,
                "InvalidAction",
                "Could not find operation GetCallerIdentity for version 2010-05-08",
            ),
        ),
        (
            b"Action=GetCallerIdentity",
            (
                400,
                "InvalidAction",
                "Could not find operation GetCallerIdentity for version NO_VERSION_SPECIFIED",
            ),
        ),
        (
            b"Version=2011-06-15",
            (400, "MissingAction", "The request is missing an action or a required parameter."),
        ),
        (
            b"Action=%ff",
            (404, "MalformedQueryString", "The query string contains a syntax error."),
        ),
    ],
)
async def test_what_cannot_be_an_action_is_refused(
    s3: InProcess, body: bytes, expected: tuple[int, str, str]
) -> None:
    assert expected == error(await Queries(s3).send(body, "sts"))


async def test_an_operation_that_nobody_does_is_not_implemented(
    s3: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    await Queries(s3).ask("sts", "GetCallerIdentity")
    monkeypatch.delitem(HANDLERS, "sts:GetCallerIdentity")

    answer = await Queries(s3).ask("sts", "GetCallerIdentity")

    assert (501, "NotImplemented") == (error(answer))[:2]


async def test_a_key_that_there_is_not_is_refused_before_the_body_is_read(s3: InProcess) -> None:
    answer = await Queries(s3, access_key="AKIANOBODY").send(WHO, "sts")

    assert (
        403,
        "InvalidClientTokenId",
        "The security token included in the request is invalid.",
    ) == error(answer)
    assert 0 == s3.bytes_asked_for


async def test_another_secret_makes_another_signature(s3: InProcess) -> None:
    answer = await Queries(s3, secret_key="another").send(WHO, "sts")

    assert (403, "SignatureDoesNotMatch") == (error(answer))[:2]


async def test_a_token_that_there_is_not_is_refused(s3: InProcess) -> None:
    headers = signing.sign(
        "POST", "/", "", {"host": "a", "x-amz-security-token": "x", **FORM}, "", s3.clock.now_ms(),
        service="sts",
    )  # fmt: skip

    answer = await s3.send("POST", "/", "", headers, WHO)

    assert (403, "InvalidClientTokenId") == (error(answer))[:2]


@pytest.mark.parametrize(
    ("method", "query", "body"),
    [
        ("POST", "", WHO),
        ("GET", WHO.decode(), b""),
        ("POST", "", b"Action=ListUsers&Version=2010-05-08"),
        ("POST", "", b""),
    ],
)
async def test_who_does_not_sign_is_nobody(
    s3: InProcess, method: str, query: str, body: bytes
) -> None:
    answer = await s3.send(method, "/", query, {"host": "a", **FORM}, body)

    assert (
        403,
        "MissingAuthenticationToken",
        "Request is missing Authentication Token",
    ) == error(answer)


async def test_a_body_that_is_too_large_is_not_read_to_its_end(s3: InProcess) -> None:
    piece = b"a" * 65_536
    pieces = [piece] * (form.MAX_BODY_BYTES // len(piece) + 10)

    answer = await s3.send("POST", "/", "", {"host": "a", **FORM}, *pieces)

    assert (413, "RequestEntityTooLarge") == (error(answer))[:2]
    assert s3.bytes_asked_for <= form.MAX_BODY_BYTES + len(piece)


async def test_what_goes_wrong_here_is_told_without_its_reason(
    s3: InProcess, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await Queries(s3).ask("sts", "GetCallerIdentity")

    async def fail(*_: object) -> None:
        raise RuntimeError("the reason")

    monkeypatch.setitem(HANDLERS, "sts:GetCallerIdentity", fail)

    answer = await Queries(s3).ask("sts", "GetCallerIdentity")

    assert (500, "InternalError") == (error(answer))[:2]
    assert b"the reason" not in answer.body
    assert "the reason" in caplog.text


async def test_s3_stays_what_it_is(s3: InProcess) -> None:
    listed = await s3.ask("GET", "/", {"Action": "ListUsers", "Version": "2010-05-08"})
    unsigned = await s3.ask("GET", "/", is_signed=False)

    assert "ListAllMyBucketsResult" in listed.body.decode()
    assert (403, "AccessDenied") == (unsigned.status, unsigned.code)


async def test_a_query_that_cannot_be_read_is_refused_by_s3(s3: InProcess) -> None:
    answer = await s3.send("GET", "/", "a=%ff", {"host": "a"})

    assert (400, "InvalidURI") == (answer.status, answer.code)


ACCOUNT = Account(ROOT.account_id, ROOT.canonical_id, ROOT.display_name)
ALICE = f"arn:aws:iam::{ROOT.account_id}:user/alice"
REFUSED = (
    f"User: {ALICE} is not authorized to perform: iam:DeleteUser on resource: "
    f"arn:aws:iam::{ROOT.account_id}:user/bob because no identity-based policy allows the "
    "iam:DeleteUser action"
)


async def alice_with(s3: InProcess, *statements: dict[str, Any]) -> Queries:
    """A user with a key, and a policy of these statements."""
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    inline = {"p": policy} if statements else {}
    user = UserRecord(ROOT.account_id, "alice", "AIDAALICE", 0, inline=inline)
    await Queries(s3).keep(ACCOUNT, user, UserRecord(ROOT.account_id, "bob", "AIDABOB", 0))
    principal = principal_of_user(ACCOUNT, user, "FRXALICE")
    s3.keys["FRXALICE"] = AccessKeyRecord("FRXALICE", "alices secret", principal)
    return Queries(s3, "FRXALICE", "alices secret")


def allow(action: str, resource: str = "*", **condition: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource} | (
        {"Condition": condition} if condition else {}
    )


async def test_a_user_may_do_nothing_until_a_policy_says_so(s3: InProcess) -> None:
    alice = await alice_with(s3)

    assert (403, "AccessDenied", REFUSED) == await alice.refused("DeleteUser", UserName="bob")
    assert (
        ALICE
        == (await alice.ask("sts", "GetCallerIdentity")).document["GetCallerIdentityResult"]["Arn"]
    )


async def test_a_user_may_do_what_a_policy_says_and_where(s3: InProcess) -> None:
    alice = await alice_with(s3, allow("iam:*AccessKey*", "arn:aws:iam::*:user/${aws:username}"))

    key = (await alice.iam("CreateAccessKey"))["AccessKey"]
    await alice.iam("CreateAccessKey", UserName="Alice")
    refused = await alice.refused("CreateAccessKey", UserName="bob")

    assert "alice" == key["UserName"]
    assert (403, "AccessDenied") == refused[:2]


async def test_a_policy_may_want_what_is_made_to_have_a_boundary(s3: InProcess) -> None:
    limit = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    alice = await alice_with(
        s3, allow("iam:CreateUser", StringEquals={"iam:PermissionsBoundary": limit})
    )

    refused = await alice.refused("CreateUser", UserName="carol")
    made = await alice.iam("CreateUser", UserName="carol", PermissionsBoundary=limit)

    assert (403, "AccessDenied") == refused[:2]
    assert "carol" == made["User"]["UserName"]


async def test_a_new_name_needs_permission_too(s3: InProcess) -> None:
    alice = await alice_with(s3, allow("iam:UpdateUser", f"arn:aws:iam::{ROOT.account_id}:user/b*"))

    refused = await alice.refused("UpdateUser", UserName="bob", NewUserName="carol")
    await alice.iam("UpdateUser", UserName="bob", NewUserName="bert")

    assert "user/carol because no identity-based policy" in refused[2]


async def test_values_are_looked_at_before_permission_and_permission_before_what_there_is(
    s3: InProcess,
) -> None:
    alice = await alice_with(s3)

    assert "ValidationError" == (await alice.refused("DeleteUser", UserName="a b"))[1]
    assert "AccessDenied" == (await alice.refused("DeleteUser", UserName="nobody"))[1]


@pytest.mark.parametrize(
    "row", [row for row in IAM_OPERATIONS.values() if row.action in HANDLERS], ids=repr
)
async def test_no_operation_of_iam_is_done_without_permission(
    s3: InProcess, row: AnyQueryOperation
) -> None:
    alice = await alice_with(s3)

    status, code, message = await alice.refused(row.name, **sample(row.input))

    assert (403, "AccessDenied") == (status, code), message
    assert f"is not authorized to perform: {row.action} on resource: " in message
