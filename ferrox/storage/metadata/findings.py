"""Findings of the scrub: what is damaged, and whom that hurts, until it is mended or gone.

A finding is known by what it is about: a blob by its name, a version (its manifest, or its bytes in
the index) by its number, the parts of an upload by its id, a database by the name of its file. What
is not there any more has no findings, whether its row is still here or not. `objects` is NULL until
it was looked for who needs it; see `holders_among`.
"""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from ferrox.storage.metadata import manifest
from ferrox.storage.metadata.database import Reader, Tx

BLOB, INLINE, VERSION, UPLOAD, DATABASE = "blob", "inline", "version", "upload", "database"

MOST_HOLDERS = 100
"""Named of each; how many there are is told in any case."""

Name = bytes | int | str
"""Of what a finding is about."""

_IS_THERE = (
    "CASE kind"
    " WHEN 'blob' THEN EXISTS (SELECT 1 FROM blobs WHERE blobs.name = found.name)"
    " WHEN 'inline' THEN EXISTS (SELECT 1 FROM inline_data WHERE version = found.name)"
    " WHEN 'version' THEN EXISTS (SELECT 1 FROM versions WHERE version = found.name)"
    " WHEN 'upload' THEN EXISTS (SELECT 1 FROM parts WHERE upload_id = found.name)"
    " ELSE 1 END"
)
_COLUMNS = "kind, name, problem, found_ms, seen_ms, objects"
_PAGE = (
    f"SELECT {_COLUMNS} FROM scrub_findings AS found"
    f" WHERE (kind, name) > (?, ?) AND {_IS_THERE} ORDER BY kind, name LIMIT ?"
)
_COUNT = f"SELECT count(*) FROM scrub_findings AS found WHERE {_IS_THERE}"
_UNTOLD = (
    f"SELECT {_COLUMNS} FROM scrub_findings AS found WHERE objects IS NULL AND {_IS_THERE} LIMIT ?"
)
_NOTE = (
    "INSERT INTO scrub_findings (kind, name, problem, found_ms, seen_ms, pass)"
    " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (kind, name) DO UPDATE"
    " SET problem = excluded.problem, seen_ms = excluded.seen_ms, pass = excluded.pass"
)
_TELL = "UPDATE scrub_findings SET objects = ? WHERE kind = ? AND name = ?"
_REMOVE = "DELETE FROM scrub_findings WHERE kind = ? AND name = ?"
_RENUMBER = "UPDATE scrub_findings SET name = ? WHERE kind = ? AND name = ?"
_SOUND = "DELETE FROM scrub_findings WHERE kind = ? AND pass < ?"

_VERSIONS = (
    "SELECT version, manifest, buckets.name, key, version_id"
    " FROM versions JOIN buckets USING (bucket_id)"
    " WHERE version > ? AND manifest IS NOT NULL ORDER BY version LIMIT ?"
)
_PARTS = (
    "SELECT upload_id, part_number, manifest, buckets.name, uploads.key"
    " FROM parts JOIN uploads USING (upload_id) JOIN buckets USING (bucket_id)"
    " WHERE (upload_id, part_number) > (?, ?) AND manifest IS NOT NULL"
    " ORDER BY upload_id, part_number LIMIT ?"
)
_ONE_VERSION = (
    "SELECT buckets.name, key, version_id FROM versions JOIN buckets USING (bucket_id)"
    " WHERE version = ?"
)
_ONE_UPLOAD = (
    "SELECT buckets.name, key FROM uploads JOIN buckets USING (bucket_id) WHERE upload_id = ?"
)


class Holder(NamedTuple):
    """What needs something: a version of an object, or a part of an upload."""

    bucket: str
    key: str
    version_id: str | None = None
    upload_id: str | None = None
    part_number: int | None = None

    @property
    def told(self) -> str:
        """In words; keys may hold anything, a terminal should not get it raw."""
        key = self.key if self.key.isprintable() else ascii(self.key)
        if self.upload_id is None:
            return f"{self.bucket}/{key} (version {self.version_id})"
        part = "" if self.part_number is None else f"part {self.part_number} of "
        return f"{self.bucket}/{key} ({part}upload {self.upload_id})"


class Holders(NamedTuple):
    """All that needs something; the first of them."""

    total: int
    first: tuple[Holder, ...]


