"""Large objects on one connection."""

import time
from collections.abc import Callable

from build.bench import plain_http
from build.bench.figures import Figures, MeasurementFailed
from build.bench.target import Target

KEY = "stream"


def upload(target: Target) -> Figures:
    """Send one object and wait for the answer."""
    return _timed(target, lambda: plain_http.upload(target, KEY, target.scale.stream_bytes))


def download(target: Target) -> Figures:
    """Receive an object."""
    size = target.scale.stream_bytes
    target.once("stream", lambda: plain_http.upload(target, KEY, size))
    return _timed(target, lambda: plain_http.download(target, KEY))


def _timed(target: Target, transfer: Callable[[], int]) -> Figures:
    with target.spending() as spent:
        began = time.perf_counter()
        moved = transfer()
        duration_s = time.perf_counter() - began
    if moved != target.scale.stream_bytes:
        raise MeasurementFailed(f"{moved} of {target.scale.stream_bytes} bytes moved")
    return {"throughput": moved / duration_s / 1e6, "cpu_gb": spent.cpu_s / moved * 1e9}
