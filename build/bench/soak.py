"""A long mixed run that watches memory: it may rise while caches fill, then it has to stay.

Small objects are written, read and removed over keep-alive connections in one thread, multipart
uploads, downloads and listings go through boto3 in another. The set of keys is bounded, so what
grows is the server.
"""

import io
import os
import random
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from build.bench import boto, process_tree, walker
from build.bench.figures import MeasurementFailed
from build.bench.target import BUCKET, Target

KEYS = 2000
SIZES = (1024, 4096, 32 * 1024, 128 * 1024)
CONNECTIONS = 8
PREPARED_REQUESTS = 20_000
MULTIPART_BYTES = 20 << 20
SAMPLE_S = 1.0
WARM_UP_S = 150.0  # caches fill; of a run shorter than twice that, the first half
MOST_GROWTH = 0.08  # of the median, over the rest of the run
MOST_GROWTH_MB = 4.0  # and less than this is never growth


@dataclass(frozen=True)
class Growth:
    """What the samples after warming up say."""

    median_mb: float
    grown_mb: float

    @property
    def is_too_much(self) -> bool:
        """Whether the server would run out of memory some day."""
        return self.grown_mb > max(MOST_GROWTH_MB, MOST_GROWTH * self.median_mb)


def growth(samples: Sequence[tuple[float, float]]) -> Growth:
    """Fit a line through (seconds, MB), without the part in which caches fill."""
    warm_s = min(WARM_UP_S, samples[-1][0] / 2)
    steady = [sample for sample in samples if sample[0] >= warm_s]
    seconds, sizes = zip(*steady, strict=True)
    slope = statistics.linear_regression(seconds, sizes).slope
    return Growth(statistics.median(sizes), slope * (seconds[-1] - seconds[0]))


def run(target: Target, minutes: float, say: Callable[[str], None]) -> Growth:
    """Work for that long; what became of the server's memory."""
    stop = threading.Event()
    limit_s = minutes * 60
    failures: list[Exception] = []
    threads = [
        threading.Thread(target=_guarded, args=(work, target, limit_s, stop, failures))
        for work in (_small_objects, _large_objects)
    ]
    for thread in threads:
        thread.start()
    try:
        samples = _watch(target, limit_s, failures, say)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    if failures:
        raise MeasurementFailed(f"the run broke off: {failures[0]}") from failures[0]
    return growth(samples)


def _watch(
    target: Target, limit_s: float, failures: list[Exception], say: Callable[[str], None]
) -> list[tuple[float, float]]:
    began = time.monotonic()
    samples: list[tuple[float, float]] = []
    while (passed_s := time.monotonic() - began) < limit_s and not failures:
        samples.append((passed_s, process_tree.pss_bytes(target.server.pid) / 1e6))
        if len(samples) % 15 == 1:
            say(f"{passed_s:5.0f} s  PSS {samples[-1][1]:.1f} MB")
        time.sleep(SAMPLE_S)
    return samples


_Work = Callable[[Target, float, threading.Event], None]


def _guarded(
    work: _Work, target: Target, limit_s: float, stop: threading.Event, failures: list[Exception]
) -> None:
    try:
        work(target, limit_s, stop)
    except Exception as error:  # noqa: BLE001 - whatever ends a thread is the result of the run
        failures.append(error)


def _small_objects(target: Target, limit_s: float, stop: threading.Event) -> None:
    kept = [f"soak/kept/{number:04}" for number in range(KEYS)]
    target.fill(kept, SIZES[1])
    prepared = [_request(target, kept) for _ in range(PREPARED_REQUESTS)]
    requests = _until(stop, prepared)
    tally = walker.walk(target.server.port, requests, CONNECTIONS, limit_s=limit_s)
    if tally.refused:
        raise MeasurementFailed(f"{tally.refused} of {tally.count}: {tally.first_refusal}")


def _request(target: Target, kept: Sequence[str]) -> bytes:
    """One of five requests reads, two write over, one makes a passing object, one removes such."""
    method = random.choice(("GET", "PUT", "PUT", "NEW", "DELETE"))  # noqa: S311 - no secret
    if method in ("NEW", "DELETE"):
        key = f"soak/passing/{random.randrange(KEYS):04}"  # noqa: S311 - no secret
    else:
        key = random.choice(kept)  # noqa: S311 - no secret
    body = os.urandom(random.choice(SIZES)) if method in ("NEW", "PUT") else None  # noqa: S311
    return target.request(method.replace("NEW", "PUT"), target.path(key), body)


def _until(stop: threading.Event, requests: Sequence[bytes]) -> Iterator[bytes]:
    while not stop.is_set():
        yield from requests


def _large_objects(target: Target, limit_s: float, stop: threading.Event) -> None:
    client = boto.client(target.server)
    until = time.monotonic() + limit_s
    body = os.urandom(MULTIPART_BYTES)
    while not stop.is_set() and time.monotonic() < until:
        client.upload_fileobj(io.BytesIO(body), BUCKET, "soak/large")
        received = io.BytesIO()
        client.download_fileobj(BUCKET, "soak/large", received)
        if received.getvalue() != body:
            raise MeasurementFailed("other bytes came back than were sent")
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET):
            del page
        client.delete_object(Bucket=BUCKET, Key="soak/large")
