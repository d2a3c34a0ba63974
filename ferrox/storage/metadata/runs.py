"""Runs of the lifecycle of buckets: what each of the last ones did."""

import json
from typing import Any

from ferrox.lifecycle_records import LifecycleAction, LifecycleReport, LifecycleStep
from ferrox.records import BucketRecord
from ferrox.storage.metadata.database import Reader, Tx

KEPT_COUNT = 30
"""Runs of a bucket that are remembered: a month of daily ones."""

_INSERT = (
    "INSERT OR REPLACE INTO lifecycle_runs (bucket_id, started_ms, report)"
    " SELECT bucket_id, ?, ? FROM buckets WHERE bucket_id = ?"
)
_FORGET_LATER = "DELETE FROM lifecycle_runs WHERE bucket_id = ? AND started_ms > ?"
_FORGET = (
    "DELETE FROM lifecycle_runs WHERE bucket_id = ?1 AND started_ms NOT IN (SELECT started_ms"
    " FROM lifecycle_runs WHERE bucket_id = ?1 ORDER BY started_ms DESC LIMIT ?2)"
)
_LATEST = "SELECT max(started_ms) FROM lifecycle_runs WHERE bucket_id = ?"
_ALL = "SELECT report FROM lifecycle_runs WHERE bucket_id = ? ORDER BY started_ms DESC"


def keep(tx: Tx, bucket: BucketRecord, report: LifecycleReport) -> None:
    """Remember a run, unless the bucket is gone, and forget the oldest one too many.

    Runs that are yet to come are those of a clock that was set back since: forgotten as well, so
    that this one is the last.
    """
    text = json.dumps(as_plain(report), ensure_ascii=False, separators=(",", ":"))
    tx.execute(_FORGET_LATER, (bucket.bucket_id, report.started_ms))
    tx.execute(_INSERT, (report.started_ms, text, bucket.bucket_id))
    tx.execute(_FORGET, (bucket.bucket_id, KEPT_COUNT))


def latest_ms(reader: Reader, bucket: BucketRecord) -> int | None:
    """When the last run of a bucket began; None if there was none."""
    found: int | None = reader.execute(_LATEST, (bucket.bucket_id,)).fetchone()[0]
    return found


def reports(reader: Reader, bucket: BucketRecord) -> list[LifecycleReport]:
    """What the runs of a bucket did, the last one first."""
    return [from_plain(json.loads(text)) for (text,) in reader.execute(_ALL, (bucket.bucket_id,))]


def as_plain(report: LifecycleReport) -> dict[str, Any]:
    """A report as what JSON can say, with names."""
    return report._asdict() | {"first": [step._asdict() for step in report.first]}


def from_plain(plain: dict[str, Any]) -> LifecycleReport:
    """A report from what `as_plain` made of it."""
    first = [
        LifecycleStep(**{**step, "action": LifecycleAction(step["action"])})
        for step in plain["first"]
    ]
    return LifecycleReport(**{**plain, "first": first})
