"""scripts/bench: measures ferroxd, side by side with other servers."""

import argparse
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from build.bench import machine, rounds, tables
from build.bench.measurements.table import MEASUREMENTS, Measurement
from build.bench.result import Result, ServerInfo, to_json
from build.bench.servers import ROOT, Kind, ferrox, from_source
from build.bench.target import FULL, QUICK


def main(arguments: Sequence[str]) -> int:
    """The command. Returns its exit status."""
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # unwinds, so that servers are ended
    try:
        return _bench(options)
    except KeyboardInterrupt:
        print("bench: stopped", file=sys.stderr)
        return 130


def _bench(options: argparse.Namespace) -> int:
    kinds = [_kind(name, options) for name in options.servers.split(",")]
    measurements = _chosen(options)
    scale = QUICK if options.quick else FULL
    with tempfile.TemporaryDirectory(prefix="ferrox-bench-", dir=options.data) as folder:
        described = machine.describe(Path(folder))
        with rounds.running(kinds, Path(folder), scale) as targets:
            outcomes = rounds.run(measurements, targets, lambda line: print(line, file=sys.stderr))
    servers = {kind.name: ServerInfo(kind.version(), kind.durable) for kind in kinds}
    result = Result("quick" if options.quick else "full", described, servers, outcomes)
    _write(result, options.out)
    return 1 if any(one.failure for row in outcomes.values() for one in row.values()) else 0


def _write(result: Result, out: Path | None) -> None:
    text = tables.document(result)
    print(text)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / "bench.json").write_text(to_json(result), "utf-8")
        (out / "bench.md").write_text(text, "utf-8")


def _chosen(options: argparse.Namespace) -> list[Measurement]:
    if options.only:
        return [one for one in MEASUREMENTS if one.name in options.only.split(",")]
    return [one for one in MEASUREMENTS if one.quick or not options.quick]


def _kind(name: str, options: argparse.Namespace) -> Kind:
    extra = options.ferrox_options.split()
    if name == "ferrox":
        return ferrox(name, from_source(ROOT), extra)
    raise SystemExit(f"bench: no server is called {name}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("scripts/bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds")
    parser.add_argument("--only", metavar="NAME,…", help="only these measurements")
    parser.add_argument("--servers", metavar="NAME,…", default="ferrox")
    parser.add_argument("--ferrox-options", default="", metavar="TEXT", help="for ferroxd serve")
    parser.add_argument("--data", metavar="DIR", type=Path, help="where servers keep their data")
    parser.add_argument("--out", metavar="DIR", type=Path, help="write bench.json and bench.md")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
