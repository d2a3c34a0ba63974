"""The faults that a server injects, where all its processes see them and none counts for itself.

Theory of operation. Rules lie in memory that was mapped before the fork, each in a slot with its
number and two counters: requests that it concerned, and those it happened to. Whoever changes a
rule or a counter holds a record lock, which the kernel takes from a process that dies; the first
number in the memory rises with each change of the rules, so that looking whether there are new ones
costs no lock.

Whether a rule happens to its n-th request is a function of the seed, the rule's number and n: a
test that does the same again meets the same faults, however many processes serve it, as long as
its requests come one after the other.
"""

import fcntl
import mmap
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from typing import IO, NamedTuple

from ferrox.fault_rules import FaultRule, read_rule

MOST_RULES = 64
MOST_TEXT_BYTES = 484

_HEAD = struct.Struct("=QQ")
"""How often rules were changed, and the number of the newest."""

_SLOT = struct.Struct(f"=QQQI{MOST_TEXT_BYTES}s")
"""Number of the rule, 0 where there is none; requests; of them injected; length; text."""

_COUNTERS = struct.Struct("=QQQ")


class Placed(NamedTuple):
    """A rule in its slot, and how often it concerned a request and happened to it so far."""

    slot: int
    number: int
    rule: FaultRule
    requests: int
    injected: int


class FaultBoard:
    """Made before the fork.

    lock  an empty file, for nothing but its locks
    """

    def __init__(self, lock: IO[bytes], seed: int = 0) -> None:
        self._lock = lock
        self._seed = seed
        self._memory = mmap.mmap(-1, _HEAD.size + MOST_RULES * _SLOT.size)

    def close(self) -> None:
        """Give back what is only there to be locked."""
        self._lock.close()

    @property
    def generation(self) -> int:
        """Another number after each change of the rules; looking costs no lock."""
        (generation, _) = _HEAD.unpack_from(self._memory)
        return int(generation)

    def rules(self) -> list[Placed]:
        """All rules, in the order in which they were added."""
        with self._alone():
            return sorted(self._placed(), key=lambda placed: placed.number)

    def add(self, rule: FaultRule) -> Placed:
        """Have a rule happen from now on; ValueError when there is no room for it."""
        text = rule.text.encode()
        if len(text) > MOST_TEXT_BYTES:
            raise ValueError(f"a rule has {MOST_TEXT_BYTES} bytes at most")
        with self._alone():
            taken = {placed.slot for placed in self._placed()}
            slot = next((slot for slot in range(MOST_RULES) if slot not in taken), None)
            if slot is None:
                raise ValueError(f"there are {MOST_RULES} rules already")
            number = self._changed(more=1)
            _SLOT.pack_into(self._memory, _offset(slot), number, 0, 0, len(text), text)
        return Placed(slot, number, rule, 0, 0)

    def remove(self, number: int) -> bool:
        """Have a rule happen no more; whether there was one of this number."""
        with self._alone():
            found = [placed.slot for placed in self._placed() if placed.number == number]
            self._empty(found)
        return bool(found)

    def clear(self) -> int:
        """Have nothing happen any more; how many rules there were."""
        with self._alone():
            found = [placed.slot for placed in self._placed()]
            self._empty(found)
        return len(found)

    def draw(self, placed: Placed) -> bool:
        """Whether a rule happens to one more request that it concerns."""
        rule, offset = placed.rule, _offset(placed.slot)
        with self._alone():
            number, requests, injected = _COUNTERS.unpack_from(self._memory, offset)
            if number != placed.number:
                return False  # it has been removed since we looked
            requests += 1
            happens = (rule.limit is None or injected < rule.limit) and happens_to(
                self._seed, number, requests, rule.probability
            )
            _COUNTERS.pack_into(self._memory, offset, number, requests, injected + happens)
        return happens

    def _placed(self) -> Iterator[Placed]:
        for slot in range(MOST_RULES):
            found = _SLOT.unpack_from(self._memory, _offset(slot))
            number, requests, injected, length, text = found
            if number:
                yield Placed(slot, number, read_rule(text[:length].decode()), requests, injected)

    def _empty(self, slots: list[int]) -> None:
        for slot in slots:
            _COUNTERS.pack_into(self._memory, _offset(slot), 0, 0, 0)
        self._changed()

    def _changed(self, more: int = 0) -> int:
        """Tell everybody that the rules are others now; the number of the newest rule."""
        generation, newest = _HEAD.unpack_from(self._memory)
        _HEAD.pack_into(self._memory, 0, generation + 1, newest + more)
        return int(newest + more)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        fcntl.lockf(self._lock, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.lockf(self._lock, fcntl.LOCK_UN)


def happens_to(seed: int, number: int, request: int, probability: float) -> bool:
    """Whether a rule happens to its n-th request, for a probability: always the same answer."""
    drawn = blake2b(f"{seed}.{number}.{request}".encode(), digest_size=8).digest()
    return int.from_bytes(drawn, "big") < probability * 2.0**64


def _offset(slot: int) -> int:
    return _HEAD.size + slot * _SLOT.size
