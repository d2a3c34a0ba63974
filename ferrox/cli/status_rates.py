"""What happened between two answers of GetStatus: rates, and how long requests took."""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any, NamedTuple


class Rates(NamedTuple):
    """Per second, over some seconds; times in seconds.

    p50_s, p99_s  None: no request ended
    """

    seconds: float
    requests: float
    client_errors: float
    server_errors: float
    received_bytes: float
    sent_bytes: float
    p50_s: float | None
    p99_s: float | None


_COUNTED = ("ended", "client_errors", "server_errors", "received_bytes", "sent_bytes")


def between(before: Mapping[str, Any], after: Mapping[str, Any]) -> Rates | None:
    """Return what happened between two answers; None where they do not belong together."""
    seconds = after["uptime_s"] - before["uptime_s"]
    counts = [after["requests"][name] - before["requests"][name] for name in _COUNTED]
    former, latter = before["latency"], after["latency"]
    durations = [
        count - other for count, other in zip(latter["counts"], former["counts"], strict=True)
    ]
    is_other = before["started"] != after["started"] or min(*counts, *durations) < 0
    if is_other or seconds <= 0:
        return None
    requests, client_errors, server_errors, received, sent = (count / seconds for count in counts)
    p50_s, p99_s = (quantile(latter["bounds_s"], durations, share) for share in (0.5, 0.99))
    return Rates(
        seconds, requests, client_errors, server_errors, received, sent, p50_s=p50_s, p99_s=p99_s
    )


def quantile(bounds: Sequence[float], counts: Sequence[int], share: float) -> float | None:
    """The value that this share of all does not exceed, as well as a histogram knows it.

    Inside its bucket a value is estimated by its rank, as Prometheus does it:
    https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile
    What is longer than the longest time that is told apart counts as that long.

    counts  of each bucket; the last one has no bound
    """
    total = sum(counts)
    if not total:
        return None
    rank = share * total
    for at, sum_so_far in enumerate(accumulate(counts)):
        if sum_so_far >= rank and counts[at]:
            if at == len(bounds):
                break
            least = bounds[at - 1] if at else 0.0
            below = sum_so_far - counts[at]
            return least + (bounds[at] - least) * (rank - below) / counts[at]
    return bounds[-1]
