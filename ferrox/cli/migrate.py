"""`ferroxd migrate --from URL`: copy everything that another S3 holds into a ferroxd."""

import asyncio
import contextlib
import hashlib
import json
import signal
import ssl
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from ferrox.app import loop_factory
from ferrox.cli.migrate_options import Asked, Side, parse
from ferrox.cli.migrate_progress import Progress
from ferrox.clock import SystemClock
from ferrox.errors import StartError
from ferrox.migration import census
from ferrox.migration.bodies import Bandwidth
from ferrox.migration.client import S3
from ferrox.migration.faults import Hindrance, Refused
from ferrox.migration.journal import Journal
from ferrox.migration.migrating import Migrating
from ferrox.migration.patience import Patience
from ferrox.migration.report import Report
from ferrox.migration.sides import Sides
from ferrox.outgoing_connections import Connections
from ferrox.protocol.dates import iso8601_seconds
from ferrox.protocol.operations import ListBuckets
from ferrox.protocol.shapes.buckets import ListBucketsInput

INTERRUPTED = "it was interrupted; run it again to go on"
INTERRUPTED_STATUS = 130


def run(arguments: Sequence[str]) -> int:
    """Migrate, and print the report; StartError when it cannot be begun."""
    asked = parse(arguments)
    clock = SystemClock()
    report = Report(
        asked.source.url,
        asked.target.url,
        asked.order.is_dry_run,
        iso8601_seconds(clock.now_ms()),
    )
    began_s = time.monotonic()
    try:
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            runner.run(_migrate(asked, report))
    except StartError:
        raise
    except (KeyboardInterrupt, asyncio.CancelledError):
        report.halted = INTERRUPTED
        _tell(asked, report, time.monotonic() - began_s)
        return INTERRUPTED_STATUS
    except Exception:
        report.halted = "it ended by a mistake of its own, which is told below"
        _tell(asked, report, time.monotonic() - began_s)
        raise
    _tell(asked, report, time.monotonic() - began_s)
    if report.halted:
        return 2
    is_all_there = report.is_complete and not (report.is_dry_run and report.count)
    return 0 if is_all_there else 1


async def _migrate(asked: Asked, report: Report) -> None:
    this = asyncio.current_task()
    if this is not None:  # what stops a container or a service is as good as Ctrl-C
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, this.cancel)
    terminal = sys.stderr.isatty()
    progress = Progress(sys.stderr, is_terminal=terminal, clock=time.monotonic)
    async with contextlib.AsyncExitStack() as stack:
        source, target = (_client(side, asked.attempts) for side in (asked.source, asked.target))
        stack.push_async_callback(source.close)
        stack.push_async_callback(target.close)
        await _require_both(asked)
        journal = stack.enter_context(contextlib.closing(_journal(asked)))

        def note(text: str) -> None:
            report.buckets[-1].note(text)

        slots = asyncio.Semaphore(asked.concurrency)
        bandwidth = Bandwidth(asked.bytes_per_s)
        sides = Sides(source, target, slots, bandwidth, journal, progress.move, note)
        beside = [progress.show()]
        if terminal:
            beside.append(_census(sides, asked, progress))
        tasks = [asyncio.ensure_future(one) for one in beside]
        try:
            migrating = Migrating(
                asked.order, sides, report, workers=asked.concurrency, progress=progress
            )
            await migrating.run()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            progress.end()


async def _census(sides: Sides, asked: Asked, progress: Progress) -> None:
    """Count what there is; without it there is no bar, which is all that is lost."""
    with contextlib.suppress(Hindrance, OSError):
        await census.count(sides, asked.order, progress.count)
        progress.counted()


def _client(side: Side, attempts: int) -> S3:
    return S3(
        side.endpoint,
        side.credentials,
        SystemClock(),
        region=side.region,
        ca_file=side.ca_file,
        patience=Patience(attempts),
    )


async def _require_both(asked: Asked) -> None:
    """See that both sides can be asked, and that the target is a ferroxd."""
    if not await _is_ferroxd(asked):
        raise StartError(f"{asked.target.url} is no ferroxd: only a ferroxd can be the target")
    await _require(asked.target, "--to-ca")
    if not asked.order.buckets:  # who may read some buckets need not be allowed to list all
        await _require(asked.source, "--ca")


async def _require(side: Side, option: str) -> None:
    """See that one side can be asked; `option` is the one that names its authority."""
    client = _client(side, attempts=2)
    try:
        await client.ask(ListBuckets, ListBucketsInput(max_buckets=1))
    except Refused as refused:
        raise StartError(f"{side.url} refuses: {refused.code}: {refused}") from None
    except OSError as error:
        raise StartError(_unreachable(side, option, error)) from None
    finally:
        await client.close()


async def _is_ferroxd(asked: Asked) -> bool:
    side = asked.target
    connections = Connections(side.endpoint, ca_file=side.ca_file)
    try:
        headers = {"host": side.endpoint.authority}
        async with connections.asked("GET", "/health/version", headers) as answer:
            said = json.loads(await answer.whole(65_536))
    except OSError as error:  # some of TLS are ValueErrors as well
        hint = "" if asked.is_named else "; is the server running? --to says where it is"
        raise StartError(_unreachable(side, "--to-ca", error) + hint) from None
    except ValueError:
        return False
    finally:
        await connections.close()
    return isinstance(said, dict) and said.get("name") == "ferroxd"


def _journal(asked: Asked) -> Journal:
    """The journal of these two sides; where none can be kept, parts are sent again after a kill."""
    if asked.state is None or asked.order.is_dry_run:
        return Journal(None)
    sides = f"{asked.source.url}\n{asked.target.url}".encode()
    path = asked.state / f"migrate-{hashlib.sha256(sides).hexdigest()[:16]}.jsonl"
    try:
        return Journal(path)
    except OSError as error:
        print(f"ferroxd: {path} cannot be used: {error.strerror}", file=sys.stderr)
        return Journal(None)


def _tell(asked: Asked, report: Report, seconds: float) -> None:
    report.seconds = seconds
    print(report.told(), end="")
    if asked.report is not None:
        _write(asked.report, json.dumps(report.as_plain(), indent=2, ensure_ascii=False) + "\n")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, "utf-8", errors="replace")
    except OSError as error:
        print(f"ferroxd: {path} cannot be written: {error.strerror}", file=sys.stderr)


def _unreachable(side: Side, option: str, error: OSError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        why = f"{error.verify_message}; {option} names its authority"
        return f"{side.url} is not to be trusted: {why}"
    return f"{side.url} is not reachable: {_words(error)}"


def _words(error: OSError) -> str:
    return error.strerror or str(error) or type(error).__name__