class Finding(NamedTuple):
    """What is damaged.

    found_ms  when it was found, seen_ms when it was last seen to be so
    holders   what needs it; None: that is still being looked for
    """

    kind: str
    name: Name
    problem: str
    found_ms: int
    seen_ms: int
    holders: Holders | None = None


class Cursor(NamedTuple):
    """How far the look for holders is: among the versions, or the parts of uploads."""

    version: int = 0
    part: tuple[str, int] | None = None


def page(reader: Reader, after: tuple[str, Name], limit: int) -> list[Finding]:
    """Return findings about what is still there, in order."""
    return [_finding(row) for row in reader.execute(_PAGE, (*after, limit))]


def count(reader: Reader) -> int:
    """Return how many there are."""
    found: int = reader.execute(_COUNT).fetchone()[0]
    return found


def untold(reader: Reader, limit: int) -> list[Finding]:
    """Return some findings of which nobody knows yet what needs them."""
    return [_finding(row) for row in reader.execute(_UNTOLD, (limit,))]


def note(tx: Tx, found: Sequence[tuple[str, Name, str]], number: int, now_ms: int) -> None:
    """Remember what a pass found: kind, name, problem of each. What is known stays told."""
    tx.executemany(
        _NOTE, [(kind, name, problem, now_ms, now_ms, number) for kind, name, problem in found]
    )


def tell(tx: Tx, finding: Finding, holders: Holders) -> None:
    """Remember what needs it."""
    objects = [holders.total, [list(holder) for holder in holders.first]]
    text = json.dumps(objects, ensure_ascii=False, separators=(",", ":"))
    tx.execute(_TELL, (text, finding.kind, finding.name))


def renumber(tx: Tx, version: int, renumbered: int) -> None:
    """Go on knowing what is damaged of a version that gets another number."""
    for kind in (INLINE, VERSION):
        tx.execute(_RENUMBER, (renumbered, kind, version))


def remove(tx: Tx, finding: Finding) -> None:
    """Forget one."""
    tx.execute(_REMOVE, (finding.kind, finding.name))


def remove_older(tx: Tx, kinds: Sequence[str], number: int) -> int:
    """Forget those that a pass has not seen, although it has seen everything of their kinds."""
    return sum(tx.execute(_SOUND, (kind, number)).rowcount for kind in kinds)


def holder_of(reader: Reader, finding: Finding) -> Holders:
    """What needs something that is no blob: at most one thing."""
    if finding.kind in {INLINE, VERSION}:
        row = reader.execute(_ONE_VERSION, (finding.name,)).fetchone()
        found = None if row is None else Holder(*row)
    elif finding.kind == UPLOAD:
        row = reader.execute(_ONE_UPLOAD, (finding.name,)).fetchone()
        found = None if row is None else Holder(row[0], row[1], upload_id=str(finding.name))
    else:
        found = None
    return Holders(0, ()) if found is None else Holders(1, (found,))


def holders_among(
    reader: Reader, names: set[bytes], after: Cursor, limit: int
) -> tuple[list[tuple[bytes, Holder]], Cursor | None]:
    """Look through some manifests, unverified as they are; return what needs which of these blobs.

    returns  it, and where to go on, None at the end
    """
    if after.part is None:
        rows = reader.execute(_VERSIONS, (after.version, limit)).fetchall()
        found = [
            (name, Holder(bucket, key, version_id))
            for _, packed, bucket, key, version_id in rows
            for name in names & manifest.names(packed)
        ]
        return found, Cursor(rows[-1][0]) if rows else Cursor(part=("", 0))
    rows = reader.execute(_PARTS, (*after.part, limit)).fetchall()
    found = [
        (name, Holder(bucket, key, None, upload_id, number))
        for upload_id, number, packed, bucket, key in rows
        for name in names & manifest.names(packed)
    ]
    return found, Cursor(part=rows[-1][:2]) if rows else None


def _finding(row: Sequence[Any]) -> Finding:
    kind, name, problem, found_ms, seen_ms, objects = row
    holders = None
    if objects is not None:
        total, first = json.loads(objects)
        holders = Holders(total, tuple(Holder(*one) for one in first))
    return Finding(kind, name, problem, found_ms, seen_ms, holders)
