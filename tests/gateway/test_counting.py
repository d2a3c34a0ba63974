"""Every request is counted once, whatever becomes of it."""

from ferrox import metrics
from ferrox.gateway import counting
from ferrox.protocol.message import Request, Response
from tests.counted import counting as counted
from tests.gateway.wire import connected, get, serving


def a_request(**facts: str) -> Request:
    request = Request("GET", "/b/k", "", {})
    request.facts |= facts
    return request


def end(request: Request, status: int, first_byte_s: float | None = 0.003) -> None:
    """End a request that received 10 bytes and got 4096."""
    counting.begin()
    counting.end(
        request,
        status,
        received_bytes=10,
        sent_bytes=4096,
        first_byte_s=first_byte_s,
        duration_s=0.004,
        is_whole=first_byte_s is not None,
    )


def test_a_request_is_counted_by_operation_and_status() -> None:
    with counted() as counts:
        end(a_request(operation="GetObject"), 200)

    assert {("GetObject", "200"): [1]} == counts[metrics.REQUESTS]
    assert {("GetObject",): [10]} == counts[metrics.RECEIVED_BYTES]
    assert {("GetObject",): [4096]} == counts[metrics.SENT_BYTES]
    assert [1, 1] == [
        sum(counts[histogram]["GetObject",][:-1])
        for histogram in (metrics.DURATION, metrics.FIRST_BYTE)
    ]
    nothing = [counts[one] for one in (metrics.IN_FLIGHT, metrics.ABORTED, metrics.ERRORS)]
    assert [{}, {}, {}] == nothing


def test_what_was_refused_is_counted_by_its_code() -> None:
    with counted() as counts:
        end(a_request(operation="GetObject", error_code="NoSuchKey"), 404)

    assert {("NoSuchKey",): [1]} == counts[metrics.ERRORS]


def test_what_is_no_error_for_the_client_is_not_counted_as_one() -> None:
    with counted() as counts:
        end(a_request(operation="GetObject", error_code="NotModified"), 304)

    assert {} == counts[metrics.ERRORS]


def test_who_is_gone_before_the_answer_has_no_status_and_no_first_byte() -> None:
    with counted() as counts:
        end(a_request(), 0, first_byte_s=None)

    assert {("unknown", "0"): [1]} == counts[metrics.REQUESTS]
    assert {(): [1]} == counts[metrics.ABORTED]
    assert {} == counts[metrics.FIRST_BYTE]


async def test_requests_under_way_and_connections_are_known() -> None:
    under_way: list[float] = []

    async def answer(request: Request) -> Response:
        request.facts["operation"] = "HeadBucket"
        readings = dict(metrics.PANEL.read())
        under_way.extend(
            readings[one][0].cells[0] for one in (metrics.IN_FLIGHT, metrics.CONNECTIONS)
        )
        return Response(200, {}, b"fine")

    with counted() as counts:
        before = [
            found[0].cells[0]
            for one, found in metrics.PANEL.read()
            if one in (metrics.IN_FLIGHT, metrics.CONNECTIONS)
        ]
        async with serving(answer) as running, connected(running.address) as client:
            await client.ask(get())

    assert [before[0] + 1, before[1] + 1] == under_way
    assert {("HeadBucket", "200"): [1]} == counts[metrics.REQUESTS]
    assert {("HeadBucket",): [4]} == counts[metrics.SENT_BYTES]
    until_first, whole = (
        counts[one]["HeadBucket",] for one in (metrics.FIRST_BYTE, metrics.DURATION)
    )
    assert [1, 1] == [sum(until_first[:-1]), sum(whole[:-1])]
    assert 0 < until_first[-1] <= whole[-1]
    assert {} == counts[metrics.IN_FLIGHT]
