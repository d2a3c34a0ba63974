"""The books of one process: limits, audit log and refusals, as those who keep them need them."""

from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from ferrox.accounting.audit import Audit
from ferrox.accounting.fault_board import FaultBoard
from ferrox.accounting.rate_limits import RateLimits
from ferrox.accounting.refusals import Refusals
from ferrox.clock import SystemClock
from ferrox.protocol.message import Request


@dataclass(slots=True)
class Ledger:
    """Everything that is accounted for; without limits and audit log unless there are some.

    faults  that are injected, in a server for tests
    """

    refusals: Refusals = field(default_factory=lambda: Refusals(SystemClock()))
    rate_limits: RateLimits | None = None
    audit: Audit | None = None
    faults: FaultBoard | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.audit is not None:
            self.audit.close()

    def refresh(self) -> None:
        """Read again what the identity store says of limits: something in it has changed."""
        if self.rate_limits is not None:
            self.rate_limits.refresh()

    def admit(self, request: Request, *, has_begun: bool = False) -> None:
        """Let a request go on whose `principal` is known, or raise SlowDown.

        has_begun  its body is being read already
        """
        if self.rate_limits is not None and (limiter := self.rate_limits.limiter) is not None:
            assert request.principal is not None  # noqa: S101 - a mistake of the caller, not a client's
            limiter.admit(request, request.principal, has_begun=has_begun)
