"""Refusals: what is remembered of them, for how long, and what never is."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from ferrox.accounting import refusals as module
from ferrox.accounting.refusals import LAST_TOPIC, TOPIC, Refusal, Refusals, Ring
from ferrox.auth.errors import RequestTimeTooSkewed
from ferrox.clock import SettableClock
from ferrox.decision import Decision, Source, Verdict
from ferrox.errors import (
    AccessDenied,
    InvalidToken,
    NoSuchKey,
    S3Error,
    SignatureDoesNotMatch,
    SlowDown,
)
from ferrox.identity import ANONYMOUS, Principal, PrincipalKind
from ferrox.protocol.message import Request
from ferrox.workers.channel import Answers, Channel

NOON_MS = 1_789_999_200_000
USER = Principal("1", "c", "root", "arn:aws:iam::1:user/jo", "AKIAJO", PrincipalKind.USER)
DENIED = Decision(
    Verdict.EXPLICIT_DENY, "statement NoHttp of bucket policy photos denies it",
    "bucket policy photos", "NoHttp", Source.RESOURCE, USER.arn, "s3:GetObject",
    "arn:aws:s3:::photos/a",
)  # fmt: skip
CANONICAL = (
    "GET\n/photos/a\nX-Amz-Security-Token=HUSH&prefix=a\nhost:s3\nx-amz-security-token:HUSH\n"
    "x-amz-server-side-encryption-customer-key:HUSH\n\nhost;x-amz-security-token\nUNSIGNED-PAYLOAD"
)


class Wired(Channel):
    """A channel to others whose answers are known."""

    def __init__(self, answers: Answers) -> None:
        self.answers = answers
        self.asked: list[tuple[str, bytes]] = []
        self.handlers: dict[str, Callable[[bytes], bytes]] = {}

    def on_ask(self, topic: str, handler: Callable[[bytes], bytes]) -> None:
        self.handlers[topic] = handler

    async def ask(self, topic: str, payload: bytes = b"", *, limit_s: float = 5.0) -> Answers:
        self.asked.append((topic, payload))
        return self.answers


@pytest.fixture
def refusals() -> Refusals:
    return Refusals(SettableClock(NOON_MS))


def a_request(principal: Principal | None = USER, request_id: str = "R", **headers: str) -> Request:
    request = Request("GET", "/photos/a", "X-Amz-Signature=HUSH", headers, peer="10.0.0.1")
    request.request_id = request_id
    request.principal = principal
    if principal is not None:
        request.facts["access_key_id"] = principal.access_key_id
    request.facts |= {"operation": "GetObject", "bucket": "photos", "key": "a"}
    return request


async def found(refusals: Refusals, request_id: str = "R") -> dict[str, Any]:
    document = await refusals.find(request_id)
    assert document is not None
    return document


async def test_a_denial_is_remembered_with_the_statement_that_denied_it(
    refusals: Refusals,
) -> None:
    request = a_request()
    request.headers["user-agent"] = "aws-cli"
    request.decision = DENIED

    refusals.note(request, AccessDenied())

    assert {
        "time": "2026-09-21T14:00:00.000Z", "request_id": "R", "status": 403,
        "code": "AccessDenied", "message": "Access Denied", "reason": DENIED.reason,
        "principal": USER.arn, "access_key_id": "AKIAJO", "peer": "10.0.0.1",
        "user_agent": "aws-cli", "method": "GET", "path": "/photos/a",
        "operation": "GetObject", "bucket": "photos", "key": "a",
        "decision": {
            "verdict": "explicitDeny", "reason": DENIED.reason, "document": "bucket policy photos",
            "statement": "NoHttp", "source": "resource-based policy", "principal": USER.arn,
            "action": "s3:GetObject", "resource": "arn:aws:s3:::photos/a",
        },
    } == await found(refusals)  # fmt: skip


async def test_a_wrong_signature_is_remembered_with_what_the_server_built(
    refusals: Refusals,
) -> None:
    request = a_request(None, authorization="AWS4-HMAC-SHA256 Credential=AKIAX/2026/x, Sig=HUSH")
    error = SignatureDoesNotMatch(
        AWSAccessKeyId="AKIAX", SignatureProvided="HUSH", StringToSign="AWS4\nx",
        CanonicalRequest=CANONICAL,
    ).because("Host signed as a, arrived as b")  # fmt: skip

    refusals.note(request, error)

    document = await found(refusals)
    assert ("Host signed as a, arrived as b", "AKIAX", "AWS4\nx") == (
        document["reason"], document["access_key_id"], document["string_to_sign"],
    )  # fmt: skip
    assert CANONICAL.replace("HUSH", "<hidden>") == document["canonical_request"]
    assert "principal" not in document
    assert "HUSH" not in json.dumps(document)


async def test_a_token_is_not_remembered(refusals: Refusals) -> None:
    details: dict[str, Any] = {"Token-0": "HUSH"}

    refusals.note(a_request(None), InvalidToken(**details))

    assert "HUSH" not in json.dumps(await found(refusals))


async def test_what_tells_how_far_clocks_are_apart_is_remembered(refusals: Refusals) -> None:
    error = RequestTimeTooSkewed(RequestTime="20260101T000000Z", ServerTime="2026-09-21T14:00:00Z")

    refusals.note(a_request(None), error)

    assert {
        "RequestTime": "20260101T000000Z", "ServerTime": "2026-09-21T14:00:00Z",
    } == (await found(refusals))["details"]  # fmt: skip


@pytest.mark.parametrize(
    ("headers", "query", "named"),
    [
        ({"authorization": "AWS4-HMAC-SHA256 Credential=AKIA/2026/x, S=y"}, "", "AKIA"),
        ({"authorization": "AWS4-HMAC-SHA256 S=y,Credential=AKIA/2026/x"}, "", "AKIA"),
        ({"authorization": "AWS AKIA:c2ln"}, "", "AKIA"),
        ({}, "a=1&X-Amz-Credential=AKIA%2F2026%2Fx&b=1", "AKIA"),
        ({}, "AWSAccessKeyId=AKIA&Signature=x", "AKIA"),
        ({"authorization": "Basic HUSH"}, "", None),
        ({}, "Not-X-Amz-Credential=AKIA", None),
    ],
)
async def test_the_key_that_a_request_names_is_remembered_though_nobody_verified_it(
    refusals: Refusals, headers: dict[str, str], query: str, named: str | None
) -> None:
    request = a_request(None, **headers)
    request.query_string = query

    refusals.note(request, AccessDenied("Request has expired"))

    assert named == (await found(refusals)).get("access_key_id")


@pytest.mark.parametrize(
    ("error", "decision", "reason"),
    [
        (AccessDenied(), DENIED, DENIED.reason),
        (AccessDenied().because("not the owner"), DENIED, "not the owner"),
        (SlowDown(), DENIED, "Please reduce your request rate."),
        (AccessDenied(), None, "Access Denied"),
    ],
)
def test_the_access_log_is_told_the_reason(
    refusals: Refusals, error: S3Error, decision: Decision | None, reason: str
) -> None:
    request = a_request()
    request.decision = decision

    refusals.note(request, error)

    assert reason == request.facts["reason"]


def test_the_reason_in_the_access_log_is_short_and_has_no_secrets(refusals: Refusals) -> None:
    request = a_request()

    refusals.note(request, AccessDenied("x-amz-security-token: HUSH " + "x" * 10_000))

    assert 300 == len(request.facts["reason"])
    assert "HUSH" not in request.facts["reason"]


async def test_an_ordinary_answer_is_no_refusal(refusals: Refusals) -> None:
    request = a_request()

    refusals.note(request, NoSuchKey())

    assert await refusals.find("R") is None
    assert "reason" not in request.facts


async def test_who_knocks_without_credentials_displaces_nothing(
    refusals: Refusals, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusals.note(a_request(request_id="signed"), AccessDenied())
    for number in range(module.ANONYMOUS_COUNT + 1):
        refusals.note(a_request(ANONYMOUS, f"{number}"), AccessDenied())

    assert await refusals.find("0") is None
    assert await refusals.find("1")
    assert await refusals.find("signed")


def of_size(request_id: str, size: int) -> Refusal:
    bare = Refusal(0, request_id, 403, "", "", "", "", "", "", "", "", "", {}, {}, None)
    return bare._replace(canonical_request="x" * (size - bare.size_bytes))


def test_a_ring_holds_so_many(refusals: Refusals) -> None:
    ring = Ring(3, 10**6)
    for number in range(5):
        ring.add(of_size(f"{number}", 2000))

    assert [False, False, True, True, True] == [ring.get(f"{n}") is not None for n in range(5)]


def test_a_ring_holds_so_many_bytes() -> None:
    ring = Ring(100, 10_000)
    ring.add(of_size("small", 2000))
    ring.add(of_size("twice", 7000))
    ring.add(of_size("twice", 7000))
    both_are_there = ring.get("small") is not None
    ring.add(of_size("new", 2000))

    assert both_are_there
    assert [False, True, True] == [ring.get(n) is not None for n in ("small", "twice", "new")]


async def test_a_long_canonical_request_is_cut_off(refusals: Refusals) -> None:
    refusals.note(a_request(), SignatureDoesNotMatch(CanonicalRequest="x" * 100_000))

    assert module.TEXT_CHARACTERS == len((await found(refusals))["canonical_request"])


async def test_what_another_process_refused_is_asked_for() -> None:
    document = {"request_id": "R", "code": "AccessDenied"}
    channel = Wired(Answers({1: b"", 2: json.dumps(document).encode()}, frozenset({3})))

    found = await Refusals(SettableClock(NOON_MS), channel).find("R")

    assert (document, [(TOPIC, b"R")]) == (found, channel.asked)


async def test_what_nobody_remembers_is_not_found(refusals: Refusals) -> None:
    channel = Wired(Answers({1: b""}, frozenset()))

    assert await Refusals(SettableClock(NOON_MS), channel).find("ü") is None
    assert await refusals.find("R") is None


async def test_others_are_told_what_was_refused_here() -> None:
    channel = Wired(Answers({}, frozenset()))
    refusals = Refusals(SettableClock(NOON_MS), channel)
    refusals.note(a_request(), AccessDenied())

    here, elsewhere = (channel.handlers[TOPIC](one) for one in (b"R", b"S"))

    assert await refusals.find("R") == json.loads(here)
    assert b"" == elsewhere
    assert [] == channel.asked


def test_an_explanation_names_what_decided(refusals: Refusals) -> None:
    request = a_request()
    request.decision = DENIED

    refusal = refusals.note(request, AccessDenied())

    assert refusal is not None
    assert {
        "Reason": DENIED.reason, "Verdict": "explicitDeny", "Document": "bucket policy photos",
        "Statement": "NoHttp", "Source": "resource-based policy", "Principal": USER.arn,
        "Action": "s3:GetObject", "Resource": "arn:aws:s3:::photos/a",
    } == refusal.explanation()  # fmt: skip


def test_without_a_decision_an_explanation_is_the_reason(refusals: Refusals) -> None:
    refusal = refusals.note(a_request(), SlowDown().because("more than 1 a second"))

    assert refusal is not None
    assert {"Reason": "more than 1 a second"} == refusal.explanation()


async def test_the_last_ones_come_newest_first_from_both_rings() -> None:
    clock = SettableClock(NOON_MS)
    refusals = Refusals(clock)
    for number, principal in enumerate([USER, ANONYMOUS, USER, ANONYMOUS]):
        refusals.note(a_request(principal, f"R{number}"), AccessDenied())
        clock.advance(1)

    found = await refusals.last(3)

    assert ["R3", "R2", "R1"] == [one["request_id"] for one in found]


async def test_the_last_ones_of_all_processes_are_put_together() -> None:
    clock = SettableClock(NOON_MS)
    other = Wired(Answers({}, frozenset()))
    theirs = Refusals(clock, other)
    theirs.note(a_request(USER, "first"), AccessDenied())
    clock.advance(2)
    theirs.note(a_request(USER, "third"), AccessDenied())
    told = other.handlers[LAST_TOPIC](b"5")
    wired = Wired(Answers({1: told}, frozenset({2})))
    clock.advance(-1)
    refusals = Refusals(clock, wired)
    refusals.note(a_request(USER, "second"), AccessDenied())

    found, two = await refusals.last(5), await refusals.last(2)

    assert ["third", "second", "first"] == [one["request_id"] for one in found]
    assert ["third", "second"] == [one["request_id"] for one in two]
    assert [(LAST_TOPIC, b"5"), (LAST_TOPIC, b"2")] == wired.asked
