"""`ferroxd restore-backup`: make a data directory of a snapshot that ferroxd backup made."""

import json
from collections.abc import Sequence
from pathlib import Path

from ferrox.cli.backup import held, summary
from ferrox.cli.options import asks_for_help, parse_words
from ferrox.cli.progress import Progress
from ferrox.errors import DataCorrupted, StartError
from ferrox.protocol.dates import parse_iso8601
from ferrox.quantities import counted, size
from ferrox.storage.backup.place import BackupPlace, SnapshotRecord, record_damage
from ferrox.storage.backup.restoring import Restored, restore

HELP = """\
usage: ferroxd restore-backup DEST --data-dir NEW [--snapshot TIME] [--accept-losses] [--json]

Make a data directory of what ferroxd backup has put into DEST: all buckets, objects, versions,
uploads in progress, users, keys and policies as they were then. A server can be started with it at
once. Every checksum is verified on the way, and what is damaged is refused. To bring one bucket
back to a point in time, within a data directory, there is ferroxd restore.

NEW must be empty, or not be there. No server starts on a directory that is not complete; when this
command was cut off, the same command completes it.

Encrypted objects need the master key that the server had: it is in no backup. Neither is a master
passphrase of secrets.

  --snapshot TIME
      The name of a snapshot as ferroxd backup list shows it, or an instant like
      2026-09-21T14:13:20Z: the newest that is not younger. Without it, the newest of all.
  --accept-losses
      Go on without what is damaged: those objects cannot be read afterwards, all others can.
  --json
      Print a report as JSON.
"""

USAGE = "usage: ferroxd restore-backup DEST --data-dir NEW; see ferroxd restore-backup --help"


def run(arguments: Sequence[str]) -> int:
    """Restore; 1 if something is damaged, StartError when it cannot be done as asked."""
    if asks_for_help(arguments):
        print(HELP, end="")
        return 0
    flags = {"--snapshot"}
    given = parse_words("restore-backup", arguments, flags, "--json", "--accept-losses")
    if len(given.words) != 1 or "--data-dir" not in given.values or "--config" in given.values:
        raise StartError(USAGE)  # where to is said here, not by the settings of a running server
    place = BackupPlace.open(Path(given.words[0]))
    data_dir = Path(given.values["--data-dir"])
    progress = Progress()
    try:
        record = _chosen(place, given.values.get("--snapshot"))
        restored = restore(
            place,
            record,
            data_dir,
            progress.stage,
            accept_losses="--accept-losses" in given.switches,
        )
    except OSError as error:
        raise StartError(f"{error.filename or 'a file'}: {error.strerror}") from error
    except DataCorrupted as damage:
        progress.close()
        as_json = json.dumps({"error": str(damage)}, indent=2)
        print(as_json if "--json" in given.switches else f"damaged: {damage}")
        return 1
    finally:
        progress.close()
    if "--json" in given.switches:
        print(json.dumps(_plain(restored, data_dir), indent=2))
    else:
        print("\n".join(told(restored, data_dir)))
    return 1 if restored.lost else 0


def _chosen(place: BackupPlace, text: str | None) -> SnapshotRecord:
    records, damaged = place.look()
    if text in damaged:
        raise record_damage(str(text))
    if not records and not damaged:
        raise StartError(f"there are no snapshots in {place.path}")
    if text is None:
        if damaged and (not records or damaged[-1] > records[-1].name):
            raise DataCorrupted(f"{record_damage(damaged[-1])}; --snapshot names an older one")
        return records[-1]
    for record in records:
        if record.name == text:
            return record
    at_ms = parse_iso8601(text)
    if at_ms is None:
        raise StartError(f"there is no snapshot {text}; see ferroxd backup list {place.path}")
    found = [record for record in records if record.created_ms <= at_ms]
    if not found:
        raise StartError(f"no snapshot in {place.path} is as old as {text}")
    return found[-1]


def told(restored: Restored, data_dir: Path) -> list[str]:
    """What was done, for people."""
    record = restored.record
    lines = [
        f"{data_dir} is a data directory as of {record.name}",
        f"{held(record)}, {counted(record.blob_count, 'blob')} with {size(record.blob_bytes)}",
    ]
    lines += [f"lost: blob {name}: {reason}" for name, reason in restored.lost.items()]
    if record.secrets == "passphrase":
        lines.append("its secrets are sealed under the master passphrase: start it with that")
    return lines


def _plain(restored: Restored, data_dir: Path) -> dict[str, object]:
    return summary(restored.record) | {
        "data_dir": str(data_dir),
        "copied_blobs": restored.copied_count,
        "copied_bytes": restored.copied_bytes,
        "lost": restored.lost,
    }
