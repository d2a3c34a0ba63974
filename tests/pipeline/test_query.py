"""Requests to IAM and STS on the port of S3, from the socket's side of the pipeline."""

from typing import Any

import pytest

from ferrox.operations.iam.registry import HANDLERS
from ferrox.protocol.query import form
from tests import signing
from tests.in_process import ROOT, InProcess
from tests.queries import Queries

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
    ("method", "query", "body"), [("POST", "", WHO), ("GET", WHO.decode(), b"")]
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
