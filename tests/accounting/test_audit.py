"""The audit log: what a line says and never says, and what happens when none can be written."""

import asyncio
import errno
import json
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest

from ferrox.accounting import audit as audits
from ferrox.accounting.audit import Audit, StrictlyAudited
from ferrox.clock import SettableClock
from ferrox.errors import ServiceUnavailable
from ferrox.identity import ANONYMOUS, Principal, PrincipalKind, Session
from ferrox.protocol.message import Outcome, Removal, Request, Response, Tls

NOON_MS = 1_789_999_200_000
TIME = "2026-09-21T14:00:00.000Z"
USER = Principal(
    "123456789012", "c" * 64, "root", "arn:aws:iam::123456789012:user/jo", "AKIAJO",
    PrincipalKind.USER, "AIDAJO", "jo",
)  # fmt: skip
SESSION = Principal(
    "123456789012", "c" * 64, "root", "arn:aws:sts::123456789012:assumed-role/reader/ci", "ASIACI",
    PrincipalKind.ROLE_SESSION, parent_arn="arn:aws:iam::123456789012:role/reader",
    session=Session(
        0, 1, "AKIAJO", source_identity="jo", provider="issuer.example.com", subject="repo:x",
        is_mfa=True,
    ),
)  # fmt: skip
DONE = Outcome(200, {}, 400, 0.01234, 0.01, 12)


class Sink:
    """Keeps what it is given, or fails as a full disk does."""

    name = "audit.log"

    def __init__(self) -> None:
        self.data = b""
        self.is_full = False
        self.is_closed = False

    def close(self) -> None:
        self.is_closed = True

    def append(self, data: bytes) -> None:
        if self.is_full:
            raise OSError(errno.ENOSPC, "No space left on device")
        self.data += data

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.data.splitlines()]


@pytest.fixture
def sink() -> Sink:
    return Sink()


@pytest.fixture
def audit(sink: Sink) -> Audit:
    return Audit(sink, SettableClock(NOON_MS))


@pytest.fixture
def strict(sink: Sink) -> Audit:
    return Audit(sink, SettableClock(NOON_MS), is_strict=True)


def a_request(principal: Principal | None = USER, **facts: str) -> Request:
    headers = {
        "user-agent": "aws-cli/2", "authorization": "HUSH", "x-amz-security-token": "HUSH",
        "content-length": "12",
    }  # fmt: skip
    request = Request(
        "PUT", "/b/k%20", "versionId=v7&X-Amz-Signature=HUSH", headers, peer="10.0.0.1"
    )
    request.request_id = "0123456789ABCDEF"
    request.principal = principal
    request.facts |= facts
    return request


async def test_a_line_says_who_did_what_from_where_and_what_came_of_it(
    audit: Audit, sink: Sink
) -> None:
    request = a_request(operation="PutObject", bucket="b", key="k ", auth_type="header")
    request.tls = Tls("TLSv1.3", "TLS_AES_256_GCM_SHA384")

    audit.note(request, DONE)
    audit.flush()

    assert [
        {
            "time": TIME, "kind": "request", "request_id": "0123456789ABCDEF",
            "account": "123456789012", "arn": USER.arn, "user_id": "AIDAJO",
            "access_key_id": "AKIAJO", "auth": "header", "peer": "10.0.0.1",
            "user_agent": "aws-cli/2", "tls": "TLSv1.3",
            "operation": "PutObject", "bucket": "b", "key": "k ", "version_id": "v7",
            "status": 200, "bytes_in": 12, "bytes_out": 400, "duration_ms": 12.34,
        }
    ] == sink.lines  # fmt: skip


async def test_no_line_has_a_secret_a_signature_a_token_or_a_query(
    audit: Audit, sink: Sink
) -> None:
    audit.note(a_request(), DONE)
    audit.flush()

    assert sink.data
    assert b"HUSH" not in sink.data
    assert b"X-Amz" not in sink.data


async def test_a_session_is_told_with_where_it_comes_from(audit: Audit, sink: Sink) -> None:
    audit.note(a_request(SESSION), DONE)
    audit.flush()

    assert {
        "issuer": "arn:aws:iam::123456789012:role/reader", "issuer_access_key_id": "AKIAJO",
        "source_identity": "jo", "provider": "issuer.example.com", "subject": "repo:x", "mfa": True,
    } == sink.lines[0]["session"]  # fmt: skip


