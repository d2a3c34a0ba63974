"""The page of docs/ about the settings."""

import re
from collections.abc import Iterable

from ferrox.setting import Setting

PAGE = """\
# Configuration

Every setting can be given as an option of `ferroxd serve`, as an environment variable, or in a TOML
file named by `--config FILE` or `FERROX_CONFIG`. An option beats the environment, the environment
beats the file, the file beats the default. `--data-dir /srv/ferrox` on the command line is
`FERROX_DATA_DIR=/srv/ferrox` in the environment, and in the file:

```toml
data_dir = "/srv/ferrox"
```

A setting that is not known, or a value that cannot be read, stops the start with one line that
names it. `ferroxd settings` tells which are in force in a running server, and where each was said.

This page is written by `scripts/docs` from the table in `ferrox/config.py`.
"""

SECTIONS = (
    ("Addresses and names", "clients.md", ("bind", "region", "domain", "website_", "workers")),
    ("What is stored", "on-disk-format.md", ("data_dir", "inline_", "upload_", "default_")),
    ("Keys and secrets", "secrets.md", ("access_key", "secret_key", "master_", "sigv2", "oidc_")),
    ("TLS, HTTP/2 and the admin port", "tls.md", ("tls_", "http2", "admin_")),
    ("Encryption", "encryption.md", ("sse_",)),
    ("Logs", "audit.md", ("log_", "access_log", "audit_")),
    (
        "Limits",
        "rate-limits.md",
        ("max_", "idle_", "body_", "min_", "shutdown_", "rate_"),
    ),
    ("Jobs", "running.md#jobs", ("lifecycle_", "bucket_log_", "event_", "scrub_")),
    ("Metrics", "metrics.md", ("metrics",)),
    (
        "Servers for tests",
        "ci.md",
        ("ephemeral", "seed_", "print_", "inject", "detach", "stop_"),
    ),
)
"""Headings, where more is to be read, and how the names of the settings below them begin."""

OTHERS = ("Others", "", ("",))


def configuration(settings: Iterable[Setting]) -> str:
    """What docs/configuration.md holds."""
    groups: dict[str, list[Setting]] = {heading: [] for heading, _, _ in (*SECTIONS, OTHERS)}
    for setting in settings:
        groups[_heading(setting)].append(setting)
    pieces = [PAGE]
    for heading, page, _ in (*SECTIONS, OTHERS):
        if groups[heading]:
            more = (
                f"More: [{page.partition('.')[0].replace('-', ' ')}]({page}).\n\n" if page else ""
            )
            pieces.append(
                f"\n## {heading}\n\n{more}"
                "| option | value | default | meaning |\n|---|---|---|---|\n"
            )
            pieces += map(_row, groups[heading])
    return "".join(pieces)


def _heading(setting: Setting) -> str:
    return next(
        heading
        for heading, _, beginnings in (*SECTIONS, OTHERS)
        if setting.name.startswith(beginnings)
    )


def _row(setting: Setting) -> str:
    kind = setting.kind.name.replace("|", ", ")
    unit = f", in {setting.unit}" if setting.unit else ""
    default = f"`{setting.default_text}`" if setting.default_text else "none"
    aliases = " or ".join(f"`{name}`" for name in setting.aliases)
    also = f" In the environment also {aliases}." if aliases else ""
    meaning = re.sub(r"docs/([a-z-]+)\.md", r"[\1](\1.md)", setting.meaning)
    return f"| `{setting.flag}` | {kind}{unit} | {default} | {meaning}{also} |\n"
