"""How many connections there may be."""

from ferrox import metrics
from ferrox.gateway.limits import Admission
from tests.counted import counting
from tests.gateway.wire import connected, get, ok, serving


def test_no_limit_admits_everybody() -> None:
    admission = Admission(0)

    assert [True] * 5 == [admission.enter() for _ in range(5)]


def test_whoever_leaves_makes_room() -> None:
    admission = Admission(1)

    first, second = admission.enter(), admission.enter()
    admission.leave()
    admission.leave()

    assert (True, False, True) == (first, second, admission.enter())


async def test_one_connection_too_many_is_told_to_slow_down() -> None:
    async with serving(ok, max_connections=1) as running, connected(running.address) as client:
        await client.ask(get())
        async with connected(running.address) as extra:
            refused = await extra.ask(get())
            end = await extra.rest()
        served = await client.ask(get())

    assert (503, b"", 200) == (refused.status, end, served.status)
    assert b"<Code>SlowDown</Code>" in refused.body


def test_connections_are_counted_as_they_come_and_go() -> None:
    admission = Admission(1)

    with counting() as both:
        admission.enter()
        admission.enter()
    with counting() as none:
        admission.leave()
        admission.leave()

    assert ({(): [2]}, {(): [1]}) == (
        both[metrics.CONNECTIONS],
        both[metrics.CONNECTIONS_REFUSED],
    )
    assert {(): [-2]} == none[metrics.CONNECTIONS]


def test_connections_of_operators_are_not_counted() -> None:
    admission = Admission(0, is_counted=False)

    with counting() as counts:
        admission.enter()

    assert {} == counts[metrics.CONNECTIONS]