async def test_a_refusal_is_told_with_its_reason(audit: Audit, sink: Sink) -> None:
    request = a_request(error_code="AccessDenied", reason="explicit deny by statement 2")

    audit.note(request, DONE._replace(status=403))
    audit.flush()

    line = sink.lines[0]
    assert (403, "AccessDenied", "explicit deny by statement 2") == (
        line["status"], line["error_code"], line["reason"],
    )  # fmt: skip


async def test_every_key_of_a_request_that_removes_many_is_told(audit: Audit, sink: Sink) -> None:
    request = a_request(operation="DeleteObjects")
    request.removals = [Removal("a", "v1"), Removal("b", None, "AccessDenied")]

    audit.note(request, DONE)
    audit.flush()

    assert [
        {"key": "a", "version_id": "v1", "error_code": ""},
        {"key": "b", "version_id": None, "error_code": "AccessDenied"},
    ] == sink.lines[0]["removals"]


async def test_whoever_a_provider_vouches_for_is_told_of(audit: Audit, sink: Sink) -> None:
    provider = "arn:aws:iam::123456789012:oidc-provider/issuer"
    audit.note(
        a_request(Principal("", "", "", provider, "", PrincipalKind.FEDERATED, "repo:x")), DONE
    )
    audit.flush()

    assert (provider, "repo:x") == (sink.lines[0]["arn"], sink.lines[0]["user_id"])


@pytest.mark.parametrize("principal", [None, ANONYMOUS])
async def test_nothing_is_told_of_whoever_did_not_sign(
    audit: Audit, sink: Sink, principal: Principal | None
) -> None:
    audit.note(a_request(principal), DONE)
    audit.flush()

    assert b"" == sink.data


async def test_whatever_a_client_sends_stays_on_one_line_of_bounded_length(
    audit: Audit, sink: Sink
) -> None:
    request = a_request(key="a\nb\u2028\udc80")
    request.headers["user-agent"] = "x" * 10_000

    audit.note(request, DONE)
    audit.flush()

    assert 1 == sink.data.count(b"\n")
    assert ("a\nb\u2028\udc80", 512) == (sink.lines[0]["key"], len(sink.lines[0]["user_agent"]))


async def test_a_change_is_told_with_who_made_it(audit: Audit, sink: Sink) -> None:
    audit.note_change(
        "admin:PutRateLimit", "key AKIAJO", by="CN=ops", peer="10.0.0.2", request_id="R",
        tls_version="TLSv1.2", user_agent="curl", details={"requests": 5},
    )  # fmt: skip
    audit.note_change(
        "iam:DeleteUser", "arn:x", by=USER, error_code="DeleteConflict", reason="it has keys"
    )
    audit.flush()

    assert [
        {
            "time": TIME, "kind": "change", "request_id": "R", "by": "CN=ops", "peer": "10.0.0.2",
            "user_agent": "curl", "tls": "TLSv1.2", "action": "admin:PutRateLimit",
            "target": "key AKIAJO", "result": "done", "details": {"requests": 5},
        },
        {
            "time": TIME, "kind": "change", "account": "123456789012", "arn": USER.arn,
            "user_id": "AIDAJO", "access_key_id": "AKIAJO", "action": "iam:DeleteUser",
            "target": "arn:x",
            "result": "refused", "error_code": "DeleteConflict", "reason": "it has keys",
        },
    ] == sink.lines  # fmt: skip


async def test_lines_are_written_without_being_asked_for(
    audit: Audit, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audits, "BATCH_S", 0.0)

    audit.note(a_request(), DONE)
    audit.note(a_request(), DONE)
    before = len(sink.data)
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    assert (0, 2) == (before, len(sink.lines))


async def test_at_the_end_what_waits_is_written(audit: Audit, sink: Sink) -> None:
    audit.note(a_request(), DONE)

    audit.close()

    assert (1, True) == (len(sink.lines), sink.is_closed)


async def test_a_failure_is_said_once_and_requests_go_on(
    audit: Audit, sink: Sink, caplog: pytest.LogCaptureFixture
) -> None:
    sink.is_full = True

    for _ in range(3):
        audit.note(a_request(), DONE)
        audit.flush()
        audit.require()

    assert [
        (
            "CRITICAL",
            "the audit log audit.log cannot be written: No space left on device; "
            "requests go on without it",
        )
    ] == [(one.levelname, one.message) for one in caplog.records]


