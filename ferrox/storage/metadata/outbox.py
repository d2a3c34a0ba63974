"""The outbox: what happened, written in the transaction that made it happen, and who is to be told.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html

An event has a row exactly if its change was committed. Which events are written the bucket's
notification document decides, as it was when the request was read (AWS, too, lets a new one take
minutes to come into force), or the operator, who may want all of them.

A delivery is an event that one target has to be told of. It is in one of three states:

    due_ms set         it is the oldest of its key and target, and is tried from that instant on
    both NULL          an older one of its key and target comes first
    dead_ms set        it was given up; the next one of its key has become the oldest

So what can be sent now is one range of an index, however many events wait behind one that fails,
and events of one key arrive in the order in which they happened.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from ferrox.records import (
    NULL_VERSION,
    BucketRecord,
    Deletion,
    Delivery,
    Event,
    Occasion,
    Versioning,
    VersionRecord,
)
from ferrox.storage.metadata.database import Reader, Tx

DOCUMENT = "notification"
"""The document of a bucket that says who is told of what."""

TEST_EVENT = "TestEvent"
"""What targets are sent when a bucket is configured to tell them of something."""

Subject = tuple[str, str | None, int | None, str | None]
"""Key, version id, size and ETag of what an event is about."""

_NOTHING: Subject = ("", None, None, None)
_ARNS = {
    "TopicConfiguration": "Topic",
    "QueueConfiguration": "Queue",
    "CloudFunctionConfiguration": "CloudFunction",
}
_FIELDS = ", ".join(f"events.{name}" for name in ("event", *Event._fields[1:]))
_EVENT_COUNT = len(Event._fields)
_INSERT = (
    f"INSERT INTO events ({', '.join(Event._fields[1:])})"
    f" VALUES ({', '.join('?' for _ in Event._fields[1:])})"
)
_PAGE = f"SELECT {_FIELDS} FROM events WHERE event > ? AND name <> ? ORDER BY event LIMIT ?"
_PAGE_OF_BUCKET = (
    f"SELECT {_FIELDS} FROM events WHERE event > ? AND name <> ? AND bucket = ?"
    " ORDER BY event LIMIT ?"
)
_ADD = (
    "INSERT OR IGNORE INTO deliveries"
    " (event, target, configuration_id, bucket_id, key, since_ms, due_ms)"
    " VALUES (?, ?, ?, ?, ?, ?, ?)"
)
_OLDEST = (
    "SELECT min(event) FROM deliveries"
    " WHERE target = ? AND bucket_id = ? AND key = ? AND dead_ms IS NULL"
)
_DELIVERIES = (
    f"SELECT {_FIELDS}, target, configuration_id, since_ms, attempts, failure, dead_ms"
    " FROM deliveries JOIN events USING (event)"
)
_DUE = (
    f"{_DELIVERIES} WHERE target = ? AND due_ms IS NOT NULL AND due_ms <= ?"
    " ORDER BY due_ms, event LIMIT ?"
)
_DEAD = f"{_DELIVERIES} WHERE dead_ms IS NOT NULL AND event > ? ORDER BY event LIMIT ?"
_OLD = f"{_DELIVERIES} WHERE dead_ms IS NULL AND since_ms < ? ORDER BY since_ms, event LIMIT ?"
_BACKLOG = (
    "SELECT target, sum(dead_ms IS NULL), sum(dead_ms IS NOT NULL) FROM deliveries GROUP BY target"
)
_OF_ONE = " WHERE event = ? AND target = ?"
_PROMOTE = "UPDATE deliveries SET due_ms = coalesce(due_ms, ?) WHERE event = ? AND target = ?"
_FAIL = (
    "UPDATE deliveries SET attempts = attempts + 1, failure = ?,"
    f" due_ms = iif(due_ms IS NULL, NULL, ?){_OF_ONE}"  # it may have lost its place meanwhile
)
_BURY = f"UPDATE deliveries SET failure = ?, due_ms = NULL, dead_ms = ?{_OF_ONE}"
_REVIVE = (
    f"UPDATE deliveries SET dead_ms = NULL, since_ms = ?, attempts = 0{_OF_ONE}"
    " AND dead_ms IS NOT NULL"
)
_STEP_BACK = (
    "UPDATE deliveries SET due_ms = NULL WHERE target = ? AND bucket_id = ? AND key = ?"
    " AND dead_ms IS NULL"
)
_DISCARD = f"DELETE FROM deliveries{_OF_ONE} AND dead_ms IS NOT NULL"
_FORGET_DEAD = "DELETE FROM deliveries WHERE dead_ms IS NOT NULL AND dead_ms < ?"
_PRUNE = (
    "DELETE FROM events WHERE event IN (SELECT event FROM events WHERE occurred_ms < ?"
    " AND NOT EXISTS (SELECT 1 FROM deliveries WHERE deliveries.event = events.event) LIMIT ?)"
)


class Rule(NamedTuple):
    """One configuration of a bucket: who is told of which events of which keys."""

    configuration_id: str
    target: str
    events: tuple[str, ...]
    prefix: str
    suffix: str

    def covers(self, event: str, key: str) -> bool:
        """Whether this is about an event, given without "s3:"."""
        if not (key.startswith(self.prefix) and key.endswith(self.suffix)):
            return False
        name = f"s3:{event}"
        return any(
            name.startswith(wanted[:-1]) if wanted.endswith("*") else name == wanted
            for wanted in self.events
        )


class Announcement(NamedTuple):
    """What it takes to write down a change that is about to be made.

    keeps_all  also of what nobody has to be told
    """

    bucket: BucketRecord
    occasion: Occasion
    rules: tuple[Rule, ...]
    keeps_all: bool

    def on(self, event: str) -> "Announcement":
        """The same for something else that happens on this occasion."""
        return self._replace(occasion=self.occasion._replace(event=event))

    def shown_id(self, version_id: str | None) -> str | None:
        """A version id; None in a bucket that has never kept versions."""
        is_versioned = self.bucket.versioning is not Versioning.UNVERSIONED
        return version_id if is_versioned or version_id != NULL_VERSION else None


def target_name(arn: str) -> str:
    """Return whom an ARN names.

    `arn:ferrox:sqs::NAME:webhook`, and the same of MinIO, have the name where AWS has an account;
    all others have it at their end, whatever region and account they name.
    """
    parts = arn.split(":")
    return parts[4] if len(parts) > 5 and parts[1] in {"ferrox", "minio"} else parts[-1]


def rules_of(document: Mapping[str, Any] | None) -> tuple[Rule, ...]:
    """Return what a notification document says, in its order."""
    return tuple(
        _rule(configuration, configuration[arn])
        for kind, arn in _ARNS.items()
        for configuration in (document or {}).get(kind, ())
    )


def record_version(
    tx: Tx, announcement: Announcement | None, version: VersionRecord, now_ms: int
) -> None:
    """Write down that a version was made or changed."""
    if announcement is not None:
        shown_id = announcement.shown_id(version.version_id)
        subject = version.key, shown_id, version.size_bytes, version.etag
        _record(tx, announcement, announcement.occasion.event, subject, now_ms)


def record_deletion(  # noqa: PLR0917 - what was asked for, and what was done
    tx: Tx,
    announcement: Announcement | None,
    key: str,
    asked_id: str | None,
    deletion: Deletion,
    now_ms: int,
) -> None:
    """Write down that a version was removed, or that a delete marker was added.

    asked_id  the version that was to be removed, None for the key
    """
    if announcement is None:
        return
    event = announcement.occasion.event
    if deletion.is_delete_marker and asked_id is None:
        event = event.replace(":Delete", ":DeleteMarkerCreated")
    shown_id = announcement.shown_id(deletion.version_id)
    _record(tx, announcement, event, (key, shown_id, None, None), now_ms)


def record_test(tx: Tx, announcement: Announcement, now_ms: int) -> None:
    """Send word to everybody whom a bucket is now configured to tell of something."""
    bucket, occasion, rules, _ = announcement
    if rules:
        _write(tx, bucket, occasion._replace(event=TEST_EVENT), _NOTHING, rules, now_ms)


def page(reader: Reader, after: int, limit: int, bucket: str | None) -> list[Event]:
    """Return events in order, of one bucket or of all, whose numbers are greater than `after`."""
    if bucket is None:
        rows = reader.execute(_PAGE, (after, TEST_EVENT, limit))
    else:
        rows = reader.execute(_PAGE_OF_BUCKET, (after, TEST_EVENT, bucket, limit))
    return [Event._make(row) for row in rows]


def last_number(reader: Reader) -> int:
    """Return the number of the newest event, 0 if there has been none."""
    return reader.execute("SELECT max(event) FROM events").fetchone()[0] or 0


def count(reader: Reader) -> int:
    """Return how many events are kept."""
    return int(reader.execute("SELECT count(*) FROM events").fetchone()[0])


def due(reader: Reader, target: str, now_ms: int, limit: int) -> list[Delivery]:
    """Return what a target can be told now: of each key the oldest."""
    return list(map(_delivery, reader.execute(_DUE, (target, now_ms, limit))))


def dead(reader: Reader, after: int, limit: int) -> list[Delivery]:
    """Return what was given up, by event."""
    return list(map(_delivery, reader.execute(_DEAD, (after, limit))))


def targets(reader: Reader) -> list[str]:
    """Return whom there is something to tell."""
    rows = reader.execute("SELECT DISTINCT target FROM deliveries WHERE dead_ms IS NULL")
    return [name for (name,) in rows]


def backlog(reader: Reader) -> dict[str, tuple[int, int]]:
    """Return of how many events each target has yet to be told, and how many were given up."""
    return {name: (waiting, dead) for name, waiting, dead in reader.execute(_BACKLOG)}


def delivered(tx: Tx, delivery: Delivery, now_ms: int) -> None:
    """Note that a target has been told."""
    tx.execute(f"DELETE FROM deliveries{_OF_ONE}", (delivery.event.number, delivery.target))
    _promote(tx, delivery, now_ms)


def failed(tx: Tx, delivery: Delivery, failure: str, due_ms: int) -> None:
    """Note that a target could not be told; it is tried again at an instant."""
    tx.execute(_FAIL, (failure, due_ms, delivery.event.number, delivery.target))


def bury_old(tx: Tx, cutoff_ms: int, now_ms: int, limit: int) -> list[Delivery]:
    """Give up what has waited since before an instant; return it."""
    old = list(map(_delivery, tx.execute(_OLD, (cutoff_ms, limit))))
    for delivery in old:
        failure = delivery.failure or "it was never tried"
        tx.execute(_BURY, (failure, now_ms, delivery.event.number, delivery.target))
        _promote(tx, delivery, now_ms)
    return old


def revive(tx: Tx, deliveries: Iterable[Delivery], now_ms: int) -> int:
    """Try again what was given up; it takes its old place in the order. Return how many."""
    revived_count = 0
    for delivery in deliveries:
        event, target = delivery.event, delivery.target
        revived_count += tx.execute(_REVIVE, (now_ms, event.number, target)).rowcount
        tx.execute(_STEP_BACK, (target, event.bucket_id, event.key))
        _promote(tx, delivery, now_ms)
    return revived_count


def discard(tx: Tx, deliveries: Iterable[Delivery]) -> int:
    """Forget what was given up; return how many."""
    values = [(delivery.event.number, delivery.target) for delivery in deliveries]
    return sum(tx.execute(_DISCARD, value).rowcount for value in values)


def forget_dead(tx: Tx, cutoff_ms: int) -> int:
    """Forget what was given up before an instant; return how many."""
    return tx.execute(_FORGET_DEAD, (cutoff_ms,)).rowcount


def prune(tx: Tx, cutoff_ms: int, limit: int) -> int:
    """Forget events of before an instant that nobody has to be told of; return how many."""
    return tx.execute(_PRUNE, (cutoff_ms, limit)).rowcount


def drop_oldest(tx: Tx, limit: int) -> int:
    """Forget the oldest events, whoever has not been told of them; return how many of those."""
    oldest = "(SELECT event FROM events ORDER BY event LIMIT ?)"
    heads = f"{_DELIVERIES} WHERE event IN {oldest} AND dead_ms IS NULL"
    untold = list(map(_delivery, tx.execute(heads, (limit,))))
    tx.execute(f"DELETE FROM deliveries WHERE event IN {oldest}", (limit,))
    tx.execute(f"DELETE FROM events WHERE event IN {oldest}", (limit,))
    for delivery in untold:
        _promote(tx, delivery, delivery.since_ms)
    return len(untold)


def _rule(configuration: Mapping[str, Any], arn: str) -> Rule:
    condition = (configuration.get("Filter") or {}).get("S3Key") or {}
    rules = condition.get("FilterRule") or ()
    values = {(rule.get("Name") or "").lower(): rule.get("Value") or "" for rule in rules}
    return Rule(
        configuration.get("Id") or "",
        target_name(arn),
        tuple(configuration["Event"]),
        values.get("prefix", ""),
        values.get("suffix", ""),
    )


def _record(tx: Tx, announcement: Announcement, event: str, subject: Subject, now_ms: int) -> None:
    bucket, occasion, rules, keeps_all = announcement
    told = [rule for rule in rules if rule.covers(event, subject[0])]
    if told or keeps_all:
        _write(tx, bucket, occasion._replace(event=event), subject, told, now_ms)


def _write(  # noqa: PLR0917 - where, on what occasion, of what, to whom
    tx: Tx,
    bucket: BucketRecord,
    occasion: Occasion,
    subject: Subject,
    told: Iterable[Rule],
    now_ms: int,
) -> None:
    name, *circumstances = occasion
    values = (
        name,
        now_ms,
        bucket.bucket_id,
        bucket.name,
        *subject,
        bucket.owner_id,
        bucket.region,
        *circumstances,
    )
    number = tx.execute(_INSERT, values).lastrowid
    key = subject[0]
    for rule in told:
        (oldest,) = tx.execute(_OLDEST, (rule.target, bucket.bucket_id, key)).fetchone()
        due_ms = now_ms if oldest is None else None
        identity = (number, rule.target, rule.configuration_id, bucket.bucket_id, key)
        tx.execute(_ADD, (*identity, now_ms, due_ms))


def _promote(tx: Tx, delivery: Delivery, now_ms: int) -> None:
    """Let the oldest of this key and target be due, if it is not already."""
    event, target = delivery.event, delivery.target
    (oldest,) = tx.execute(_OLDEST, (target, event.bucket_id, event.key)).fetchone()
    if oldest is not None:
        tx.execute(_PROMOTE, (now_ms, oldest, target))


def _delivery(row: tuple[Any, ...]) -> Delivery:
    return Delivery(Event._make(row[:_EVENT_COUNT]), *row[_EVENT_COUNT:])
