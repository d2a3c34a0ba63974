"""What a client may send before h2 looks at it."""

import random

import pytest
from h2.errors import ErrorCodes
from hyperframe import frame as frames

from ferrox.gateway.http2.guard import (
    COSTS,
    EMPTY_DATA_COST,
    PATIENCE,
    PATIENCE_PER_S,
    PREFACE,
    Guard,
    Kind,
    OverrunError,
    Patience,
)

BEGIN = PREFACE + frames.SettingsFrame(0).serialize()


def a_guard() -> Guard:
    return Guard(Patience(0.0), 32_768, 10_000)


def refused(data: bytes) -> ErrorCodes:
    guard = a_guard()
    with pytest.raises(OverrunError) as caught:
        guard.feed(data, 0.0)
    return caught.value.code


def test_good_frames_pass_as_they_are() -> None:
    data = BEGIN + frames.DataFrame(1, bytes(32_768)).serialize()

    assert data is a_guard().feed(data, 0.0)


@pytest.mark.parametrize("seed", range(20))
def test_the_same_passes_however_it_is_cut(seed: int) -> None:
    chance = random.Random(seed)
    going = frames.GoAwayFrame(0, 5, 0, b"bye" * 20).serialize()
    good = [frames.DataFrame(1, bytes(size)).serialize() for size in (1, 100, 9, 3_000)]
    data = BEGIN + good[0] + good[1] + going + good[2] + going + going + good[3]
    guard = a_guard()
    passed = b""
    while data:
        size = chance.choice([1, 2, 8, 9, 10, 500])
        passed += guard.feed(data[:size], 0.0)
        data = data[size:]

    assert BEGIN + b"".join(good) == passed
    assert guard.is_leaving


def test_settings_come_first() -> None:
    assert ErrorCodes.PROTOCOL_ERROR == refused(PREFACE + frames.PingFrame(0).serialize())


@pytest.mark.parametrize("kind", [0, 1, 3, 4, 6, 8, 9, 99])
def test_a_frame_that_is_too_large_is_refused_before_it_comes(kind: int) -> None:
    head = (32_769).to_bytes(3, "big") + bytes((kind, 0)) + (1).to_bytes(4, "big")

    assert ErrorCodes.FRAME_SIZE_ERROR == refused(BEGIN + head)


@pytest.mark.parametrize(
    ("kind", "length"), [(Kind.SETTINGS, 390), (Kind.PING, 16_385), (77, 16_385)]
)
def test_frames_that_say_little_are_small(kind: int, length: int) -> None:
    head = length.to_bytes(3, "big") + bytes((kind, 0)) + bytes(4)

    assert ErrorCodes.ENHANCE_YOUR_CALM == refused(BEGIN + head)


def test_fields_are_counted_over_all_their_frames() -> None:
    first = frames.HeadersFrame(1, data=bytes(6_000)).serialize()
    more = frames.ContinuationFrame(1, data=bytes(3_000)).serialize()
    again = frames.HeadersFrame(3, data=bytes(6_000)).serialize()
    guard = a_guard()
    guard.feed(BEGIN + first + more + again + more, 0.0)

    with pytest.raises(OverrunError):
        guard.feed(more, 0.0)


def test_patience_comes_back_with_time() -> None:
    patience = Patience(0.0)
    patience.spend(PATIENCE, 0.0)
    patience.spend(PATIENCE_PER_S, 1.0)

    with pytest.raises(OverrunError):
        patience.spend(1.0, 1.0)


def test_patience_comes_back_with_what_is_of_use_but_is_never_more_than_at_first() -> None:
    patience = Patience(0.0)
    patience.earn(PATIENCE)
    patience.spend(PATIENCE, 0.0)
    patience.earn(3.0)
    patience.spend(3.0, 0.0)

    with pytest.raises(OverrunError):
        patience.spend(0.1, 0.0)


@pytest.mark.parametrize(
    ("frame", "cost"),
    [
        (frames.DataFrame(1), EMPTY_DATA_COST),
        (frames.PingFrame(0), COSTS[Kind.PING]),
        (frames.RstStreamFrame(1), COSTS[Kind.RST_STREAM]),
        (frames.WindowUpdateFrame(1, 1), COSTS[Kind.WINDOW_UPDATE]),
    ],
)
def test_what_is_of_no_use_is_put_up_with_for_so_long(frame: frames.Frame, cost: float) -> None:
    guard = a_guard()
    guard.feed(BEGIN, 0.0)
    for _ in range(int((PATIENCE - COSTS[Kind.SETTINGS]) / cost)):
        guard.feed(frame.serialize(), 0.0)

    with pytest.raises(OverrunError) as caught:
        guard.feed(frame.serialize(), 0.0)

    assert ErrorCodes.ENHANCE_YOUR_CALM == caught.value.code


def test_the_end_of_a_body_and_what_is_in_it_cost_nothing() -> None:
    guard = a_guard()
    guard.feed(BEGIN, 0.0)
    data = (
        frames.DataFrame(1, b"x").serialize()
        + frames.DataFrame(1, flags=["END_STREAM"]).serialize()
    )

    assert [data] * 10_000 == [guard.feed(data, 0.0) for _ in range(10_000)]
