"""Faults that are injected to try clients: the language that says which, where and how often.

    OPERATION[@BUCKET[/KEY-PREFIX]]:FAULT[:PROBABILITY[:COUNT]]

    put_object:503:0.1              a tenth of all PutObject is answered with SlowDown
    GetObject@photos/2026/:reset    no GetObject below photos/2026/ is answered
    *:delay=250ms:0.5:20            every second request waits, twenty times in all

FAULT is an error of S3 by its code, or by a status that has a usual code; `delay=TIME` goes on
after a while; `reset` cuts the connection before anything is done; `truncate` does what was asked,
and cuts it in the middle of the answer; `corrupt` sends an object with one bit changed. A colon,
comma or percent sign in a key prefix is written as %3A, %2C or %25.
"""

import re
from collections.abc import Iterator
from enum import Enum, auto
from typing import NamedTuple
from urllib.parse import unquote

from ferrox import document_errors, errors
from ferrox.errors import S3Error

EVERY = "*"
"""Instead of an operation: all of them."""

READ = "GetObject"
"""The one operation whose answer can be corrupted without being no answer at all."""

LONGEST_DELAY_S = 300.0

USUAL_CODES = {
    400: "BadRequest",
    403: "AccessDenied",
    404: "NoSuchKey",
    409: "ConditionalRequestConflict",
    412: "PreconditionFailed",
    500: "InternalError",
    501: "NotImplemented",
    503: "SlowDown",
}
"""What a status alone stands for."""

_RULE = (
    r"(?P<operation>\*|[A-Za-z][A-Za-z0-9_]*)"
    r"(?:@(?P<bucket>[^/:,]+)(?:/(?P<prefix>[^:,]*))?)?"
    r":(?P<fault>[A-Za-z0-9]+)(?:=(?P<time>[0-9.]+)(?P<unit>ms|s))?"
    r"(?::(?P<probability>[0-9.]+)(?::(?P<count>[0-9]+))?)?"
)


class Kind(Enum):
    """What a fault does."""

    REFUSE = auto()
    DELAY = auto()
    RESET = auto()
    TRUNCATE = auto()
    CORRUPT = auto()


_BY_WORD = {
    "reset": Kind.RESET,
    "truncate": Kind.TRUNCATE,
    "corrupt": Kind.CORRUPT,
    "delay": Kind.DELAY,
}


class FaultRule(NamedTuple):
    """One rule.

    text         as it was written
    operation    in capitals and without underscores, whichever way it was written; or EVERY
    bucket       "" is every bucket
    prefix       of keys; "" is every key
    code         of the error, where it is one
    delay_s      where it is a delay
    limit        how often it happens at most; None is without end
    """

    text: str
    operation: str
    bucket: str
    prefix: str
    kind: Kind
    code: str = ""
    delay_s: float = 0.0
    probability: float = 1.0
    limit: int | None = None

    def __str__(self) -> str:
        """The rule as it was written."""
        return self.text

    @property
    def fault(self) -> str:
        """What happens, as answers and logs say it."""
        if self.kind is Kind.REFUSE:
            return self.code
        word = next(word for word, kind in _BY_WORD.items() if kind is self.kind)
        return f"{word}={self.delay_s * 1000:g}ms" if self.delay_s else word

    def concerns(self, operation: str, bucket: str, key: str) -> bool:
        """Whether a request is one that it may happen to; `operation` as `spelled_plainly`."""
        return (
            self.operation in {EVERY, operation}
            and (not self.bucket or bucket == self.bucket)
            and key.startswith(self.prefix)
        )


def read(text: str) -> tuple[FaultRule, ...]:
    """Rules, separated by commas; ValueError says which is none."""
    return tuple(read_rule(one.strip()) for one in text.split(","))


def read_rule(text: str) -> FaultRule:
    """One rule; ValueError with what is wrong with it."""
    found = re.fullmatch(_RULE, text)
    if found is None:
        raise ValueError(
            f"{text!r} is not OPERATION[@BUCKET[/KEY-PREFIX]]:FAULT[:PROBABILITY[:COUNT]]"
        )
    kind, code = _fault(found["fault"], has_time=found["time"] is not None)
    operation = spelled_plainly(found["operation"])
    if kind is Kind.CORRUPT and operation != spelled_plainly(READ):
        raise ValueError(f"{text!r}: only {READ} can be corrupted")
    return FaultRule(
        text,
        operation,
        found["bucket"] or "",
        unquote(found["prefix"] or ""),
        kind,
        code,
        _delay_s(found["time"], found["unit"]),
        _probability(found["probability"]),
        int(found["count"]) if found["count"] else None,
    )


def spelled_plainly(operation: str) -> str:
    """The name of an operation so that PutObject and put_object are the same."""
    return operation.replace("_", "").upper()


def error(code: str) -> S3Error:
    """The error of this code, to be answered with."""
    return _errors()[code]()


def _fault(word: str, *, has_time: bool) -> tuple[Kind, str]:
    kind = _BY_WORD.get(word)
    if has_time is not (kind is Kind.DELAY):
        raise ValueError("a delay has a time, and nothing else has: delay=250ms")
    if kind is not None:
        return kind, ""
    code = USUAL_CODES.get(int(word), "") if word.isdigit() else word
    if code not in _errors():
        known = ", ".join(map(str, USUAL_CODES))
        raise ValueError(f"{word!r} is neither an error of S3 nor one of the statuses {known}")
    return Kind.REFUSE, code


def _errors() -> dict[str, type[S3Error]]:
    return {found.code: found for found in _kinds_of_error() if found.status >= 400}


def _kinds_of_error() -> Iterator[type[S3Error]]:
    for module in (errors, document_errors):
        for found in vars(module).values():
            if isinstance(found, type) and issubclass(found, S3Error):
                yield found


def _delay_s(time: str | None, unit: str | None) -> float:
    if time is None:
        return 0.0
    delay_s = _number(time) / (1000 if unit == "ms" else 1)
    if not 0 < delay_s <= LONGEST_DELAY_S:
        raise ValueError(f"a delay is longer than 0 and at most {LONGEST_DELAY_S:g} s")
    return delay_s


def _probability(text: str | None) -> float:
    probability = 1.0 if text is None else _number(text)
    if not 0 <= probability <= 1:
        raise ValueError("a probability is a number from 0 to 1")
    return probability


def _number(text: str) -> float:
    if not re.fullmatch(r"[0-9]*\.?[0-9]+", text):
        raise ValueError(f"{text!r} is not a number")
    return float(text)
