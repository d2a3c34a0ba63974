"""protocol/inventory.py: columns, lines, manifests and schedules of inventory lists."""

import json
from typing import Any

import pytest

from ferrox.protocol import inventory
from ferrox.protocol.inventory import File
from ferrox.protocol.shapes.inventory import (
    InventoryConfiguration,
    InventoryDestination,
    InventoryS3BucketDestination,
    InventorySchedule,
)
from ferrox.records import GOVERNANCE, UNLOCKED, Lock, ObjectSummary, VersionSummary

AT_MS = 1_790_000_000_000  # 21 September 2026, 14:13:20
OBJECT = ObjectSummary('a b/"ü".txt', 7, AT_MS, "abc-2", "STANDARD", "owner", "CRC32", "COMPOSITE")
MARKER = VersionSummary("k", "v2", True, True, 0, AT_MS, "", "STANDARD", "owner", None, None)


def configuration(
    versions: str = "Current",
    frequency: str = "Daily",
    prefix: str | None = None,
    **more: Any,
) -> InventoryConfiguration:
    destination = InventoryS3BucketDestination(
        format="CSV", bucket="arn:aws:s3:::lists", prefix=prefix
    )
    return InventoryConfiguration(
        **{
            "id": "one",
            "is_enabled": True,
            "destination": InventoryDestination(s3_bucket_destination=destination),
            "schedule": InventorySchedule(frequency=frequency),
            "included_object_versions": versions,
            **more,
        }
    )


def test_columns_come_in_the_order_of_aws() -> None:
    asked = ["StorageClass", "ObjectOwner", "Size"]

    found = inventory.columns(configuration("All", optional_fields=asked))

    assert (
        "Bucket", "Key", "VersionId", "IsLatest", "IsDeleteMarker",
        "Size", "StorageClass", "ObjectOwner",
    ) == found  # fmt: skip


def test_without_versions_and_fields_there_are_two_columns() -> None:
    assert ("Bucket", "Key") == inventory.columns(configuration())


def test_a_line_has_every_value_in_quotes() -> None:
    columns = (
        "Bucket", "Key", "Size", "LastModifiedDate", "ETag", "StorageClass", "IsMultipartUploaded",
        "ReplicationStatus", "EncryptionStatus", "ChecksumAlgorithm", "ObjectOwner",
    )  # fmt: skip

    line = inventory.line("photos", OBJECT, columns, UNLOCKED)

    assert (
        '"photos","a%20b/%22%C3%BC%22.txt","7","2026-09-21T14:13:20.000Z","abc-2","STANDARD",'
        '"true","","NOT-SSE","CRC32","owner"\n'
    ) == line


def test_a_line_says_what_locks_a_version() -> None:
    columns = ("ObjectLockRetainUntilDate", "ObjectLockMode", "ObjectLockLegalHoldStatus")

    locked = inventory.line("b", OBJECT, columns, Lock(GOVERNANCE, AT_MS, True))
    free = inventory.line("b", OBJECT, columns, UNLOCKED)

    assert ('"2026-09-21T14:13:20.000Z","GOVERNANCE","On"\n', '"","","Off"\n') == (locked, free)
    assert inventory.needs_locks(columns)
    assert not inventory.needs_locks(("Bucket", "Size"))


def test_a_delete_marker_has_neither_size_nor_etag() -> None:
    columns = ("Key", "VersionId", "IsLatest", "IsDeleteMarker", "Size", "ETag", "StorageClass")

    assert '"k","v2","true","true","","",""\n' == inventory.line("b", MARKER, columns, UNLOCKED)


@pytest.mark.parametrize(("prefix", "start"), [(None, ""), ("lists", "lists/"), ("a/b", "a/b/")])
def test_files_lie_where_aws_puts_them(prefix: str | None, start: str) -> None:
    place = inventory.place(configuration(prefix=prefix), "photos", "lists", AT_MS)

    assert f"{start}photos/one/data/NAME.csv.gz" == place.data_key("NAME")
    assert f"{start}photos/one/2026-09-21T14-13Z/manifest.json" == place.manifest_key
    assert f"{start}photos/one/2026-09-21T14-13Z/manifest.checksum" == place.checksum_key
    assert f"{start}photos/one/hive/dt=2026-09-21-14-13/symlink.txt" == place.symlink_key


def test_a_manifest_names_the_files_and_their_columns() -> None:
    place = inventory.place(configuration(), "photos", "lists", AT_MS)
    files = [File("photos/one/data/a.csv.gz", 12, "md5")]

    found = json.loads(inventory.manifest(place, "photos", ("Bucket", "Key"), files))

    assert {
        "sourceBucket": "photos",
        "destinationBucket": "arn:aws:s3:::lists",
        "version": "2016-11-30",
        "creationTimestamp": "1790000000000",
        "fileFormat": "CSV",
        "fileSchema": "Bucket, Key",
        "files": [{"key": "photos/one/data/a.csv.gz", "size": 12, "MD5checksum": "md5"}],
    } == found
    assert b"s3://lists/photos/one/data/a.csv.gz\n" == inventory.symlinks(place, files)


@pytest.mark.parametrize(
    ("frequency", "days", "is_due"),
    [("Daily", 0.99, False), ("Daily", 1, True), ("Weekly", 6.99, False), ("Weekly", 7, True)],
)
def test_a_list_is_due_when_its_time_has_come(frequency: str, days: float, is_due: bool) -> None:
    now_ms = AT_MS + round(days * inventory.DAY_MS)

    assert is_due is inventory.is_due(configuration(frequency=frequency), AT_MS, now_ms)


def test_the_first_list_is_due_at_once_and_none_that_is_switched_off() -> None:
    assert inventory.is_due(configuration(), None, AT_MS)
    assert not inventory.is_due(configuration(is_enabled=False), None, AT_MS)


def test_no_list_is_due_that_could_not_be_written() -> None:
    other = configuration()
    other.destination.s3_bucket_destination.format = "ORC"

    assert not inventory.is_due(other, None, AT_MS)
