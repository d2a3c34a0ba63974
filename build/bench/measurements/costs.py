"""What a server costs before and while it works: its start, and its memory."""

import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait

from build.bench import plain_http, process_tree
from build.bench.figures import Figures
from build.bench.servers import RunningServer
from build.bench.target import Target

IDLE_S = 1.0
CROWD = 64
CROWD_BYTES = 1 << 30
CROWD_LIMIT_S = 20.0
SAMPLE_S = 0.25
KEY = "crowd"


def start(target: Target) -> Figures:
    """From the command to the first signed request that is answered, on an empty directory."""
    server = RunningServer(target.server.kind, target.scratch / f"start-{target.round}")
    try:
        cpu_s = process_tree.cpu_s(server.pid)
        time.sleep(IDLE_S)
        each = list(process_tree.pss_bytes_each(server.pid).values())
    finally:
        server.kill()
    figures = {"start": server.start_s * 1e3, "cpu_start": cpu_s * 1e3, "pss": sum(each) / 1e6}
    if len(each) > 2:  # a supervisor and its workers
        figures["pss_worker"] = statistics.mean(each[1:]) / 1e6
    return figures


def uploads(target: Target) -> Figures:
    """The most memory while many clients send large objects; they break off when time is up."""
    target.fill([f"{KEY}/first"], 1)
    return _crowd(
        target, lambda n, until: plain_http.upload(target, f"{KEY}/{n}", CROWD_BYTES, until)
    )


def downloads(target: Target) -> Figures:
    """The most memory while many clients receive the same large object."""
    target.once(KEY, lambda: plain_http.upload(target, f"{KEY}/large", CROWD_BYTES))
    return _crowd(target, lambda _, until: plain_http.download(target, f"{KEY}/large", until))


def _crowd(target: Target, transfer: Callable[[int, float], int]) -> Figures:
    began = time.perf_counter()
    until = began + CROWD_LIMIT_S
    most = 0
    with ThreadPoolExecutor(CROWD) as crowd, target.spending() as spent:
        transfers = [crowd.submit(transfer, number, until) for number in range(CROWD)]
        while wait(transfers, SAMPLE_S).not_done:
            most = max(most, process_tree.pss_bytes(target.server.pid))
    moved = sum(one.result() for one in transfers)
    duration_s = time.perf_counter() - began
    return {
        "pss": most / 1e6,
        "throughput": moved / duration_s / 1e6,
        "cpu_gb": spent.cpu_s / moved * 1e9,
    }
