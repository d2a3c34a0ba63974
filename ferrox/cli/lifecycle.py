"""`ferroxd lifecycle plan|report BUCKET`: what its rules would do, and what they did."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

from ferrox.admin.endpoint import PREFIX
from ferrox.cli import admin_place
from ferrox.cli.admin_client import AdminClient, Place, Refused
from ferrox.cli.options import asks_for_help, parse_words
from ferrox.clock import SystemClock
from ferrox.config import Config
from ferrox.errors import Fault, StartError
from ferrox.jobs.lifecycle import DOCUMENT, plan, rules_of
from ferrox.lifecycle_records import LifecycleReport, LifecycleStep
from ferrox.protocol.dates import iso8601, parse_iso8601
from ferrox.quantities import counted
from ferrox.records import BucketRecord
from ferrox.storage.inspection import Inspection, inspecting
from ferrox.storage.metadata.runs import as_plain, from_plain

HELP = """\
usage: ferroxd lifecycle plan BUCKET [--json] [--data-dir DIR] [--config FILE]
       ferroxd lifecycle report BUCKET [--json] [--data-dir DIR] [--config FILE]
       ferroxd lifecycle plan|report BUCKET --admin-url URL [--certificate FILE] [--key FILE]
               [--ca FILE] [--json]

plan prints what the lifecycle rules of a bucket would remove if they were obeyed now: how many
versions, delete markers and uploads, how many bytes, and the first keys. report prints what the
last runs did, the newest first. Neither removes or changes anything.

Both read the data directory itself, whether a server is running or not: they take no lock, and
see what is committed. Objects that are written meanwhile may or may not be counted. With
--admin-url, or FERROX_ADMIN_URL where no --data-dir is given, they ask that server.

  --json
      Print JSON instead of text: one object, or for report a list of them.
  --data-dir DIR, --config FILE
      As for ferroxd serve, and the environment counts as there.
  --admin-url URL, --certificate FILE, --key FILE, --ca FILE
      As for the commands that ask a running server, such as ferroxd bucket.
"""

USAGE = "usage: ferroxd lifecycle plan|report BUCKET; see ferroxd lifecycle --help"
_WHAT = {
    "expire": "expire  ",
    "remove-noncurrent": "remove  ",
    "remove-marker": "unmark  ",
    "abort-upload": "abort   ",
}


_COUNTED = {
    "expire": ("object", "expired"),
    "remove-noncurrent": ("noncurrent version", "removed"),
    "remove-marker": ("delete marker", "removed"),
    "abort-upload": ("upload", "aborted"),
}


class Order(NamedTuple):
    """What one command line asks for."""

    is_plan: bool
    bucket: str
    as_json: bool
    config: Config
    place: Place


def run(arguments: Sequence[str]) -> int:
    """Print a plan or the last reports; StartError when there is nothing to print."""
    if asks_for_help(arguments):
        print(HELP, end="")
        return 0
    order = parse(arguments)
    reports = _asked(order) if order.place.url else _looked_up(order)
    if order.is_plan:
        _print_plan(order, *reports)
    else:
        _print_reports(order, reports)
    return 0


def parse(arguments: Sequence[str]) -> Order:
    """Read the command line; StartError names what is not understood."""
    given = parse_words("lifecycle", arguments, set(admin_place.OPTIONS), "--json")
    words = given.words
    if len(words) != 2 or words[0] not in ("plan", "report"):
        raise StartError(USAGE)
    place = admin_place.named(given.values)
    return Order(words[0] == "plan", words[1], bool(given.switches), given.settings(), place)


def _asked(order: Order) -> Sequence[LifecycleReport]:
    """What a server tells: the plan, or its reports. StartError"""
    path = f"{PREFIX}/buckets/{quote(order.bucket, safe='')}/lifecycle/"
    client = AdminClient(order.place)
    try:
        if order.is_plan:
            return [_report(client.ask("GET", path + "plan", {}, None))]
        return [_report(run) for run in client.ask("GET", path + "runs", {}, None)["runs"]]
    except Refused as refusal:
        raise StartError(str(refusal)) from None


def _report(view: dict[str, Any]) -> LifecycleReport:
    """A report, from what a server says of it."""
    instants = {f"{name}_ms": parse_iso8601(view.pop(name)) for name in ("started", "ended")}
    return from_plain(view | instants)


def _looked_up(order: Order) -> Sequence[LifecycleReport]:
    """What the data directory tells: the plan, or its reports. StartError"""
    try:
        with inspecting(order.place.data_dir) as inspection:
            bucket = inspection.bucket(order.bucket)
            if bucket is None:
                raise StartError(f"there is no bucket {order.bucket}")
            if order.is_plan:
                return [_planned(order, inspection, bucket)]
            return inspection.lifecycle_reports(bucket)
    except Fault as fault:
        raise StartError(str(fault)) from fault


def _planned(order: Order, inspection: Inspection, bucket: BucketRecord) -> LifecycleReport:
    document = inspection.bucket_document(bucket, DOCUMENT)
    if document is None:
        raise StartError(f"bucket {bucket.name} has no lifecycle rules")
    rules = rules_of(document, order.config.lifecycle_debug_day)
    return asyncio.run(plan(inspection, bucket, rules, SystemClock().now_ms()))


def _print_plan(order: Order, report: LifecycleReport) -> None:
    if order.as_json:
        print(json.dumps(as_plain(report), indent=2))
    else:
        print("\n".join([f"bucket {order.bucket} now", *told(report, "would be ")]))


def _print_reports(order: Order, reports: Sequence[LifecycleReport]) -> None:
    if order.as_json:
        print(json.dumps([as_plain(report) for report in reports], indent=2))
        return
    if not reports:
        print(f"bucket {order.bucket}: the rules have not been obeyed yet, or there are none")
    for report in reports:
        took_s = (report.ended_ms - report.started_ms) / 1000
        lines = [f"bucket {order.bucket} at {iso8601(report.started_ms)}, in {took_s:.1f} s"]
        print("\n".join([*lines, *told(report, "")]))


def told(report: LifecycleReport, would: str) -> list[str]:
    """A report for people, without its first line."""
    counts = report.counts
    done = ", ".join(
        f"{counted(counts.get(action, 0), noun)} {would}{verb}"
        for action, (noun, verb) in _COUNTED.items()
    )
    lines = [f"{done}; {counted(report.size_bytes, 'byte')} {would}removed"]
    if report.locked_count:
        locked = counted(report.locked_count, "version")
        lines.append(f"kept by locks: {locked} whose time is over")
    lines += [f"error: {error}" for error in report.errors]
    lines += [_line(step) for step in report.first]
    if further := sum(counts.values()) - len(report.first):
        lines.append(f"  and {further} more")
    return lines


def _line(step: LifecycleStep) -> str:
    """One step; keys may hold anything, a terminal should not get it raw."""
    key, rule_id = (
        text if text.isprintable() else ascii(text) for text in (step.key, step.rule_id)
    )
    kind = "upload" if step.action.value == "abort-upload" else "version"
    return (
        f"  {_WHAT[step.action.value]}{key}"
        f"  ({kind} {step.name}, {counted(step.size_bytes, 'byte')}, rule {rule_id})"
    )
