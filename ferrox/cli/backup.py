"""`ferroxd backup`: copy a data directory while its server runs; show and check the copies."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ferrox.cli.options import Words, asks_for_help, parse_words
from ferrox.cli.progress import Progress
from ferrox.clock import SystemClock
from ferrox.errors import DataCorrupted, StartError
from ferrox.quantities import counted, size
from ferrox.storage.backup.making import Backup, make
from ferrox.storage.backup.place import BackupPlace, SnapshotRecord
from ferrox.storage.backup.verifying import Verification, verify

HELP = """\
usage: ferroxd backup DEST [--keep N] [--json] [--data-dir DIR] [--config FILE]
       ferroxd backup list DEST [--json]
       ferroxd backup verify DEST [--drop-damaged] [--json]

The first copies everything that a data directory holds at this moment into the directory DEST, as
one more snapshot, whether a server is running or not. Bytes that DEST has already are not copied
again. Every checksum is verified on the way: what is damaged is named, and the rest goes on. Run
it as the user of the server, on its machine. ferroxd restore-backup makes a data directory of a
snapshot; ferroxd restore is something else, and brings one bucket back to a point in time.

list shows the snapshots in DEST. verify reads all of them, every byte.

DEST holds secrets: whoever can read it can do what your users can, unless the server has a master
passphrase (docs/secrets.md). The MASTER KEY of encrypted objects is NOT in it: keep a copy of that
elsewhere, or encrypted objects cannot be read from any backup.

  --keep N
      Afterwards remove all but the N newest snapshots, and what no other needed. Nothing is removed
      when something was damaged, or one of those N snapshots is not what was written.
  --drop-damaged
      Remove blobs that are damaged from DEST, so that the next backup copies them anew.
  --json
      Print a report as JSON.
  --data-dir DIR, --config FILE
      As for ferroxd serve, and the environment counts as there.

