"""Log lines on stderr, for people or for machines, with everything secret taken out.

Redaction happens on the finished line, after arguments and tracebacks have been put into it, so
that no caller can go around it. Secrets that have no tell-tale name beside them (the root
account's) are made known with `hide`.
"""

import json
import logging
import re
import sys
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import TextIO

HIDDEN = "<hidden>"
LOGGER_NAME = "ferrox"

_NAMED_SECRETS = re.compile(
    r"""(?ix)
    ( \b (?: authorization | proxy-authorization | cookie )  # the whole value of a header
      ["']? \s* [:=,] \s* ["']? ) [^\r\n"'}]+
    | ( (?:\b|_) (?: x-amz-signature | signature | x-amz-security-token
        | x-amz-(?:copy-source-)?server-side-encryption-customer-key(?:-md5)?
        | (?:web_?identity|session)_?token
        | secret_?(?:access_?)?key | pass(?:word|phrase) )     # one token
      ["']? \s* (?:[:=,>]|%3D) \s* ["']? ) [^\s&"',;}<>]+
    """
)
_is_word = re.compile(r"[!#-\[\]-~]+").fullmatch  # visible ASCII without quote and backslash
_hidden_values: set[str] = set()


def hide(secret: str) -> None:
    """Never let this text appear in a log line."""
    if secret:
        _hidden_values.add(secret)


def redact(text: str) -> str:
    """The text without signatures, credentials and customer keys."""
    for secret in _hidden_values:
        if secret in text:
            text = text.replace(secret, HIDDEN)
    return _NAMED_SECRETS.sub(lambda match: (match[1] or match[2]) + HIDDEN, text)


def timestamp(now_s: float) -> str:
    """An instant as log lines show it: UTC with milliseconds."""
    second, microsecond = divmod(round(now_s * 1_000_000), 1_000_000)
    return f"{_second(second)}.{microsecond // 1000:03d}Z"


@lru_cache(maxsize=16)
def _second(second: int) -> str:
    """Many lines share theirs."""
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))


class TextFormatter(logging.Formatter):
    """`time LEVEL message`, then the traceback if there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """One record as text."""
        record.message = record.getMessage()
        line = f"{timestamp(record.created)} {record.levelname} {record.message}"
        trace = _trace(self, record)
        return redact(f"{line}\n{trace}" if trace else line)


class JsonFormatter(logging.Formatter):
    """One JSON object a line, tracebacks included as one string."""

    def format(self, record: logging.LogRecord) -> str:
        """One record as JSON."""
        fields = {
            "time": timestamp(record.created),
            "level": record.levelname.lower(),
            "message": redact(record.getMessage()),
        }
        trace = _trace(self, record)
        if trace:
            fields["trace"] = redact(trace)
        return json.dumps(fields)


def _trace(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    if not record.exc_info or record.exc_info[0] is None:
        return ""
    return formatter.formatException(record.exc_info)


def fields_line(fields: Mapping[str, str | int | float], log_format: str) -> str:
    """Name-value pairs as one line of the given format; empty values are left out of text."""
    if log_format == "json":
        return json.dumps(fields)
    words = []
    for name, value in fields.items():
        if value != "":
            # A value that may hold anything (an object key) stays one word on one line.
            is_plain = not isinstance(value, str) or _is_word(value)
            words.append(f"{name}={value if is_plain else json.dumps(value)}")
    return " ".join(words)


def configure(level: str, log_format: str, stream: TextIO | None = None) -> logging.Logger:
    """Send the program's log lines to stderr (or `stream`) and return its logger.

    The logger is the program's own: what libraries log arrives there at warning level and above.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter() if log_format == "json" else TextFormatter())
    for name, least in (
        (LOGGER_NAME, level.upper()),
        ("aiohttp", "WARNING"),
        ("asyncio", "WARNING"),
    ):
        logger = logging.getLogger(name)
        logger.handlers[:] = [handler]
        logger.setLevel(least)
        logger.propagate = False
    return logging.getLogger(LOGGER_NAME)
