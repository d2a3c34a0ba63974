"""Lanes: every consumer sees every block in order, and the first failure ends the work."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrox.storage.lanes import Block, BlockPool, Lanes


@pytest.fixture(scope="module")
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(3) as pool:
        yield pool


async def send(lanes: Lanes, data: bytes) -> None:
    block = await lanes.spare()
    block.fill(memoryview(data))
    lanes.send(block)


@given(st.lists(st.binary(min_size=1, max_size=8), max_size=30), st.integers(1, 4))
async def test_every_lane_sees_every_block_in_order(
    threads: ThreadPoolExecutor, pieces: list[bytes], block_count: int
) -> None:
    seen: list[list[bytes]] = [[], [], [], []]
    lanes = Lanes(
        [lambda data, lane=lane: lane.append(bytes(data)) for lane in seen],  # type: ignore[misc]
        threads,
        BlockPool(8, 0),
        block_count=block_count,
    )

    for piece in pieces:
        await send(lanes, piece)
    await lanes.drain()

    assert [pieces] * 4 == seen


def test_a_block_takes_what_there_is_room_for() -> None:
    block = Block(4)

    taken = [block.fill(memoryview(b"abc")), block.fill(memoryview(b"def"))]

    assert taken == [3, 1]
    assert block.is_full
    assert bytes(block.data) == b"abcd"
    assert block.data.readonly


async def test_the_sender_waits_for_the_slowest_consumer(threads: ThreadPoolExecutor) -> None:
    gate = threading.Event()
    lanes = Lanes([lambda _: gate.wait()], threads, BlockPool(8, 0), block_count=2)
    await send(lanes, b"1")
    await send(lanes, b"2")

    third = asyncio.ensure_future(lanes.spare())
    for _ in range(10):
        await asyncio.sleep(0)

    assert not third.done()
    gate.set()
    await third
    await lanes.drain()


async def test_a_failure_reaches_the_sender(threads: ThreadPoolExecutor) -> None:
    seen: list[bytes] = []

    def consume(data: memoryview) -> None:
        seen.append(bytes(data))
        raise OSError("broken")

    lanes = Lanes([consume], threads, BlockPool(8, 0), block_count=1)
    await send(lanes, b"1")

    with pytest.raises(OSError, match="broken"):
        await send(lanes, b"2")
    with pytest.raises(OSError, match="broken"):
        await lanes.drain()
    await lanes.wait_idle()
    assert seen == [b"1"]


async def test_threads_that_cannot_be_had_are_a_failure_and_nobody_waits_for_them() -> None:
    pool = ThreadPoolExecutor(1)
    seen: list[bytes] = []
    lanes = Lanes([lambda data: seen.append(bytes(data))] * 2, pool, BlockPool(8, 0), block_count=2)
    pool.shutdown()

    await send(lanes, b"1")

    with pytest.raises(RuntimeError, match="shutdown"):
        await lanes.drain()
    await lanes.wait_idle()
    assert [] == seen


async def test_blocks_go_from_one_stream_to_the_next(threads: ThreadPoolExecutor) -> None:
    seen: list[bytes] = []
    pool = BlockPool(8, 2)

    used = []
    for data in (b"longer", b"short"):
        lanes = Lanes([lambda data: seen.append(bytes(data))], threads, pool, block_count=1)
        used.append(await lanes.spare())
        used[-1].fill(memoryview(data))
        lanes.send(used[-1])
        await lanes.drain()
        lanes.close()

    assert used[0] is used[1]
    assert [b"longer", b"short"] == seen


def test_a_pool_lets_go_of_what_is_too_much() -> None:
    pool = BlockPool(8, 2)
    blocks = [pool.take() for _ in range(4)]

    pool.give(blocks[:1])
    pool.give(blocks[1:])

    taken = [pool.take() for _ in range(3)]
    assert {*map(id, blocks[:2])} == {*map(id, taken[:2])}
    assert taken[2] not in blocks
