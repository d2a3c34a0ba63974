"""scripts/bench: measures ferroxd, alone or side by side with other servers."""

import argparse
import signal
import sys
import tempfile
from pathlib import Path

from build.bench import comparison, machine, options, publish, rounds, soak, tables
from build.bench.figures import MeasurementFailed
from build.bench.result import Result, ServerInfo, load, to_json


def main(arguments: list[str]) -> int:
    """The command. Returns its exit status."""
    given = options.parse(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # unwinds, so that servers are ended
    try:
        if given.publish:
            publish.publish(load(given.publish))
            return 0
        return _soak(given) if given.soak else _bench(given)
    except KeyboardInterrupt:
        print("bench: stopped", file=sys.stderr)
        return 130


def _bench(given: argparse.Namespace) -> int:
    before = load(given.against) if given.against else None
    result = _measure(given)
    text = tables.document(result)
    print(text)
    if given.out:
        given.out.mkdir(parents=True, exist_ok=True)
        (given.out / "bench.json").write_text(to_json(result), "utf-8")
        (given.out / "bench.md").write_text(text, "utf-8")
    status = 0
    if before:
        status |= _judged(list(comparison.changes(before, result)))
    if given.no_worse:
        status |= _judged(list(comparison.within(result, "baseline", "ferrox")))
    failures = [one for row in result.outcomes.values() for one in row.values() if one.failure]
    return 1 if failures else status


def _judged(changes: list[comparison.Change]) -> int:
    """Show what changed; 1 if any of it is worse, or there is nothing to compare."""
    print(comparison.table(changes))
    if not changes:
        print("bench: there is nothing to compare", file=sys.stderr)
    return int(not changes or any(one.is_worse for one in changes))


def _measure(given: argparse.Namespace) -> Result:
    kinds = options.kinds(given)
    measurements = options.measurements(given)
    scale = options.scale(given)
    with tempfile.TemporaryDirectory(prefix="ferrox-bench-", dir=given.data) as folder:
        described = machine.describe(Path(folder))
        with rounds.running(kinds, Path(folder), scale) as targets:
            outcomes = rounds.run(measurements, targets, _say)
    servers = {kind.name: ServerInfo(kind.version(), kind.durable) for kind in kinds}
    return Result(options.part(given).name.lower(), described, servers, outcomes)


def _soak(given: argparse.Namespace) -> int:
    status = 0
    with tempfile.TemporaryDirectory(prefix="ferrox-bench-", dir=given.data) as folder:
        for kind in options.kinds(given):
            with rounds.running([kind], Path(folder), options.scale(given)) as [target]:
                growth = soak.run(target, given.soak, _say)
            verdict = "grows" if growth.is_too_much else "steady"
            print(f"{kind.name}: {growth.median_mb:.1f} MB, {growth.grown_mb:+.1f} MB: {verdict}")
            status |= growth.is_too_much
    return status


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except MeasurementFailed as error:
        sys.exit(f"bench: {error}")
