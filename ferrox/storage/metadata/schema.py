"""The tables of index.db, as numbered migrations.

`PRAGMA user_version` counts the migrations a database has been through. A migration that was ever
released is never edited; a change of the tables is one more entry at the end of MIGRATIONS.

Reasons that the statements do not show:

- `versions.version` says which version of a key is newer. AUTOINCREMENT keeps numbers from being
  used twice, here and in `buckets`: whoever still holds the record of something that is gone must
  never reach something else through it.
- `versions_by_key` carries `version_id`, so that looking for one id among many versions of a key
  reads the index only; since format 2 it has the order in which versions are listed.
- `objects` has one small row for each key that shows itself in a listing. What only a look-up needs
  stays in `versions`, and the bytes of small objects in a table of their own, so that neither makes
  a listing read more pages.
- `inline_data` holds the whole content of a version, never a part of it. Empty content has no row.
- `blobs.reference_count` is the number of manifest entries, of versions and parts, that name it.
- `kek_id`, of a sealed blob or of sealed inline data, names the key that its data key is wrapped
  under: all that is under one key is found when that key is rotated. See `storage.sealing`.
- `buckets.revision` counts the changes of a bucket and of its documents. Whoever has read the row
  knows by it whether a parsed document is still the one that is stored.
- `lifecycle_runs` has what the last runs of a bucket's lifecycle rules did: `report` is JSON.
- `bucket_usage` has a row for each bucket, and is counted along by the transactions that change
  what it counts: see `usage`. `max_bytes` and `max_objects` of a bucket are its quota.
- `blob_usage` has one row, which triggers keep: how many rows `blobs` has, and the sum of their
  sizes. Some count of rows is asked for every few seconds, and there may be many millions.
- `events` says what happened, in the order of the commits: there is one writer at a time, so who
  has seen a number has seen all before it. `deliveries` says who has yet to be told: see `outbox`.
- `scrub_findings` says what is damaged, and `scrub_passes` how far the look for it is: see
  `findings` and `scrubbing`. `objects` and `state` are JSON.
- Instants are milliseconds since the Unix epoch. `document`, `facts`, `draft`, `tags`, `parts`,
  `acl` and `encryption` are JSON; NULL where there is nothing to say.
"""

import sqlite3

from ferrox.errors import StartError

