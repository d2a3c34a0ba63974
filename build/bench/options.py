"""The command line of scripts/bench."""

import argparse
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from build.bench.measurements.table import MEASUREMENTS, Measurement, Part
from build.bench.peers import PEERS
from build.bench.servers import ROOT, Kind, ferrox, from_source
from build.bench.target import FULL, QUICK, Scale

T = TypeVar("T")

ALL = "ferrox,weed,rclone"

SERVERS = f"""\
servers:
  ferrox       this source tree
  ferrox-w4    the same with --workers 4; any other number will do
  baseline     the source tree that --baseline names, to compare two versions in one run
  frozen       dist/ferroxd, which scripts/freeze makes
  {", ".join(PEERS)}
The first of them is what the others' ratios refer to.
"""


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        "scripts/bench",
        description="Measures ferroxd, alone or side by side with other servers.",
        epilog=f"{SERVERS}\nmeasurements:\n{_measurements()}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--quick", action="store_true", help="some of them, a minute a server")
    what.add_argument("--big", action="store_true", help="and what fills memory and disk")
    what.add_argument("--soak", metavar="MINUTES", type=float, help="watch memory")
    what.add_argument(
        "--publish", metavar="FILE", type=Path, help="put a bench.json into docs/performance.md"
    )
    parser.add_argument("--only", metavar="NAME,…", help="only these measurements")
    parser.add_argument("--servers", metavar="NAME,…", help=f"without it: {ALL}; to soak: ferrox")
    parser.add_argument(
        "--baseline", metavar="DIR", type=Path, help="another source tree of ferrox"
    )
    parser.add_argument("--options", default="", metavar="TEXT", help="for every ferroxd serve")
    parser.add_argument("--keys", metavar="COUNT", type=int, help="in the bucket that is listed")
    parser.add_argument("--rounds", metavar="COUNT", type=int)
    parser.add_argument("--data", metavar="DIR", type=Path, help="where servers keep their data")
    parser.add_argument("--out", metavar="DIR", type=Path, help="write bench.json and bench.md")
    parser.add_argument(
        "--against", metavar="FILE", type=Path, help="fail if worse than this bench.json"
    )
    parser.add_argument(
        "--no-worse", action="store_true", help="fail if ferrox is worse than baseline in this run"
    )
    return parser.parse_args(arguments)


def scale(options: argparse.Namespace) -> Scale:
    """How much is done."""
    given = QUICK if options.quick else FULL
    counts = {"rounds": options.rounds, "listing_keys": options.keys}
    return replace(given, **{name: count for name, count in counts.items() if count})


def part(options: argparse.Namespace) -> Part:
    """The run that was asked for."""
    if options.quick:
        return Part.QUICK
    return Part.BIG if options.big else Part.FULL


def measurements(options: argparse.Namespace) -> list[Measurement]:
    """What is to be measured."""
    if not options.only:
        return [one for one in MEASUREMENTS if one.part <= part(options)]
    by_name = {one.name: one for one in MEASUREMENTS}
    return [_known(by_name, name, "measurement") for name in options.only.split(",")]


def kinds(options: argparse.Namespace) -> list[Kind]:
    """The servers to be measured."""
    names = options.servers or ("ferrox" if options.soak else ALL)
    return [_kind(name, options) for name in names.split(",")]


def _kind(name: str, options: argparse.Namespace) -> Kind:
    extra: list[str] = options.options.split()
    family, _, workers = name.partition("-w")
    if family == "ferrox" and (workers.isdecimal() or name == family):
        counted = ["--workers", workers] if workers else []
        return ferrox(name, from_source(ROOT), [*extra, *counted])
    if name == "baseline" and options.baseline:
        return ferrox(name, from_source(options.baseline.resolve()), extra)
    if name == "frozen":
        return ferrox(name, [str(ROOT / "dist" / "ferroxd")], extra)
    return _known(PEERS, name, "server")


def _known(known: Mapping[str, T], name: str, what: str) -> T:
    if name not in known:
        raise SystemExit(f"bench: there is no {what} {name}; see scripts/bench --help")
    return known[name]


def _measurements() -> str:
    return "\n".join(f"  {one.name:<18} {one.title}: {one.how}" for one in MEASUREMENTS)
