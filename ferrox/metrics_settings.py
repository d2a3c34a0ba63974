"""The settings of metrics: a part of the table of settings in config.py."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from ferrox import setting_kinds as kinds
from ferrox.setting import Row


def read_token(text: str) -> str:
    """What can be sent as a bearer token (RFC 6750)."""
    if not re.fullmatch(r"[A-Za-z0-9._~+/-]{8,1024}=*", text):
        raise ValueError("a token has 8 to 1024 letters, digits and -._~+/")
    return text


@dataclass(frozen=True, kw_only=True)
class MetricsSettings:
    """What Config has of them."""

    metrics: Annotated[
        bool,
        Row(kinds.ON_OFF, "Whether `/metrics` is answered, for Prometheus; see docs/metrics.md."),
    ] = True
    metrics_token: Annotated[
        str | None,
        Row(
            kinds.Kind("text", read_token),
            "Bearer token without which it is not. Where there is none, anybody may ask, and is "
            "told no names of buckets.",
            is_secret=True,
        ),
    ] = field(default=None, repr=False)
    metrics_token_file: Annotated[
        Path | None,
        Row(kinds.Kind("path", kinds.path), "File that holds this token as its only line."),
    ] = None
    metrics_buckets: Annotated[
        int,
        Row(
            kinds.Kind("count", kinds.whole(0, 100_000)),
            "How many buckets have metrics of their own, those that hold most; 0 is none.",
        ),
    ] = 1000
