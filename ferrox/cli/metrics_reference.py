"""The page of docs/ with all metrics, made of the table of them."""

from collections.abc import Iterator

from ferrox import metrics
from ferrox.instruments import Found, Instrument

PAGE = """\
# All metrics

What `/metrics` tells, in the order in which it does; [Metrics](metrics.md) tells how to gather it.
What has the label `process` is of one process; all else is of the whole server, whichever process
is asked, and counters do not go back when one of them dies. A histogram has the samples `_bucket`,
`_count` and `_sum`.

This page is written by `scripts/docs` from the table in `ferrox/metrics.py`.
"""

_HEAD = "\n| metric | kind | labels | meaning |\n|---|---|---|---|\n"


def all_metrics() -> str:
    """What docs/all-metrics.md holds."""
    return PAGE + _HEAD + "".join(map(_row, metrics.TABLE)) + "".join(_labels())


def _row(one: Instrument | Found) -> str:
    labels = ", ".join(f"`{label}`" for label in one.labels)
    return f"| `{one.name}` | {one.kind} | {labels} | {one.meaning} |\n"


def _labels() -> Iterator[str]:
    yield "\n## Labels\n\n| label | values |\n|---|---|\n"
    for label, values in _MEANINGS.items():
        yield f"| `{label}` | {values} |\n"


_MEANINGS = {
    "operation": "what was asked for, as [S3 compatibility](operations.md) calls it; `Health`, "
    "`Metrics`; `unknown` for what could not be read",
    "status": "of the answer; `0` where the client was gone before there was one",
    "code": "error code, as AWS calls it",
    "reason": "error code of what could not be verified; `InvalidMetricsToken` at `/metrics`",
    "caller": f"`{metrics.KEY}`, or `{metrics.ANONYMOUS}` for all who do not sign",
    "target": f"of fsync: `{metrics.BLOB}`, `{metrics.DIRECTORY}` or `{metrics.INDEX}`; of events: "
    "the name of whom they are told",
    "bucket": "its name; told where the server wants a token, and on the admin plane",
    "task": "name of the job, as `ferroxd jobs list` has it",
    "unit": "what is counted: `buckets`, `bytes`",
    "outcome": f"`{metrics.TOLD}` or `{metrics.FAILED}`",
    "process": "`worker-0` and so on, the first of which has the jobs; `supervisor`",
    "file": "path of the certificate",
    "version, python": "of ferroxd, and of the Python in it",
}
