"""What is counted of every request to S3: all of it costs some 2 µs."""

from ferrox import metrics
from ferrox.protocol.message import Request

UNKNOWN = "unknown"
"""The operation of what could not be read, or is none."""

_STATUSES = {status: str(status) for status in range(600)}


def begin() -> None:
    """One more request is under way."""
    metrics.IN_FLIGHT.inc()


def end(
    request: Request,
    status: int,
    *,
    received_bytes: int,
    sent_bytes: int,
    first_byte_s: float | None,
    duration_s: float,
    is_whole: bool,
) -> None:
    """One less, and what became of it.

    status        0: the client was gone before it could be answered
    first_byte_s  until the answer began, if it did
    """
    operation = request.facts.get("operation", UNKNOWN)
    metrics.IN_FLIGHT.inc(-1)
    metrics.REQUESTS.inc(1, operation, _STATUSES[status])
    metrics.DURATION.observe(duration_s, operation)
    if first_byte_s is not None:
        metrics.FIRST_BYTE.observe(first_byte_s, operation)
    if received_bytes:
        metrics.RECEIVED_BYTES.inc(received_bytes, operation)
    if sent_bytes:
        metrics.SENT_BYTES.inc(sent_bytes, operation)
    if not is_whole:
        metrics.ABORTED.inc()
    if status >= 400 and (code := request.facts.get("error_code")):
        metrics.ERRORS.inc(1, code)
