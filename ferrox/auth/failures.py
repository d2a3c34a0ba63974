"""Failures: callers who could not be verified are counted, by the code of their refusal."""

from types import TracebackType
from typing import Final

from ferrox import metrics
from ferrox.errors import S3Error


class Counted:
    """A block in which somebody is verified."""

    __slots__ = ()

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if isinstance(error, S3Error):
            metrics.AUTHENTICATION_FAILURES.inc(1, error.code)


COUNTED: Final = Counted()
"""It remembers nothing, so there is need of one only."""
