"""What callers may still do at this moment: token buckets, shared by all processes of a server.

Theory of operation. An allowance is a level that sinks with use and rises with time, up to a
bound. It is kept as the level at an instant; what time has added since is worked out by whoever
looks, so nothing runs in the background and a limit can change at any moment.

The levels lie in memory that was mapped before the fork. A caller's place is found by a keyed hash
of its name: a group of WAYS places, one of which carries the name's digest. 128 bits of a keyed
hash stand for the name itself, which may be long; nobody outside can make two names meet. A name
that has no place takes the one in its group that is full again the soonest. As a rule that one is
full already, and a full allowance is what a caller without a place has: nothing is lost. Only when
more than WAYS callers of one group are short of something at once, the one that is short for the
shortest time is forgiven it.

A process that looks at a group holds a record lock on one byte of an otherwise empty file; the
others wait, for a microsecond. The kernel lets go of a dead process's locks, so it blocks nobody,
and it can have left one place half changed: each number is stored at once, so that one caller has
a little more or less than it should, and no more than a full allowance.

Bytes are taken together with the next request of the same process, or as soon as they are worth a
sixteenth of a second: the bytes of a small request cost no lock of their own.

Time is CLOCK_MONOTONIC, which on Linux is the same in all processes.
"""

import fcntl
import math
import mmap
import os
import struct
import time
from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b
from typing import IO, NamedTuple

GROUPS = 1024
WAYS = 8

_DIGEST_BYTES = 16
_PLACE = struct.Struct(f"={_DIGEST_BYTES}sddqq")
_GROUP_BYTES = WAYS * _PLACE.size
_LATEST_NS = (1 << 63) - 1
_SHARES = 16
"""Bytes wait in a process until they are worth this part of a second, or the next request."""

_WHOLE = 1 - 1e-9
"""A request's worth, whatever was lost in rounding."""


class Limit(NamedTuple):
    """How much a caller may do; 0 is no limit.

    burst        requests that may come at once, after a pause; 0: as many as a second brings, or 1
    bytes_per_s  of bodies, in both directions together; a second's worth may come at once
    """

    requests_per_s: float = 0.0
    burst: int = 0
    bytes_per_s: float = 0.0

    @property
    def most_requests(self) -> float:
        """The level of a full allowance."""
        return self.burst or max(1.0, self.requests_per_s)


_Level = tuple[float, float]
"""What a caller has left: requests, and bytes, which are negative when it owes some."""


class _Place:
    """Where the allowance of one caller is, as far as this process has seen it."""

    __slots__ = ("digest", "group", "offset", "waiting_bytes")

    def __init__(self, digest: bytes, group: int) -> None:
        self.digest = digest
        self.group = group
        self.offset = group * _GROUP_BYTES
        self.waiting_bytes = 0


class Allowances:
    """What is left to each caller. Made before the fork, used in one thread of each process.

    lock  an empty file, for nothing but its locks
    """

    def __init__(
        self, lock: IO[bytes], now_ns: Callable[[], int] = time.monotonic_ns, groups: int = GROUPS
    ) -> None:
        self._lock_file = lock
        self._lock = lock.fileno()
        self._now_ns = now_ns
        self._groups = groups
        self._memory = mmap.mmap(-1, groups * _GROUP_BYTES)
        self._hash_key = os.urandom(_DIGEST_BYTES)
        self._place = lru_cache(maxsize=4096)(self._placed)

    def take(self, caller: str, limit: Limit) -> float:
        """Take one request from what a caller has left; return the seconds to wait if it cannot.

        Whoever is turned away has nothing taken from it.
        """
        place = self._place(caller)
        fcntl.lockf(self._lock, fcntl.LOCK_EX, 1, place.group)
        try:
            now_ns = self._now_ns()
            requests, count_bytes = self._level(place, limit, now_ns)
            may = requests >= _WHOLE and count_bytes >= 0
            if may or place.waiting_bytes:
                self._put(place, requests - may, count_bytes, limit, now_ns)
                place.waiting_bytes = 0
            if may:
                return 0.0
        finally:
            fcntl.lockf(self._lock, fcntl.LOCK_UN, 1, place.group)
        return _wait_s(requests, count_bytes, limit)

    def charge(self, caller: str, limit: Limit, count_bytes: int) -> None:
        """Take bytes that have passed; a caller who had fewer left is in debt."""
        place = self._place(caller)
        place.waiting_bytes += count_bytes
        if place.waiting_bytes * _SHARES < limit.bytes_per_s:
            return
        fcntl.lockf(self._lock, fcntl.LOCK_EX, 1, place.group)
        try:
            now_ns = self._now_ns()
            self._put(place, *self._level(place, limit, now_ns), limit, now_ns)
            place.waiting_bytes = 0
        finally:
            fcntl.lockf(self._lock, fcntl.LOCK_UN, 1, place.group)

    def _placed(self, caller: str) -> _Place:
        digest = blake2b(
            caller.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES, key=self._hash_key
        ).digest()
        return _Place(digest, int.from_bytes(digest, "big") % self._groups)

    def _level(self, place: _Place, limit: Limit, now_ns: int) -> _Level:
        """What a caller has left now, infinitely much of what is not limited.

        Bytes that wait are taken off, so whoever writes this down has taken them.
        """
        found, requests, count_bytes, at_ns, _ = _PLACE.unpack_from(self._memory, place.offset)
        if found != place.digest:
            found, requests, count_bytes, at_ns, _ = self._look_for(place)
        if found != place.digest:
            requests = count_bytes = math.inf
        passed_s = (now_ns - at_ns) / 1e9
        if limit.requests_per_s:
            requests = min(limit.most_requests, requests + passed_s * limit.requests_per_s)
        else:
            requests = math.inf
        if limit.bytes_per_s:
            count_bytes = min(limit.bytes_per_s, count_bytes + passed_s * limit.bytes_per_s)
            count_bytes -= place.waiting_bytes
        else:
            count_bytes = math.inf
        return requests, count_bytes

    def _look_for(self, place: _Place) -> tuple[bytes, float, float, int, int]:
        """Find a caller's place, or the one of its group that it may take."""
        first = place.group * _GROUP_BYTES
        offsets = range(first, first + _GROUP_BYTES, _PLACE.size)
        held = [_PLACE.unpack_from(self._memory, offset) for offset in offsets]
        own = [number for number, one in enumerate(held) if one[0] == place.digest]
        number = own[0] if own else min(range(WAYS), key=lambda number: held[number][-1])
        place.offset = offsets[number]
        return held[number]

    def _put(
        self, place: _Place, requests: float, count_bytes: float, limit: Limit, now_ns: int
    ) -> None:
        lacking_s = 0.0
        if limit.requests_per_s:
            lacking_s = (limit.most_requests - requests) / limit.requests_per_s
        if limit.bytes_per_s:
            lacking_s = max(lacking_s, (limit.bytes_per_s - count_bytes) / limit.bytes_per_s)
        full_at_ns = min(now_ns + int(lacking_s * 1e9), _LATEST_NS)
        _PLACE.pack_into(
            self._memory, place.offset, place.digest, requests, count_bytes, now_ns, full_at_ns
        )


def _wait_s(requests: float, count_bytes: float, limit: Limit) -> float:
    """How long until there is a whole request, and no debt."""
    wait_s = 0.0
    if requests < _WHOLE:
        wait_s = (1 - requests) / limit.requests_per_s
    if count_bytes < 0:
        wait_s = max(wait_s, -count_bytes / limit.bytes_per_s)
    return wait_s