async def test_what_could_not_be_written_is_written_later_and_what_is_lost_is_counted(
    audit: Audit, sink: Sink, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(audits, "WAITING_BYTES", 1000)
    sink.is_full = True
    for number in range(20):
        audit.note(a_request(key=str(number)), DONE)
        audit.flush()
    kept = len(audit._waiting)

    sink.is_full = False
    audit.flush()
    audit.note(a_request(key="last"), DONE)
    audit.flush()

    assert {"time": TIME, "kind": "gap", "lost_lines": 20 - kept} == sink.lines[0]
    assert [*map(str, range(kept)), "last"] == [line["key"] for line in sink.lines[1:]]
    assert 0 < kept < 20
    assert f"the audit log is written again, {20 - kept} lines are lost" in caplog.text


async def test_a_line_that_cannot_be_made_is_logged_and_harms_nobody(
    audit: Audit, caplog: pytest.LogCaptureFixture
) -> None:
    audit.note(a_request(), DONE._replace(duration_s="?"))  # type: ignore[arg-type]

    assert "0123456789ABCDEF: not in the audit log" in caplog.text


class Pipeline:
    """Answers, and remembers how often it was asked."""

    def __init__(self, response: Response) -> None:
        self.response = response
        self.asked_count = 0

    async def answer(self, request: Request) -> Response:
        self.asked_count += 1
        return self.response


async def test_of_a_strict_log_a_line_is_written_before_the_answer_leaves(
    strict: Audit, sink: Sink
) -> None:
    pipeline = Pipeline(Response(200, {"x-amz-version-id": "v8"}, b"12345"))
    request = a_request(operation="PutObject")
    request.query_string = ""

    response = await StrictlyAudited(pipeline, strict, "host").answer(request)

    assert response is pipeline.response
    line = sink.lines[0]
    assert ("PutObject", 200, "v8", 12, 5) == (
        line["operation"], line["status"], line["version_id"], line["bytes_in"], line["bytes_out"],
    )  # fmt: skip


async def test_of_a_streamed_answer_a_strict_log_tells_the_announced_length(
    strict: Audit, sink: Sink
) -> None:
    async def body() -> AsyncIterator[bytes]:
        yield b"x"

    pipeline = Pipeline(Response(200, {"content-length": "77"}, body()))

    await StrictlyAudited(pipeline, strict, "host").answer(a_request())

    assert 77 == sink.lines[0]["bytes_out"]


async def test_as_long_as_a_strict_log_cannot_be_written_nothing_is_done(
    strict: Audit, sink: Sink, caplog: pytest.LogCaptureFixture
) -> None:
    is_closed = False

    async def body() -> AsyncIterator[bytes]:
        nonlocal is_closed
        try:
            yield b"x"
        finally:
            is_closed = True

    stream = body()
    await anext(stream)
    pipeline = Pipeline(Response(200, {}, stream))
    audited = StrictlyAudited(pipeline, strict, "host")
    sink.is_full = True

    first = await audited.answer(a_request(key="under way"))
    second = await audited.answer(a_request(key="refused"))
    asked_count = pipeline.asked_count
    sink.is_full = False
    pipeline.response = Response(200, {})
    third = await audited.answer(a_request(key="served"))

    assert [503, 503, 200] == [first.status, second.status, third.status]
    assert (1, True) == (asked_count, is_closed)
    assert isinstance(second.body, bytes)
    assert b"<Code>ServiceUnavailable</Code>" in second.body
    assert ("0123456789ABCDEF", "host") == (
        second.headers["x-amz-request-id"], second.headers["x-amz-id-2"],
    )  # fmt: skip
    assert ["under way", "served"] == [line["key"] for line in sink.lines]
    assert 1 == caplog.text.count("requests are REFUSED")


async def test_an_answer_that_no_strict_line_can_be_made_of_does_not_leave(
    strict: Audit, caplog: pytest.LogCaptureFixture
) -> None:
    pipeline = Pipeline(Response(200, {"content-length": "?"}, aiter_of()))

    response = await StrictlyAudited(pipeline, strict, "host").answer(a_request())

    assert 500 == response.status
    assert "not in the audit log" in caplog.text


async def aiter_of() -> AsyncIterator[bytes]:
    yield b""


async def test_a_change_is_refused_while_a_strict_log_cannot_be_written(
    strict: Audit, sink: Sink
) -> None:
    sink.is_full = True

    with pytest.raises(ServiceUnavailable, match="cannot write its audit log"):
        strict.note_change("admin:X", "y", by="uid 0")
    with pytest.raises(ServiceUnavailable):
        strict.require()
    sink.is_full = False
    strict.require()

    assert 1 == len(sink.lines)


@pytest.fixture(autouse=True)
def _heard(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(logging.getLogger("ferrox"), "propagate", True)
