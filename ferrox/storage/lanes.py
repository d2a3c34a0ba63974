"""Lanes: blocks of one byte stream, seen in order by several consumers that run side by side.

The event loop fills a block and sends it; each lane hands the blocks one after the other to its
consumer, on a thread of the pool. A lane that has more blocks waiting goes on without a detour
over the event loop, so that the slowest one is never idle while there is work. When all lanes have
seen a block it comes back to be filled again. So memory is `block_count` blocks, and the sender
waits for the slowest consumer.

The first failure of a consumer ends the work: blocks still under way are passed over, and the
sender is told at its next step.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor


class Block:
    """A buffer that is filled, sent, and comes back."""

    __slots__ = ("_buffer", "lanes_left", "length")

    def __init__(self, block_bytes: int) -> None:
        self._buffer = memoryview(bytearray(block_bytes))
        self.length = 0
        self.lanes_left = 0

    def fill(self, data: memoryview) -> int:
        """Copy as much as there is room for; return how much that was."""
        taken = min(len(data), len(self._buffer) - self.length)
        end = self.length + taken
        self._buffer[self.length : end] = data[:taken]
        self.length = end
        return taken

    @property
    def is_full(self) -> bool:
        """Whether there is no room left."""
        return self.length == len(self._buffer)

    @property
    def data(self) -> memoryview:
        """What was filled in."""
        return self._buffer[: self.length].toreadonly()


class BlockPool:
    """Keeps blocks from one body for the next: fresh memory has to be cleared by the kernel first.

    More than `kept_count` are let go, so that many bodies at once do not cost memory for ever.
    """

    def __init__(self, block_bytes: int, kept_count: int) -> None:
        self._block_bytes = block_bytes
        self._kept_count = kept_count
        self._kept: list[Block] = []

    def take(self) -> Block:
        """An empty block."""
        if not self._kept:
            return Block(self._block_bytes)
        block = self._kept.pop()
        block.length = 0
        return block

    def give(self, blocks: Sequence[Block]) -> None:
        """Take back blocks that nobody uses any more."""
        self._kept.extend(blocks[: self._kept_count - len(self._kept)])


class _Lane:
    __slots__ = ("consume", "is_running", "waiting")

    def __init__(self, consume: Callable[[memoryview], object]) -> None:
        self.consume = consume
        self.waiting: deque[Block] = deque()
        self.is_running = False


class Lanes:
    """The lanes of one stream. All methods are called on the event loop, by one task at a time."""

    def __init__(
        self,
        consumers: Sequence[Callable[[memoryview], object]],
        threads: Executor,
        pool: BlockPool,
        *,
        block_count: int,
    ) -> None:
        self._lanes = [_Lane(consume) for consume in consumers]
        self._threads = threads
        self._pool = pool
        self._unmade_count = block_count
        self._spare: list[Block] = []
        self._under_way_count = 0
        self._failure: BaseException | None = None
        self._lock = threading.Lock()  # over the lanes' fields and lanes_left
        self._loop = asyncio.get_running_loop()
        self._return: asyncio.Future[None] | None = None

    async def spare(self) -> Block:
        """An empty block, as soon as there is one."""
        while True:
            self._raise_failure()
            if self._spare:
                block = self._spare.pop()
                block.length = 0
                return block
            if self._unmade_count:
                self._unmade_count -= 1
                return self._pool.take()
            await self._wait_return()

    def send(self, block: Block) -> None:
        """Let every lane see the block."""
        block.lanes_left = len(self._lanes)
        self._under_way_count += 1
        for lane in self._lanes:
            with self._lock:
                lane.waiting.append(block)
                is_idle = not lane.is_running
                lane.is_running = True
            if is_idle:
                self._start(lane)

    async def drain(self) -> None:
        """Wait until every block was seen by every lane; raise the first failure."""
        await self.wait_idle()
        self._raise_failure()

    async def wait_idle(self) -> None:
        """Wait until no thread works on a block, whether or not all went well."""
        while self._under_way_count:
            await self._wait_return()

    def close(self) -> None:
        """Give the blocks back: nothing is under way any more, and nothing comes."""
        self._pool.give(self._spare)
        self._spare.clear()

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure

    async def _wait_return(self) -> None:
        self._return = self._loop.create_future()
        await self._return

    def _start(self, lane: _Lane) -> None:
        try:
            self._threads.submit(self._run, lane)
        except RuntimeError as error:  # the pool is closed, or the system has no more threads
            self._failure = self._failure or error
            self._run(lane)  # which passes over all that waits, so that nobody waits for it

    def _run(self, lane: _Lane) -> None:
        """Serve a lane until nothing waits in it. Runs on a thread."""
        while True:
            with self._lock:
                if not lane.waiting:
                    lane.is_running = False
                    return
                block = lane.waiting.popleft()
            try:
                if self._failure is None:
                    lane.consume(block.data)
            except BaseException as error:  # noqa: BLE001 - raised again by the sender's next step
                self._failure = self._failure or error
            with self._lock:
                block.lanes_left -= 1
                is_seen_by_all = block.lanes_left == 0
            if is_seen_by_all:
                self._loop.call_soon_threadsafe(self._take_back, block)

    def _take_back(self, block: Block) -> None:
        self._under_way_count -= 1
        self._spare.append(block)
        if self._return is not None and not self._return.done():
            self._return.set_result(None)
