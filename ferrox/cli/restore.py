"""`ferroxd restore BUCKET --at TIME`: make a bucket show again what it showed at an instant."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from ferrox.cli.options import asks_for_help, parse_words
from ferrox.clock import SystemClock
from ferrox.config import Config
from ferrox.errors import Fault, S3Error, StartError
from ferrox.protocol.dates import iso8601, parse_iso8601
from ferrox.quantities import counted
from ferrox.records import Restoration, RestoreReport
from ferrox.storage.store import Store

HELP = """\
usage: ferroxd restore BUCKET --at TIME [--dry-run] [--data-dir DIR] [--config FILE]

Make a bucket that keeps versions show again what it showed at an instant. What has changed since
is published once more as a new version; what was not there is hidden by a delete marker. Nothing
is removed, so a restoring can itself be taken back by restoring to a moment before it. Versions
that were deleted for good are not there to be restored.

The server that uses the data directory must be stopped: this command works on the directory
itself, and refuses one that is in use. Cut short, it is simply run again.

  --at TIME
      The instant, in the form 2026-09-21T14:13:20Z or 2026-09-21T16:13:20+02:00; without a zone it
      is UTC.
  --dry-run
      Only print what would be done.
  --data-dir DIR, --config FILE
      As for ferroxd serve, and the environment counts as there.
"""

USAGE = "usage: ferroxd restore BUCKET --at TIME [--dry-run]; see ferroxd restore --help"


class Order(NamedTuple):
    """What one command line asks for."""

    bucket: str
    at_ms: int
    dry_run: bool
    config: Config


def run(arguments: Sequence[str]) -> int:
    """Restore, and print what was done; StartError when it cannot be done as asked."""
    if asks_for_help(arguments):
        print(HELP, end="")
        return 0
    order = parse(arguments)
    if not (order.config.data_dir / "index.db").exists():
        raise StartError(f"there is no data directory at {order.config.data_dir.absolute()}")
    report = asyncio.run(_restore(order))
    print(told(order, report), end="")
    return 0


def parse(arguments: Sequence[str]) -> Order:
    """Read the command line; StartError names what is not understood."""
    given = parse_words("restore", arguments, {"--at"}, "--dry-run")
    if len(given.words) != 1 or "--at" not in given.values:
        raise StartError(USAGE)
    at_ms = parse_iso8601(given.values["--at"])
    if at_ms is None:
        raise StartError(f"--at {given.values['--at']} is no time like 2026-09-21T14:13:20Z")
    return Order(given.words[0], at_ms, bool(given.switches), given.settings())


async def _restore(order: Order) -> RestoreReport:
    clock = SystemClock()
    if order.at_ms > clock.now_ms():
        raise StartError("--at must not be in the future")
    store = await Store.open(
        order.config.data_dir, clock=clock, inline_limit_bytes=order.config.inline_limit
    )
    try:
        bucket = store.bucket(order.bucket)
        if bucket is None:
            raise StartError(f"there is no bucket {order.bucket}")
        return await store.restore_bucket(bucket, order.at_ms, dry_run=order.dry_run)
    except (S3Error, Fault) as error:
        raise StartError(str(error)) from error
    finally:
        await store.close()


def told(order: Order, report: RestoreReport) -> str:
    """What the command prints."""
    would = "would be " if order.dry_run else ""
    lines = [
        f"bucket {order.bucket} as of {iso8601(order.at_ms)}",
        f"{counted(report.restored_count, 'object')} {would}restored,"
        f" {counted(report.restored_bytes, 'byte')};"
        f" {counted(report.hidden_count, 'object')} {would}hidden",
        *map(_line, report.first),
    ]
    further = report.restored_count + report.hidden_count - len(report.first)
    if further:
        lines.append(f"  and {further} more")
    return "\n".join(lines) + "\n"


def _line(done: Restoration) -> str:
    """One key; keys may hold anything, a terminal should not get it raw."""
    shown = done.key if done.key.isprintable() else ascii(done.key)
    if done.version_id is None:
        return f"  hide     {shown}"
    return f"  restore  {shown}  (version {done.version_id}, {counted(done.size_bytes, 'byte')})"