Exit status 0: all is well. 1: something is damaged, and the report says what. 2: it was not done.
"""

USAGE = "usage: ferroxd backup [list|verify] DEST; see ferroxd backup --help"

_MOST_KEPT = 100_000


def run(arguments: Sequence[str]) -> int:
    """Carry out one of the commands; StartError when it cannot be done as asked."""
    if asks_for_help(arguments):
        print(HELP, end="")
        return 0
    given = parse_words("backup", arguments, {"--keep"}, "--json", "--drop-damaged")
    try:
        return _carry_out(given)
    except OSError as error:
        raise StartError(f"{error.filename or 'a file'}: {error.strerror}") from error


def _carry_out(given: Words) -> int:
    match given.words:
        case ["list", destination]:
            return _list(given, Path(destination))
        case ["verify", destination]:
            return _verify(given, Path(destination))
        case [destination] if destination not in {"list", "verify"}:
            return _make(given, Path(destination))
        case _:
            raise StartError(USAGE)


def _make(given: Words, destination: Path) -> int:
    _require_only(given, {"--keep", "--json"})
    progress = Progress()
    try:
        backup = make(
            given.settings().data_dir,
            destination,
            SystemClock(),
            keep_count=_keep_count(given),
            stages=progress.stage,
        )
    except DataCorrupted as damage:
        return _print_failure(given, damage)
    finally:
        progress.close()
    _print(given, _plain(backup, destination), told(backup, destination))
    return 1 if backup.record.lost or backup.pruned.kept_because else 0


def _list(given: Words, destination: Path) -> int:
    _require_only(given, {"--json"})
    records, damaged = BackupPlace.open(destination).look()
    lines = [*map(_line, records), *(f"{name}  its record is DAMAGED" for name in damaged)]
    report = {"snapshots": [summary(record) for record in records], "damaged": damaged}
    _print(given, report, lines or [f"there are no snapshots in {destination}"])
    return 1 if damaged else 0


def _verify(given: Words, destination: Path) -> int:
    _require_only(given, {"--json", "--drop-damaged"})
    place = BackupPlace.open(destination)
    progress = Progress()
    drop_damaged = "--drop-damaged" in given.switches
    try:
        found = verify(place, progress.stage, drop_damaged=drop_damaged)
    finally:
        progress.close()
    report = {
        "snapshots": [summary(record) for record in found.snapshots],
        "damage": [one._asdict() for one in found.damage],
        "removed": found.removed_count,
    }
    _print(given, report, list(_verified(found)))
    return 1 if found.damage else 0


def _require_only(given: Words, flags: set[str]) -> None:
    stray = (set(given.values) | given.switches) - flags - {"--data-dir", "--config"}
    if stray:
        raise StartError(f"{min(stray)} means nothing here; see ferroxd backup --help")


def _keep_count(given: Words) -> int | None:
    text = given.values.get("--keep")
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:7]) <= _MOST_KEPT):
        raise StartError(f"--keep {text} is no number of snapshots from 1 on")
    return int(text)


def _print(given: Words, report: dict[str, Any], lines: Sequence[str]) -> None:
    print(json.dumps(report, indent=2) if "--json" in given.switches else "\n".join(lines))


def _print_failure(given: Words, damage: DataCorrupted) -> int:
    _print(given, {"error": str(damage)}, [f"damaged: {damage}"])
    return 1


def held(record: SnapshotRecord) -> str:
    """What can be read in a snapshot: keys that show an object, and all that is below them."""
    objects = counted(record.object_count, "object")
    if record.version_count == record.object_count:
        return objects
    return f"{objects} and {counted(record.version_count, 'version')} in all"


def told(backup: Backup, destination: Path) -> list[str]:
    """What was done, for people."""
    record, copied, pruned = backup
    lines = [
        f"snapshot {record.name} in {destination}",
        f"{held(record)}; {counted(record.blob_count, 'blob')}: {copied.new_count:,} copied"
        f" ({size(copied.new_bytes)}) and {copied.present_count:,} there already;"
        f" index {size(record.files['index.db'].size_bytes)}",
    ]
    if record.secrets == "key file":
        lines.append(
            "it holds the key of its secrets (settings.key): keep it as safe as the server"
        )
    if pruned.snapshots or pruned.blob_count:
        lines.append(
            f"removed {counted(len(pruned.snapshots), 'old snapshot')} and what was needed for no"
            f" other: {counted(pruned.blob_count, 'blob')} ({size(pruned.blob_bytes)})"
        )
    if pruned.kept_because:
        lines.append(f"nothing old is removed: {pruned.kept_because}")
    for lost in record.lost:
        lines += [f"damaged: {lost.reason}", *(f"  needed by {one}" for one in lost.holders)]
    if record.lost:
        lines.append(f"damaged in the data directory: {_things(len(record.lost))}; see above")
    return lines


def _plain(backup: Backup, destination: Path) -> dict[str, Any]:
    record, copied, pruned = backup
    return summary(record) | {
        "path": str(destination / "snapshots" / record.name),
        "copied_blobs": copied.new_count,
        "copied_bytes": copied.new_bytes,
        "present_blobs": copied.present_count,
        "removed_snapshots": list(pruned.snapshots),
        "removed_blobs": pruned.blob_count,
        "removed_bytes": pruned.blob_bytes,
        "kept_because": pruned.kept_because,
    }


def summary(record: SnapshotRecord) -> dict[str, Any]:
    """A snapshot as JSON."""
    return {
        "snapshot": record.name,
        "version": record.version,
        "objects": record.object_count,
        "versions": record.version_count,
        "blobs": record.blob_count,
        "blob_bytes": record.blob_bytes,
        "index_bytes": record.files["index.db"].size_bytes,
        "secrets": record.secrets,
        "damaged": [one._asdict() for one in record.lost],
    }


def _line(record: SnapshotRecord) -> str:
    damaged = f", {len(record.lost)} DAMAGED" if record.lost else ""
    return (
        f"{record.name}  {held(record)}, {counted(record.blob_count, 'blob')} with"
        f" {size(record.blob_bytes)}, index {size(record.files['index.db'].size_bytes)}{damaged}"
    )


def _verified(found: Verification) -> Sequence[str]:
    lines = [_line(record) for record in found.snapshots]
    for one in found.damage:
        lines += [f"damaged: {one.what}: {one.reason}", *(f"  needed by {k}" for k in one.holders)]
    if found.removed_count:
        removed = counted(found.removed_count, "damaged blob")
        lines.append(f"removed {removed}, to be copied by the next backup")
    count = len(found.damage)
    lines.append(f"damaged: {_things(count)} in all" if count else "every byte is as written")
    return lines


def _things(count: int) -> str:
    return counted(count, "thing")
