"""The access log: one line a request, with what the pipeline found out."""

import io
import json

import pytest

from ferrox.clock import SettableClock
from ferrox.gateway.access_log import AccessLog
from ferrox.identity import Principal
from ferrox.protocol.message import Request, Response
from tests.gateway.wire import NOON_MS, connected, get, serving

TIME = "2026-09-21T14:13:20.000Z"


def a_request() -> Request:
    request = Request("GET", "/b/a%20b", "X-Amz-Signature=HUSH", {}, peer="10.0.0.1")
    request.request_id = "0123456789ABCDEF"
    return request


async def test_a_text_line_names_everything_that_is_known() -> None:
    stream = io.StringIO()
    log = AccessLog("text", SettableClock(NOON_MS), stream)
    request = a_request()
    request.facts |= {"operation": "GetObject", "bucket": "b", "key": "a b", "access_key_id": "AK"}

    log.write(request, 200, 0, 4, 0.0123, is_aborted=False)
    log.flush()

    assert stream.getvalue() == (
        f"{TIME} ACCESS request_id=0123456789ABCDEF peer=10.0.0.1 method=GET operation=GetObject "
        'bucket=b key="a b" access_key_id=AK status=200 bytes_in=0 bytes_out=4 duration_ms=12.3\n'
    )


@pytest.mark.parametrize("log_format", ["text", "json"])
async def test_who_asked_is_told_once_it_is_known(log_format: str) -> None:
    stream = io.StringIO()
    log = AccessLog(log_format, SettableClock(NOON_MS), stream)
    request = a_request()
    request.principal = Principal("1", "c", "root", "arn:aws:iam::1:user/a b", "AK")

    log.write(request, 200, 0, 4, 0.0123, is_aborted=False)
    log.flush()

    expected = {"text": 'principal="arn:aws:iam::1:user/a b"', "json": '"arn:aws:iam::1:user/a b"'}
    assert expected[log_format] in stream.getvalue()


async def test_a_json_line_is_an_object_and_shows_the_path_when_there_is_no_operation() -> None:
    stream = io.StringIO()
    log = AccessLog("json", SettableClock(NOON_MS), stream)

    log.write(a_request(), 0, 1, 2, 1, is_aborted=True)
    log.flush()
    entry = json.loads(stream.getvalue())

    assert (TIME, "access", "/b/a%20b", "true") == (
        entry["time"],
        entry["level"],
        entry["path"],
        entry["aborted"],
    )
    assert "HUSH" not in stream.getvalue()


async def test_flushing_nothing_writes_nothing() -> None:
    stream = io.StringIO()

    AccessLog("text", SettableClock(NOON_MS), stream).flush()

    assert "" == stream.getvalue()


async def test_the_pipeline_fills_in_what_it_finds_out() -> None:
    async def answer(request: Request) -> Response:
        request.facts["operation"] = "HeadBucket"
        request.facts["error_code"] = "NoSuchBucket"
        return Response(404, {}, b"")

    async with serving(answer) as running, connected(running.address) as client:
        await client.ask(get())

    line = running.access.getvalue()
    assert "operation=HeadBucket error_code=NoSuchBucket status=404" in line
    assert 1 == line.count("\n")
