"""Targets of events: whom the operator lets buckets tell of what happens, read from a TOML file.

    [orders]                                  # arn:ferrox:sqs::orders:webhook
    url = "https://orders.example.com/hook"
    format = "webhook"                        # or "sns"
    token = "..."                             # sent as Authorization: Bearer
    signing_key = "..."                       # signs the body, see jobs/notifications.py
    timeout = 10                              # seconds for one message
    ca_file = "/etc/ssl/ours.pem"             # instead of the system's authorities

The file is read once, when the server starts.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

FORMATS = ("webhook", "sns")
DEFAULT_TIMEOUT_S = 10.0
MOST_TIMEOUT_S = 300.0
_TEXTS = ("url", "format", "token", "signing_key", "ca_file")
_is_name = re.compile(r"[A-Za-z0-9_-]{1,64}").fullmatch
_is_visible = re.compile(r"[!-~]+").fullmatch
_is_host = re.compile(r"[A-Za-z0-9._:-]+").fullmatch


class Target(NamedTuple):
    """Somebody who can be told of events."""

    name: str
    url: str
    format: str = "webhook"
    token: str = ""
    signing_key: str = ""
    timeout_s: float = DEFAULT_TIMEOUT_S
    ca_file: str = ""

    def __repr__(self) -> str:
        """Name the target, never its secrets: addresses have some, too."""
        return f"Target({self.name!r})"


def read(text: str) -> tuple[Target, ...]:
    """Return the targets of a file; ValueError says what is wrong with it."""
    import tomllib  # here, as few servers have such a file and it costs each of them milliseconds

    try:
        document = tomllib.loads(Path(text).read_text("utf-8"))
    except OSError as error:
        raise ValueError(str(error.strerror)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError):
        raise ValueError("not a TOML file") from None  # what is wrong may be beside a secret
    return tuple(_target(name, table) for name, table in document.items())


def _target(name: str, table: Any) -> Target:
    if not _is_name(name):
        raise ValueError(f"a target's name has letters, digits, - and _, {name!r} has others")
    if not isinstance(table, Mapping):
        raise ValueError(f"{name} is no table of settings")  # noqa: TRY004 - what readers raise
    unknown = set(table) - {*_TEXTS, "timeout"}
    if unknown:
        raise ValueError(f"{name} has an unknown setting {min(unknown)!r}")
    texts = {key: table[key] for key in _TEXTS if key in table}
    if not all(isinstance(value, str) for value in texts.values()):
        raise ValueError(f"{name}: {', '.join(_TEXTS)} are texts")
    timeout_s = table.get("timeout", DEFAULT_TIMEOUT_S)
    if not isinstance(timeout_s, int | float) or not 0 < timeout_s <= MOST_TIMEOUT_S:
        raise ValueError(f"{name}: timeout is a number of seconds up to {MOST_TIMEOUT_S:g}")
    target = Target(name, texts.pop("url", ""), **texts, timeout_s=float(timeout_s))
    _check(target)
    return target


def _check(target: Target) -> None:
    if not _is_address(target.url):
        raise ValueError(f"{target.name}: url is no http or https address without user and #")
    if target.format not in FORMATS:
        raise ValueError(f"{target.name}: format is one of {', '.join(FORMATS)}")
    for secret in (target.token, target.signing_key):
        if secret and not _is_visible(secret):
            raise ValueError(f"{target.name}: secrets are visible ASCII characters")


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        is_there = bool(parts.hostname and _is_host(parts.hostname)) and parts.port != 0
        (parts.hostname or "").encode("idna")
    except ValueError:  # the port, or a name that no host can have
        return False
    is_plain = bool(_is_visible(url)) and "@" not in parts.netloc and "#" not in url
    return is_there and is_plain and parts.scheme in {"http", "https"}
