"""Faults that happen to requests: what is answered, what is done all the same, what is not."""

import asyncio
import base64
import hashlib
from collections.abc import Iterator
from typing import Any

import pytest
from h2.errors import ErrorCodes

from ferrox.accounting.fault_board import FaultBoard
from ferrox.fault_rules import read_rule
from ferrox.gateway.reply import Reply
from ferrox.pipeline import injection
from ferrox.pipeline.injection import FACT, HEADER, Injection
from ferrox.protocol.message import Request, Response
from ferrox.workers.lines import new_lock
from tests.gateway.http2_talk import Talk
from tests.in_process import InProcess

LARGE = bytes(range(256)) * 4096


@pytest.fixture
def board() -> Iterator[FaultBoard]:
    made = FaultBoard(new_lock())
    yield made
    made.close()


@pytest.fixture
async def faulty(s3: InProcess, board: FaultBoard) -> InProcess:
    """A server with a bucket, an object, and a board of faults."""
    await s3.make_bucket()
    await s3.put("k")
    s3.pipeline = Injection(board, s3.services, s3.pipeline, ())  # type: ignore[assignment] # it answers, too
    return s3


def inject(board: FaultBoard, *rules: str) -> None:
    for rule in rules:
        board.add(read_rule(rule))


class Connection:
    """Stands for one, and keeps what is sent."""

    is_writing_paused = False

    def __init__(self) -> None:
        self.sent = b""

    def write(self, data: bytes) -> None:
        self.sent += data

    async def drain(self) -> None:
        """Nothing is held back."""


async def sent(s3: InProcess, method: str, path: str, **more: Any) -> tuple[bytes, bool]:
    """What leaves for a client, and whether it is whole."""
    responses = []

    class Keeping:
        async def answer(self, request: Request) -> Response:
            responses.append(await pipeline.answer(request))
            return Response(200, {})

    pipeline, s3.pipeline = s3.pipeline, Keeping()  # type: ignore[assignment] # it answers, too
    await s3.ask(method, path, **more)
    s3.pipeline = pipeline
    connection = Connection()
    reply = Reply(connection, "", is_http_1_1=True, is_head=method == "HEAD")
    try:
        await reply.send(responses[0], keep_alive=True)
    except ConnectionError:
        return connection.sent, False
    return connection.sent, True


async def test_without_rules_nothing_happens(faulty: InProcess) -> None:
    answer = await faulty.get("k")

    assert (200, b"data") == (answer.status, answer.body)
    assert HEADER not in answer.headers


async def test_an_error_is_one_of_s3_and_nothing_is_done(
    faulty: InProcess, board: FaultBoard
) -> None:
    inject(board, "put_object:503")

    answer = await faulty.ask("PUT", "/bucket/new", body=b"x")
    other = await faulty.get("new")

    assert (503, "SlowDown", "SlowDown") == (answer.status, answer.code, answer.headers[HEADER])
    assert "/bucket/new" == answer.document["Resource"]
    assert answer.headers["x-amz-request-id"] == answer.document["RequestId"]
    assert (404, "NoSuchKey") == (other.status, other.code)
    assert HEADER not in other.headers


async def test_an_error_comes_before_any_look_at_who_asks_and_what(
    faulty: InProcess, board: FaultBoard
) -> None:
    inject(board, "*:500")
    before = faulty.bytes_asked_for

    answer = await faulty.ask("PUT", "/bucket/new", body=b"x" * 100, is_signed=False)

    assert (500, "InternalError") == (answer.status, answer.code)
    assert before == faulty.bytes_asked_for


async def test_the_log_is_told(faulty: InProcess, board: FaultBoard) -> None:
    inject(board, "get_object:delay=1ms", "get_object:AccessDenied")

    await faulty.get("k")

    assert faulty.request is not None
    facts = faulty.request.facts
    assert ("GetObject", "bucket", "k", "AccessDenied", "delay=1ms, AccessDenied") == (
        facts["operation"], facts["bucket"], facts["key"], facts["error_code"], facts[FACT],
    )  # fmt: skip


async def test_a_refused_head_has_no_body(faulty: InProcess, board: FaultBoard) -> None:
    inject(board, "head_object:404")

    answer = await faulty.ask("HEAD", "/bucket/k")

    assert (404, b"", "NoSuchKey") == (answer.status, answer.body, answer.headers[HEADER])


async def test_a_rule_happens_to_what_it_names_and_nothing_else(
    faulty: InProcess, board: FaultBoard
) -> None:
    inject(board, "get_object@bucket/secret/:403")
    await faulty.put("secret/1")

    statuses = [(await faulty.get(key)).status for key in ("secret/1", "k", "secret/1")]
    listing = await faulty.ask("GET", "/bucket")

    assert [403, 200, 403] == statuses
    assert 200 == listing.status
    assert [(2, 2)] == [(placed.requests, placed.injected) for placed in board.rules()]


async def test_rules_come_and_go_while_requests_do(faulty: InProcess, board: FaultBoard) -> None:
    statuses = []
    for change in (
        lambda: inject(board, "get_object:503"),
        lambda: board.remove(1),
        lambda: inject(board, "get_object:500:1:1"),
        lambda: None,
    ):
        change()
        statuses.append((await faulty.get("k")).status)

    assert [503, 200, 500, 200] == statuses


