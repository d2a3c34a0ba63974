"""Small objects over many keys, with wrk; HEAD, which wrk cannot do, with the walker."""

from itertools import cycle

from build.bench import walker, wrk
from build.bench.figures import Figures, MeasurementFailed
from build.bench.target import Target

CONNECTIONS = 32
MOST_KEYS = 4096
MOST_BYTES = 64 << 20  # of one set of objects: all of it stays in the page cache
NEW_KEYS_A_SECOND = 12_000  # more than any of the servers takes
MOST_NEW_BYTES = 2 << 30  # in one round; what goes beyond falls on keys of the same round


def get(target: Target, *, size: int) -> Figures:
    """Read each of many objects in turn."""
    keys = _keys(size)
    target.fill(keys, size)
    targets = target.targets("GET", keys)
    walk = wrk.walk(target, "GET", targets, connections=CONNECTIONS, answer_bytes=size)
    return _figures(walk)


def head(target: Target, *, size: int) -> Figures:
    """Ask for each of many objects in turn."""
    keys = _keys(size)
    target.fill(keys, size)
    requests = cycle([target.request("HEAD", target.path(key)) for key in keys])
    port, limit_s = target.server.port, target.scale.seconds
    with target.spending() as spent:
        tally = walker.walk(port, requests, CONNECTIONS, limit_s=limit_s, is_head=True)
    if tally.refused:
        raise MeasurementFailed(f"{tally.refused} refused: {tally.first_refusal}")
    return {"rate": tally.count / tally.duration_s, "cpu": spent.per_request_us(tally.count)}


def put(target: Target, *, size: int, connections: int = CONNECTIONS) -> Figures:
    """Write objects under keys that were never there."""
    most = min(NEW_KEYS_A_SECOND * target.scale.seconds, MOST_NEW_BYTES // size)
    folder = f"new/{size}/{connections}/{target.round}"
    target.fill([f"{folder}/first"], size)
    return _put(target, [f"{folder}/{n:06}" for n in range(most)], size, connections)


def overwrite(target: Target, *, size: int) -> Figures:
    """Write over objects that are there."""
    keys = _keys(size)
    target.fill(keys, size)
    return _put(target, keys, size, CONNECTIONS)


def _put(target: Target, keys: list[str], size: int, connections: int) -> Figures:
    targets = target.targets("PUT", keys)
    walk = wrk.walk(target, "PUT", targets, connections=connections, size=size)
    return {**_figures(walk), "written": walk.written_bytes / walk.count / size}


def _figures(walk: wrk.Walk) -> Figures:
    return {
        "rate": walk.count / walk.duration_s,
        "cpu": walk.cpu_us,
        "p50": walk.p50_ms,
        "p99": walk.p99_ms,
    }


def _keys(size: int) -> list[str]:
    return [f"kept/{size}/{n:05}" for n in range(min(MOST_KEYS, MOST_BYTES // size))]
