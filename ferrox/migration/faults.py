"""What goes wrong while copying: who said no, what passes by itself, and what ends everything."""

from collections.abc import Mapping
from typing import Any

PASSING_CODES = frozenset(
    {
        *("InternalError", "OperationAborted", "RequestTimeout", "ServiceUnavailable", "SlowDown"),
        *(
            "ConditionalRequestConflict",
            "SlowDownRead",
            "SlowDownWrite",
            "XMinioServerNotInitialized",
        ),
    }
)
"""Refusals that may be none a moment later, whatever their status."""

_LASTING_STATUSES = frozenset({501, 505, 507})


class Hindrance(Exception):
    """Something could not be done; `code` says what in a word."""

    code = "Hindrance"


class Refused(Hindrance):
    """An answer that is a no."""

    def __init__(
        self, status: int, code: str, message: str, details: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(message or f"status {status}")
        self.status = status
        self.code = code or f"Status{status}"
        self.details = details or {}

    @property
    def is_passing(self) -> bool:
        """Whether it makes sense to ask again."""
        if self.code in PASSING_CODES or self.status == 429:
            return True
        return self.status >= 500 and self.status not in _LASTING_STATUSES


class WrongBytes(Hindrance):
    """Bytes that came are not those that the source says it has."""

    code = "WrongBytes"


class Changed(Hindrance):
    """The source's object is another one than it was a moment ago."""

    code = "Changed"


class Overtaken(Hindrance):
    """The target got an object of its own while this one was on its way, and keeps it."""

    code = "NewerAtTarget"


class Broken(Hindrance):
    """The source broke off again and again in the middle of an object."""

    code = "Broken"


class Halt(Hindrance):
    """Nothing more can be copied at all."""

    code = "Halt"
