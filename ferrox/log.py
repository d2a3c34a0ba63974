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


def timestamp(now_ms: int) -> str:
    """An instant as log lines show it: UTC with milliseconds."""
    second, millisecond = divmod(now_ms, 1000)
    return f"{_second(second)}.{millisecond:03d}Z"


def _created_ms(record: logging.LogRecord) -> int:
    return round(record.created * 1_000_000) // 1000


@lru_cache(maxsize=16)
def _second(second: int) -> str:
    """Many lines share theirs."""
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))


class TextFormatter(logging.Formatter):
    """`time LEVEL message`, then the traceback if there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """One record as text."""
        record.message = record.getMessage()
        line = f"{timestamp(_created_ms(record))} {record.levelname} {record.message}"
        trace = _trace(self, record)
        return redact(f"{line}\n{trace}" if trace else line)


class JsonFormatter(logging.Formatter):
    """One JSON object a line, tracebacks included as one string."""

    def format(self, record: logging.LogRecord) -> str:
        """One record as JSON."""
        fields = {
            "time": timestamp(_created_ms(record)),
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
    words = [f"{name}={value}" for name, value in fields.items() if value != ""]
    line = " ".join(words)
    is_plain = line.isascii() and line.isprintable() and '"' not in line and "\\" not in line
    if is_plain and line.count(" ") == len(words) - 1:
        return line  # nearly every one: each value is a word as it is
    return " ".join([f"{name}={_word(value)}" for name, value in fields.items() if value != ""])


def _word(value: str | int | float) -> str | int | float:
    """A value that may hold anything (an object key) as one word on one line."""
    return json.dumps(value) if isinstance(value, str) and not _is_word(value) else value


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