async def test_a_delay_is_waited_for_and_then_all_goes_on(
    faulty: InProcess, board: FaultBoard, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []

    async def sleep(delay_s: float) -> None:
        waited.append(delay_s)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    inject(board, "get_object:delay=250ms", "*:delay=2s", "get_object:reset:0")

    answer = await faulty.get("k")

    assert [0.25, 2.0] == waited
    assert (200, b"data") == (answer.status, answer.body)
    assert "delay=250ms, delay=2000ms" == answer.headers[HEADER]


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
async def test_a_reset_sends_nothing_and_does_nothing(
    faulty: InProcess, board: FaultBoard, method: str
) -> None:
    inject(board, "*:reset:1:1")

    left = await sent(faulty, method, "/bucket/k", body=b"new" if method == "PUT" else b"")

    assert (b"", False) == left
    assert b"data" == (await faulty.get("k")).body


@pytest.mark.parametrize(("method", "after"), [("PUT", b"new"), ("DELETE", None)])
async def test_what_is_truncated_has_been_done(
    faulty: InProcess, board: FaultBoard, method: str, after: bytes | None
) -> None:
    inject(board, "*:truncate:1:1")

    left = await sent(faulty, method, "/bucket/k", body=b"new" if method == "PUT" else b"")
    answer = await faulty.get("k")

    assert (b"", False) == left
    assert (after is None) == (answer.status == 404)
    assert after in {None, answer.body}


@pytest.mark.parametrize("body", [b"1", b"data", LARGE], ids=len)
async def test_half_of_a_truncated_body_is_sent(
    faulty: InProcess, board: FaultBoard, body: bytes
) -> None:
    await faulty.put("k", body)
    inject(board, "get_object:truncate")

    data, is_whole = await sent(faulty, "GET", "/bucket/k")

    head, _, half = data.partition(b"\r\n\r\n")
    assert not is_whole
    assert f"content-length: {len(body)}".encode() in head.lower()
    assert body[: len(body) // 2] == half


async def test_an_answer_that_says_no_is_truncated_as_well(
    faulty: InProcess, board: FaultBoard
) -> None:
    inject(board, "*:truncate")

    data, is_whole = await sent(faulty, "GET", "/bucket/missing")

    assert not is_whole
    assert data.startswith(b"HTTP/1.1 404")
    assert b"</Error>" not in data


async def test_a_truncated_head_is_not_sent(faulty: InProcess, board: FaultBoard) -> None:
    inject(board, "head_object:truncate")

    assert (b"", False) == await sent(faulty, "HEAD", "/bucket/k")


@pytest.mark.parametrize("body", [b"d", b"data", LARGE], ids=len)
async def test_one_bit_of_a_corrupted_object_is_another(
    faulty: InProcess, board: FaultBoard, body: bytes
) -> None:
    await faulty.put("k", body)
    inject(board, "get_object:corrupt")

    answer = await faulty.get("k")
    part = await faulty.get("k", headers={"range": "bytes=0-0"})

    differences = [own ^ got for own, got in zip(body, answer.body, strict=True) if own != got]
    assert [1] == differences
    assert "corrupt" == answer.headers[HEADER]
    assert bytes([body[0] ^ 1]) == part.body


async def test_there_is_nothing_to_corrupt_in_a_refusal_or_an_empty_object(
    faulty: InProcess, board: FaultBoard
) -> None:
    await faulty.put("empty", b"")
    inject(board, "get_object:corrupt")

    assert b"" == (await faulty.get("empty")).body
    assert "NoSuchKey" == (await faulty.get("missing")).code


async def test_other_services_and_what_nobody_understands_go_on(
    faulty: InProcess, board: FaultBoard
) -> None:
    inject(board, "*:500")
    sts = await faulty.send(
        "POST", "/", "", {"content-type": "application/x-www-form-urlencoded"},
        b"Action=GetCallerIdentity&Version=2011-06-15",
    )  # fmt: skip
    nonsense = await faulty.send("PATCH", "/bucket/k", "", {})

    assert 403 == sts.status
    assert 405 == nonsense.status


async def test_a_page_of_another_origin_may_see_the_fault(
    faulty: InProcess, board: FaultBoard
) -> None:
    rule = (
        b"<CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod></CORSRule>"
    )
    document = b"<CORSConfiguration>" + rule + b"</CORSConfiguration>"
    md5 = base64.b64encode(hashlib.md5(document).digest()).decode()
    await faulty.ask("PUT", "/bucket", {"cors": ""}, body=document, headers={"content-md5": md5})
    inject(board, "get_object:503")

    answer = await faulty.get("k", headers={"origin": "https://page.example"})

    assert (503, "*") == (answer.status, answer.headers["access-control-allow-origin"])


async def test_settings_of_an_account_can_fail(faulty: InProcess, board: FaultBoard) -> None:
    inject(board, "get_account_public_access_block:500")

    answer = await faulty.ask(
        "GET", "/v20180820/configuration/publicAccessBlock",
        headers={"x-amz-account-id": "123456789012"},
    )  # fmt: skip

    assert 500 == answer.status
    assert b"<ErrorResponse" in answer.body


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_with_http_2_the_stream_is_cut_and_the_connection_stays(
    faulty: InProcess, board: FaultBoard, method: str
) -> None:
    inject(board, "*:reset:1:1", "*:truncate:1:1")
    talk = Talk(faulty.pipeline.answer)

    replies = [await talk.reply(talk.ask(method=method, path="/bucket/k")) for _ in range(3)]

    ends = [(reply.reset_code, reply.is_ended) for reply in replies]
    assert [(ErrorCodes.CANCEL, False), (ErrorCodes.CANCEL, False), (None, True)] == ends
    assert 403 == replies[2].status, "nobody has signed it"


def test_nothing_that_is_cut_is_taken_for_an_end() -> None:
    async def read() -> None:
        async for _ in injection._Cut():
            pass

    with pytest.raises(ConnectionResetError):
        asyncio.run(read())
