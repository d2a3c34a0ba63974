"""Inventory lists: which columns they have, what a line says, where the files lie, when one is due.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory-location.html

Columns come in the order of AWS whatever the order they were asked for in. A line has every value
in quotes, and none for what does not exist here: replication, tiers, event holds.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import quote

from ferrox.protocol.dates import iso8601
from ferrox.protocol.shapes.inventory import InventoryConfiguration
from ferrox.records import Lock, ObjectSummary, VersionSummary

MANIFEST_VERSION = "2016-11-30"
NOT_ENCRYPTED = "NOT-SSE"

DAY_MS = 86_400_000
_EVERY_MS = {"Daily": DAY_MS, "Weekly": 7 * DAY_MS}

_OPTIONAL = (
    "Size",
    "LastModifiedDate",
    "ETag",
    "StorageClass",
    "IsMultipartUploaded",
    "ReplicationStatus",
    "EncryptionStatus",
    "ObjectLockRetainUntilDate",
    "ObjectLockMode",
    "ObjectLockLegalHoldStatus",
    "IntelligentTieringAccessTier",
    "BucketKeyStatus",
    "ChecksumAlgorithm",
    "ObjectOwner",
    "LifecycleExpirationDate",
    "ObjectLockEventHoldStatus",
    "ObjectLockEventHoldDuration",
    "IntelligentTieringReferenceDate",
)
_OF_LOCKS = frozenset({"ObjectLockRetainUntilDate", "ObjectLockMode", "ObjectLockLegalHoldStatus"})


class File(NamedTuple):
    """A data file, as the manifest names it."""

    key: str
    size_bytes: int
    md5: str


class Place(NamedTuple):
    """Where the files of one list lie."""

    destination: str
    root: str
    began_ms: int

    def data_key(self, name: str) -> str:
        """The key of a data file."""
        return f"{self.root}data/{name}.csv.gz"

    @property
    def manifest_key(self) -> str:
        """The key of the list of data files."""
        return f"{self._folder}manifest.json"

    @property
    def checksum_key(self) -> str:
        """The key of the MD5 of that list, which is written last."""
        return f"{self._folder}manifest.checksum"

    @property
    def symlink_key(self) -> str:
        """The key of that list as Apache Hive reads it."""
        return f"{self.root}hive/dt={_utc(self.began_ms):%Y-%m-%d-%H-%M}/symlink.txt"

    @property
    def _folder(self) -> str:
        return f"{self.root}{_utc(self.began_ms):%Y-%m-%dT%H-%MZ}/"


def place(
    configuration: InventoryConfiguration, source: str, destination: str, began_ms: int
) -> Place:
    """Where a list lies that was begun at an instant."""
    prefix = configuration.destination.s3_bucket_destination.prefix
    start = f"{prefix}/" if prefix else ""
    return Place(destination, f"{start}{source}/{configuration.id}/", began_ms)


def is_due(configuration: InventoryConfiguration, last_ms: int | None, now_ms: int) -> bool:
    """Whether a list is to be written; the first one at once."""
    is_csv = configuration.destination.s3_bucket_destination.format == "CSV"
    if not configuration.is_enabled or not is_csv:
        return False
    return last_ms is None or now_ms - last_ms >= _EVERY_MS[configuration.schedule.frequency]


def columns(configuration: InventoryConfiguration) -> tuple[str, ...]:
    """What a line says, in order."""
    wanted = set(configuration.optional_fields or ())
    versions = ("VersionId", "IsLatest", "IsDeleteMarker") if has_versions(configuration) else ()
    return ("Bucket", "Key", *versions, *(name for name in _OPTIONAL if name in wanted))


def has_versions(configuration: InventoryConfiguration) -> bool:
    """Whether former versions are listed, too."""
    return configuration.included_object_versions == "All"


def needs_locks(columns: Sequence[str]) -> bool:
    """Whether a line says what keeps a version from being removed; a listing does not know."""
    return not _OF_LOCKS.isdisjoint(columns)


def line(
    bucket: str, entry: ObjectSummary | VersionSummary, columns: Sequence[str], lock: Lock
) -> str:
    """One object or version, with the end of the line."""
    values = {"Bucket": bucket, "Key": quote(entry.key), "ObjectOwner": entry.owner_id}
    values["LastModifiedDate"] = iso8601(entry.modified_ms)
    is_marker = False
    if isinstance(entry, VersionSummary):
        is_marker = entry.is_delete_marker
        values["VersionId"] = entry.version_id
        values["IsLatest"] = _boolean(entry.is_latest)
        values["IsDeleteMarker"] = _boolean(is_marker)
    if not is_marker:
        values |= _of_object(entry, lock)
    return ",".join([f'"{values.get(name, "")}"' for name in columns]) + "\n"


def _of_object(entry: ObjectSummary | VersionSummary, lock: Lock) -> dict[str, str]:
    """What delete markers do not have."""
    until_ms = lock.retain_until_ms
    return {
        "Size": str(entry.size_bytes),
        "ETag": entry.etag,
        "StorageClass": entry.storage_class,
        "IsMultipartUploaded": _boolean("-" in entry.etag),
        "EncryptionStatus": NOT_ENCRYPTED,
        "ChecksumAlgorithm": entry.checksum_algorithm or "",
        "ObjectLockRetainUntilDate": "" if until_ms is None else iso8601(until_ms),
        "ObjectLockMode": lock.mode or "",
        "ObjectLockLegalHoldStatus": "On" if lock.legal_hold else "Off",
    }


def manifest(place: Place, source: str, columns: Sequence[str], files: Sequence[File]) -> bytes:
    """The list of the data files, and what they hold."""
    content = {
        "sourceBucket": source,
        "destinationBucket": f"arn:aws:s3:::{place.destination}",
        "version": MANIFEST_VERSION,
        "creationTimestamp": str(place.began_ms),
        "fileFormat": "CSV",
        "fileSchema": ", ".join(columns),
        "files": [
            {"key": file.key, "size": file.size_bytes, "MD5checksum": file.md5} for file in files
        ],
    }
    return json.dumps(content, indent=2).encode()


def symlinks(place: Place, files: Sequence[File]) -> bytes:
    """The same for Apache Hive: an address a line."""
    return "".join([f"s3://{place.destination}/{file.key}\n" for file in files]).encode()


def _boolean(value: bool) -> str:
    return "true" if value else "false"


def _utc(instant_ms: int) -> datetime:
    return datetime.fromtimestamp(instant_ms / 1000, UTC)