_FIRST = (
    """
    CREATE TABLE buckets (
        bucket_id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL UNIQUE,
        owner_id TEXT NOT NULL,
        region TEXT NOT NULL,
        created_ms INTEGER NOT NULL,
        versioning TEXT NOT NULL,
        is_object_lock_enabled INTEGER NOT NULL,
        acl TEXT
    ) STRICT
    """,
    """
    CREATE TABLE objects (
        bucket_id INTEGER NOT NULL,
        key TEXT NOT NULL,
        version INTEGER NOT NULL,
        size_bytes INTEGER NOT NULL,
        modified_ms INTEGER NOT NULL,
        etag TEXT NOT NULL,
        storage_class TEXT NOT NULL,
        owner_id TEXT NOT NULL,
        checksum_algorithm TEXT,
        checksum_type TEXT,
        PRIMARY KEY (bucket_id, key)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE versions (
        version INTEGER PRIMARY KEY AUTOINCREMENT,
        bucket_id INTEGER NOT NULL,
        key TEXT NOT NULL,
        version_id TEXT NOT NULL,
        is_delete_marker INTEGER NOT NULL,
        size_bytes INTEGER NOT NULL,
        modified_ms INTEGER NOT NULL,
        etag TEXT NOT NULL,
        storage_class TEXT NOT NULL,
        owner_id TEXT NOT NULL,
        facts TEXT,
        tags TEXT,
        acl TEXT,
        retention_mode TEXT,
        retain_until_ms INTEGER,
        legal_hold INTEGER NOT NULL DEFAULT 0,
        encryption TEXT,
        manifest BLOB,
        parts TEXT
    ) STRICT
    """,
    "CREATE UNIQUE INDEX versions_by_key ON versions (bucket_id, key, version, version_id)",
    """
    CREATE TABLE inline_data (
        version INTEGER PRIMARY KEY,
        crc32c INTEGER NOT NULL,
        data BLOB NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE blobs (
        name BLOB PRIMARY KEY,
        size_bytes INTEGER NOT NULL,
        reference_count INTEGER NOT NULL CHECK (reference_count > 0)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE garbage (
        name BLOB PRIMARY KEY,
        dropped_ms INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE uploads (
        upload_id TEXT PRIMARY KEY,
        bucket_id INTEGER NOT NULL,
        key TEXT NOT NULL,
        initiated_ms INTEGER NOT NULL,
        draft TEXT NOT NULL,
        checksum_algorithm TEXT,
        checksum_type TEXT,
        encryption TEXT
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE UNIQUE INDEX uploads_by_key ON uploads (bucket_id, key, upload_id)",
    "CREATE INDEX uploads_by_age ON uploads (initiated_ms)",
    """
    CREATE TABLE parts (
        upload_id TEXT NOT NULL,
        part_number INTEGER NOT NULL,
        size_bytes INTEGER NOT NULL,
        modified_ms INTEGER NOT NULL,
        etag TEXT NOT NULL,
        checksum_algorithm TEXT,
        checksum TEXT,
        encryption TEXT,
        manifest BLOB,
        PRIMARY KEY (upload_id, part_number)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE completed_uploads (
        upload_id TEXT PRIMARY KEY,
        bucket_id INTEGER NOT NULL,
        key TEXT NOT NULL,
        version INTEGER NOT NULL,
        version_id TEXT NOT NULL,
        size_bytes INTEGER NOT NULL,
        modified_ms INTEGER NOT NULL,
        etag TEXT NOT NULL,
        storage_class TEXT NOT NULL,
        owner_id TEXT NOT NULL,
        facts TEXT,
        tags TEXT,
        completed_ms INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX completed_uploads_by_age ON completed_uploads (completed_ms)",
    "CREATE INDEX completed_uploads_by_bucket ON completed_uploads (bucket_id)",
)

_SECOND = (
    "ALTER TABLE buckets ADD COLUMN revision INTEGER NOT NULL DEFAULT 0",
    """
    CREATE TABLE bucket_documents (
        bucket_id INTEGER NOT NULL,
        name TEXT NOT NULL,
        document TEXT NOT NULL,
        PRIMARY KEY (bucket_id, name)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE lifecycle_runs (
        bucket_id INTEGER NOT NULL,
        started_ms INTEGER NOT NULL,
        report TEXT NOT NULL,
        PRIMARY KEY (bucket_id, started_ms)
    ) STRICT, WITHOUT ROWID
    """,
    "ALTER TABLE buckets ADD COLUMN max_bytes INTEGER",
    "ALTER TABLE buckets ADD COLUMN max_objects INTEGER",
    """
    CREATE TABLE bucket_usage (
        bucket_id INTEGER PRIMARY KEY,
        object_count INTEGER NOT NULL DEFAULT 0,
        version_count INTEGER NOT NULL DEFAULT 0,
        size_bytes INTEGER NOT NULL DEFAULT 0,
        part_bytes INTEGER NOT NULL DEFAULT 0
    ) STRICT
    """,
    """
    INSERT INTO bucket_usage (bucket_id, object_count, version_count, size_bytes, part_bytes)
    SELECT
        bucket_id,
        (SELECT count(*) FROM objects WHERE objects.bucket_id = buckets.bucket_id),
        (SELECT count(*) FROM versions WHERE versions.bucket_id = buckets.bucket_id),
        (SELECT coalesce(sum(size_bytes), 0) FROM versions
            WHERE versions.bucket_id = buckets.bucket_id),
        (SELECT coalesce(sum(size_bytes), 0) FROM parts JOIN uploads USING (upload_id)
            WHERE uploads.bucket_id = buckets.bucket_id)
    FROM buckets
    """,
    "DROP INDEX versions_by_key",
    "CREATE UNIQUE INDEX versions_by_key ON versions (bucket_id, key, version DESC, version_id)",
    """
    CREATE TABLE client_tokens (
        bucket_id INTEGER NOT NULL,
        token TEXT NOT NULL,
        request TEXT NOT NULL,
        used_ms INTEGER NOT NULL,
        PRIMARY KEY (bucket_id, token)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX client_tokens_by_age ON client_tokens (used_ms)",
    """
    CREATE TABLE events (
        event INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL,
        occurred_ms INTEGER NOT NULL,
        bucket_id INTEGER NOT NULL,
        bucket TEXT NOT NULL,
        key TEXT NOT NULL,
        version_id TEXT,
        size_bytes INTEGER,
        etag TEXT,
        owner_id TEXT NOT NULL,
        region TEXT NOT NULL,
        principal_id TEXT NOT NULL,
        source_ip TEXT NOT NULL,
        request_id TEXT NOT NULL,
        host_id TEXT NOT NULL
    ) STRICT
    """,
    "CREATE INDEX events_by_age ON events (occurred_ms)",
    "CREATE INDEX events_by_bucket ON events (bucket, event)",
    """
    CREATE TABLE deliveries (
        event INTEGER NOT NULL,
        target TEXT NOT NULL,
        configuration_id TEXT NOT NULL,
        bucket_id INTEGER NOT NULL,
        key TEXT NOT NULL,
        since_ms INTEGER NOT NULL,
        due_ms INTEGER,
        attempts INTEGER NOT NULL DEFAULT 0,
        failure TEXT,
        dead_ms INTEGER,
        PRIMARY KEY (event, target)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE INDEX deliveries_by_key ON deliveries (target, bucket_id, key, event)
    WHERE dead_ms IS NULL
    """,
    "CREATE INDEX deliveries_due ON deliveries (target, due_ms) WHERE due_ms IS NOT NULL",
    "CREATE INDEX deliveries_by_age ON deliveries (since_ms) WHERE dead_ms IS NULL",
    "CREATE INDEX dead_letters_by_age ON deliveries (dead_ms) WHERE dead_ms IS NOT NULL",
    "ALTER TABLE blobs ADD COLUMN kek_id TEXT",
    "ALTER TABLE blobs ADD COLUMN wrapped_key BLOB",
    "CREATE INDEX blobs_by_kek ON blobs (kek_id, name) WHERE kek_id IS NOT NULL",
    "ALTER TABLE inline_data ADD COLUMN kek_id TEXT",
    "CREATE INDEX inline_data_by_kek ON inline_data (kek_id, version) WHERE kek_id IS NOT NULL",
    """
    CREATE TABLE key_uses (
        access_key_id TEXT PRIMARY KEY,
        used_ms INTEGER NOT NULL,
        service TEXT NOT NULL,
        region TEXT NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    "ALTER TABLE completed_uploads ADD COLUMN encryption TEXT",
    """
    CREATE TABLE scrub_findings (
        kind TEXT NOT NULL,
        name ANY NOT NULL,
        problem TEXT NOT NULL,
        found_ms INTEGER NOT NULL,
        seen_ms INTEGER NOT NULL,
        pass INTEGER NOT NULL,
        objects TEXT,
        PRIMARY KEY (kind, name)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE scrub_passes (
        pass INTEGER PRIMARY KEY,
        state TEXT NOT NULL
    ) STRICT
    """,
    "CREATE TABLE blob_usage (blob_count INTEGER NOT NULL, size_bytes INTEGER NOT NULL) STRICT",
    "INSERT INTO blob_usage SELECT count(*), coalesce(sum(size_bytes), 0) FROM blobs",
    """
    CREATE TRIGGER blob_added AFTER INSERT ON blobs BEGIN
        UPDATE blob_usage SET blob_count = blob_count + 1, size_bytes = size_bytes + new.size_bytes;
    END
    """,
    """
    CREATE TRIGGER blob_removed AFTER DELETE ON blobs BEGIN
        UPDATE blob_usage SET blob_count = blob_count - 1, size_bytes = size_bytes - old.size_bytes;
    END
    """,
)

MIGRATIONS: tuple[tuple[str, ...], ...] = (_FIRST, _SECOND)


def migrate(
    connection: sqlite3.Connection, migrations: tuple[tuple[str, ...], ...] = MIGRATIONS
) -> None:
    """Bring a database to the newest format, each step in a transaction of its own."""
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    if found > len(migrations):
        raise StartError(
            f"this data directory was written by a newer ferroxd"
            f" (index format {found}, this one knows {len(migrations)})"
        )
    for number, statements in enumerate(migrations[found:], found + 1):
        connection.execute("BEGIN IMMEDIATE")
        try:
            for statement in statements:
                connection.execute(statement)
            # A pragma takes no parameters; the number is an int of our own.
            connection.execute(f"PRAGMA user_version = {number:d}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
