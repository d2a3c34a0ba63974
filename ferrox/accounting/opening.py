"""How the books of a server are opened: what its processes share, and what each has of its own."""

import sys
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

from ferrox.accounting.allowances import Allowances, Limit
from ferrox.accounting.audit import Audit, Sink
from ferrox.accounting.audit_file import AuditFile
from ferrox.accounting.fault_board import FaultBoard
from ferrox.accounting.ledger import Ledger
from ferrox.accounting.rate_limits import TABLE, RateLimits
from ferrox.accounting.refusals import Refusals
from ferrox.clock import Clock
from ferrox.config import Config
from ferrox.errors import StartError
from ferrox.workers.channel import Channel
from ferrox.workers.lines import WholeLines, new_lock

STANDARD_OUTPUT = "-"

DocumentsOf = Callable[[str], Mapping[str, Mapping[str, Any]]]
"""The documents of a table, by name."""


class Shared:
    """What all processes of a server account with. Made before the fork.

    raises  StartError when the audit log cannot be written, or a fault is to happen to nothing
    """

    def __init__(self, config: Config) -> None:
        if config.audit_log is not None and str(config.audit_log) != STANDARD_OUTPUT:
            _try_out(AuditFile(config.audit_log))
        self.faults: FaultBoard | None = None
        if config.ephemeral:
            from ferrox.accounting.faults import board_of

            self.faults = board_of(config, new_lock())
        self._allowances_lock = new_lock()
        self.output_lock = new_lock()
        self.allowances = Allowances(self._allowances_lock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._allowances_lock.close()
        self.output_lock.close()
        if self.faults is not None:
            self.faults.close()


class StandardOutput:
    """The audit log among what the server says to its terminal, in whole lines."""

    name = "on standard output"

    def __init__(self, shared: Shared) -> None:
        self._lines = WholeLines(sys.stdout, shared.output_lock)

    def append(self, data: bytes) -> None:
        """Write whole lines."""
        self._lines.write(data.decode())

    def close(self) -> None:
        """Leave it open: it is not the log's."""


def open_ledger(
    config: Config,
    clock: Clock,
    documents_of: DocumentsOf,
    shared: Shared,
    channel: Channel | None = None,
) -> Ledger:
    """The books of one process.

    documents_of  reads tables of the identity store
    channel       to the other processes, where there are some
    """
    return Ledger(
        Refusals(clock, channel),
        RateLimits(
            shared.allowances,
            lambda: documents_of(TABLE),
            Limit(config.rate_limit_requests, config.rate_limit_burst, config.rate_limit_bytes),
            Limit(config.rate_limit_anonymous),
        ),
        audit_of(config, clock, shared),
        shared.faults,
    )


def audit_of(config: Config, clock: Clock, shared: Shared) -> Audit | None:
    """The audit log, if there is one."""
    if config.audit_log is None:
        return None
    sink: Sink
    if str(config.audit_log) == STANDARD_OUTPUT:
        sink = StandardOutput(shared)
    else:
        sink = AuditFile(
            config.audit_log, max_bytes=config.audit_log_max_size, keep=config.audit_log_keep
        )
    return Audit(sink, clock, is_strict=config.audit_log_strict)


def _try_out(file: AuditFile) -> None:
    try:
        file.append(b"")
    except OSError as error:
        raise StartError(f"audit_log: {file.name}: {error.strerror}") from None
    finally:
        file.close()
