"""One line for each request, written in batches: a system call for each would slow every GET."""

import asyncio
import sys
from typing import TextIO

from ferrox import log as logs
from ferrox.clock import Clock
from ferrox.protocol.message import HTTP_1_1, Request

BATCH_S = 0.05
NO_FACTS = dict.fromkeys(
    ("operation", "bucket", "key", "access_key_id", "principal", "error_code"), ""
)
"""The facts of a request that nothing is known of; they stand in this order."""


class AccessLog:
    """Collects lines and hands them to the stream a few times a second, and at the end."""

    def __init__(self, log_format: str, clock: Clock, stream: TextIO | None = None) -> None:
        self._format = log_format
        self._clock = clock
        self._stream = stream or sys.stderr
        self._lines: list[str] = []

    def write(
        self,
        request: Request,
        status: int,
        bytes_in: int,
        bytes_out: int,
        duration_s: float,
        *,
        is_aborted: bool,
    ) -> None:
        """Note one request. `status` is 0 when no response could be sent."""
        facts = request.facts
        fields: dict[str, str | int | float] = {
            "request_id": request.request_id,
            "peer": request.peer,
            "method": request.method,
            **NO_FACTS,
            **facts,
        }
        if request.principal is not None:
            fields["principal"] = request.principal.arn
        if "operation" not in facts:
            fields["path"] = request.path
        fields["status"] = status
        fields["bytes_in"] = bytes_in
        fields["bytes_out"] = bytes_out
        fields["duration_ms"] = round(duration_s * 100_000) / 100  # rounds to 2 digits, sooner
        if request.tls is not None:
            fields["tls"] = request.tls.version
            if request.tls.subject:
                fields["client"] = request.tls.client
        if request.version != HTTP_1_1:
            fields["http"] = request.version.removeprefix("HTTP/")
        if is_aborted:
            fields["aborted"] = "true"
        self._add(fields)

    def _add(self, fields: dict[str, str | int | float]) -> None:
        time = logs.timestamp(self._clock.now_ms())
        if self._format == "json":
            line = logs.fields_line({"time": time, "level": "access", **fields}, "json")
        else:
            line = f"{time} ACCESS {logs.fields_line(fields, 'text')}"
        self._lines.append(line)
        if len(self._lines) == 1:
            asyncio.get_running_loop().call_later(BATCH_S, self.flush)

    def flush(self) -> None:
        """Write what has been collected."""
        if self._lines:
            lines, self._lines = self._lines, []
            self._stream.write("\n".join(lines) + "\n")
            self._stream.flush()
