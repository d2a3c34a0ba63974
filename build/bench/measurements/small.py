"""Small objects over many keys, with wrk; HEAD, which wrk cannot do, with the walker."""

from collections.abc import Iterator
from itertools import cycle

from build.bench import walker, wrk
from build.bench.figures import Figures, MeasurementFailed
from build.bench.target import Target

CONNECTIONS = 32
MOST_KEYS = 4096
MOST_BYTES = 64 << 20  # of one set of objects: all of it stays in the page cache
NEW_KEYS_A_SECOND = 12_000  # more than any of the servers takes


def get(target: Target, *, size: int) -> Figures:
    """Read each of many objects in turn."""
    keys = _keys(size)
    target.fill(keys, size)
    return _figures(wrk.walk(target, "GET", target.targets("GET", keys), connections=CONNECTIONS))


def head(target: Target, *, size: int) -> Figures:
    """Ask for each of many objects in turn."""
    keys = _keys(size)
    target.fill(keys, size)
    requests = _endless(target, "HEAD", keys)
    with target.spending() as spent:
        tally = walker.walk(
            target.server.port, requests, CONNECTIONS, limit_s=target.scale.seconds, is_head=True
        )
    if tally.refused:
        raise MeasurementFailed(f"{tally.refused} refused: {tally.first_refusal}")
    return {
        "rate": tally.count / tally.duration_s,
        "cpu": spent.per_request_us(tally.count),
    }


def put(target: Target, *, size: int) -> Figures:
    """Write objects under keys that were never there."""
    most = min(NEW_KEYS_A_SECOND * target.scale.seconds, (2 << 30) // size)
    keys = [f"new/{size}/{target.round}/{n:06}" for n in range(most)]
    return _figures(_put(target, keys, size, CONNECTIONS))


def overwrite(target: Target, *, size: int) -> Figures:
    """Write over objects that are there."""
    keys = _keys(size)
    target.fill(keys, size)
    return _figures(_put(target, keys, size, CONNECTIONS))


def _put(target: Target, keys: list[str], size: int, connections: int) -> wrk.Walk:
    return wrk.walk(target, "PUT", target.targets("PUT", keys), connections=connections, size=size)


def _figures(walk: wrk.Walk) -> Figures:
    return {
        "rate": walk.count / walk.duration_s,
        "cpu": walk.cpu_us,
        "p50": walk.p50_ms,
        "p99": walk.p99_ms,
    }


def _keys(size: int) -> list[str]:
    return [f"kept/{size}/{n:05}" for n in range(min(MOST_KEYS, MOST_BYTES // size))]


def _endless(target: Target, method: str, keys: list[str]) -> Iterator[bytes]:
    return cycle([target.request(method, target.path(key)) for key in keys])
