"""minio-py, which is no part of the AWS family: its own signer, parser and idea of parts."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from minio import Minio
from minio.commonconfig import (
    ENABLED,
    GOVERNANCE,
    REPLACE,
    ComposeSource,
    CopySource,
    Filter,
    Tags,
)
from minio.datatypes import PostPolicy
from minio.deleteobjects import DeleteObject
from minio.error import S3Error
from minio.lifecycleconfig import Expiration, LifecycleConfig, Rule
from minio.objectlockconfig import DAYS
from minio.objectlockconfig import ObjectLockConfig as LockConfig
from minio.versioningconfig import VersioningConfig

from tests.clients import payloads, witness
from tests.clients.payloads import payload, sha256
from tests.clients.tool import REGION, fetch
from tests.server_process import ServerProcess

KEYS = [key for key in payloads.KEYS if not {"..", "."} & set(key.split("/"))]  # it refuses those


@pytest.fixture
def minio(server: ServerProcess) -> Iterator[Any]:
    """A minio client."""
    made = Minio(
        server.endpoint.removeprefix("http://"), server.access_key, server.secret_key,
        secure=False, region=REGION,
    )  # fmt: skip
    yield made
    made._http.clear()  # pooled connections that nobody else closes


def body_of(minio: Any, bucket: str, key: str, **parameters: Any) -> bytes:
    """The body of an object, or of a stretch of it."""
    response = minio.get_object(bucket, key, **parameters)
    try:
        data: bytes = response.read()
    finally:
        response.close()
        response.release_conn()
    return data


def test_a_bucket_lives_and_dies(minio: Any, bucket_name: str) -> None:
    minio.make_bucket(bucket_name)
    assert minio.bucket_exists(bucket_name)
    assert bucket_name in [bucket.name for bucket in minio.list_buckets()]

    minio.remove_bucket(bucket_name)

    assert not minio.bucket_exists(bucket_name)


def test_the_location_is_found_out(server: ServerProcess, bucket: str) -> None:
    """Without a region, minio asks the bucket where it is before everything else."""
    minio = Minio(
        server.endpoint.removeprefix("http://"), server.access_key, server.secret_key, secure=False
    )

    minio.put_object(bucket, "k", io.BytesIO(b"data"), 4)

    assert ["k"] == [entry.object_name for entry in minio.list_objects(bucket)]
    minio._http.clear()


@pytest.mark.parametrize("name", payloads.SIZES_BYTES)
def test_every_size_there_and_back(
    minio: Any, s3: Any, bucket: str, sizes: Path, tmp_path: Path, name: str
) -> None:
    expected = sha256(payload(name))

    minio.fput_object(bucket, name, str(sizes / name), part_size=6 << 20)
    minio.fget_object(bucket, name, str(tmp_path / "back"))

    assert expected == sha256((tmp_path / "back").read_bytes())
    assert {name: expected} == witness.stored(s3, bucket)
    assert (name == payloads.MULTIPART) == (witness.of_part_count(s3, bucket, name) > 1)


def test_a_stream_of_unknown_length(minio: Any, s3: Any, bucket: str) -> None:
    body = payload(payloads.MULTIPART)

    minio.put_object(bucket, "k", io.BytesIO(body), -1, part_size=5 << 20)

    assert sha256(body) == sha256(witness.read(s3, bucket, "k"))


def test_odd_names(minio: Any, s3: Any, bucket: str) -> None:
    for key in KEYS:
        minio.put_object(bucket, key, io.BytesIO(b"data of " + key.encode()), 8 + len(key.encode()))

    listed = [entry.object_name for entry in minio.list_objects(bucket, recursive=True)]

    assert sorted(KEYS, key=str.encode) == listed == witness.keys(s3, bucket)
    for key in KEYS:
        assert b"data of " + key.encode() == body_of(minio, bucket, key), key
        assert 8 + len(key.encode()) == minio.stat_object(bucket, key).size, key


def test_ranges(minio: Any, bucket: str) -> None:
    body = payload("five-megabytes.bin")
    minio.put_object(bucket, "k", io.BytesIO(body), len(body))

    assert body[1000:1077] == body_of(minio, bucket, "k", offset=1000, length=77)
    assert body[4_999_990:] == body_of(minio, bucket, "k", offset=4_999_990)


@pytest.mark.parametrize("is_version_1", [False, True])
def test_more_than_a_page_of_keys(minio: Any, crowded: str, is_version_1: bool) -> None:
    entries = minio.list_objects(crowded, recursive=True, use_api_v1=is_version_1)

    assert list(witness.CROWD) == [entry.object_name for entry in entries]


def test_directories_and_starting_points(minio: Any, s3: Any, bucket: str) -> None:
    witness.put_all(s3, bucket, ["a/1", "a/2", "b c/3", "d"])

    top = [(entry.object_name, entry.is_dir) for entry in minio.list_objects(bucket)]
    rest = [entry.object_name for entry in minio.list_objects(bucket, "a/", start_after="a/1")]

    assert [("a/", True), ("b c/", True), ("d", False)] == sorted(top)
    assert ["a/2"] == rest


def test_types_and_metadata(minio: Any, bucket: str) -> None:
    minio.put_object(
        bucket, "k", io.BytesIO(b"data"), 4, content_type="text/odd",
        metadata={"Colour": "blue", "Cache-Control": "no-cache"},
    )  # fmt: skip

    found = minio.stat_object(bucket, "k")

    assert "text/odd" == found.content_type
    assert "blue" == found.metadata["x-amz-meta-colour"]
    assert "no-cache" == found.metadata["cache-control"]


def test_copies(minio: Any, s3: Any, bucket: str) -> None:
    source = CopySource(bucket, "a b+ü%")
    minio.put_object(bucket, source.object_name, io.BytesIO(b"data"), 4, content_type="text/odd")

    minio.copy_object(bucket, "plain", source)
    minio.copy_object(bucket, "new", source, metadata={"a": "1"}, metadata_directive=REPLACE)

    assert b"data" == witness.read(s3, bucket, "plain") == witness.read(s3, bucket, "new")
    assert "text/odd" == s3.head_object(Bucket=bucket, Key="plain")["ContentType"]
    assert {"a": "1"} == s3.head_object(Bucket=bucket, Key="new")["Metadata"]


def test_objects_are_composed(minio: Any, s3: Any, bucket: str) -> None:
    body = payload(payloads.MULTIPART)
    s3.put_object(Bucket=bucket, Key="large", Body=body)
    s3.put_object(Bucket=bucket, Key="small", Body=b"the end")
    middle = ComposeSource(bucket, "large", offset=10, length=6 << 20)

    minio.compose_object(bucket, "k", [middle, ComposeSource(bucket, "small")])

    assert sha256(body[10 : 10 + (6 << 20)] + b"the end") == sha256(witness.read(s3, bucket, "k"))


def test_presigned_urls(minio: Any, s3: Any, bucket: str) -> None:
    key = "a b+ü.txt"
    minute = timedelta(minutes=1)

    written = fetch(minio.presigned_put_object(bucket, key, minute), "PUT", b"data")
    fetched = fetch(
        minio.presigned_get_object(
            bucket, key, minute, response_headers={"response-content-type": "text/odd"}
        )
    )
    deleted = fetch(minio.get_presigned_url("DELETE", bucket, key, minute), "DELETE")

    assert (200, 204) == (written.status, deleted.status)
    assert (200, b"data", "text/odd") == (
        fetched.status, fetched.body, fetched.headers["content-type"],
    )  # fmt: skip
    assert [] == witness.keys(s3, bucket)


def test_deletes(minio: Any, s3: Any, bucket: str) -> None:
    names = [f"{n} &<>" for n in range(50)]
    witness.put_all(s3, bucket, ["one", "kept", *names])

    minio.remove_object(bucket, "one")
    errors = list(minio.remove_objects(bucket, map(DeleteObject, names)))

    assert [] == errors
    assert ["kept"] == witness.keys(s3, bucket)


def test_errors_have_their_codes(minio: Any, bucket: str) -> None:
    minio.put_object(bucket, "k", io.BytesIO(b"data"), 4)

    def outcome(verb: str, *arguments: str) -> str:
        with pytest.raises(S3Error) as refusal:
            getattr(minio, verb)(*arguments)
        return str(refusal.value.code)

    assert "NoSuchKey" == outcome("get_object", bucket, "absent")
    assert "NoSuchKey" == outcome("stat_object", bucket, "absent")
    assert "NoSuchBucket" == outcome("remove_bucket", f"no-{bucket}")
    assert "BucketNotEmpty" == outcome("remove_bucket", bucket)


def test_versions_tags_and_locks(minio: Any, s3: Any, bucket_name: str) -> None:
    minio.make_bucket(bucket_name, object_lock=True)
    first, second = [
        minio.put_object(bucket_name, "k", io.BytesIO(body), len(body)).version_id
        for body in (b"1", b"22")
    ]
    tags = Tags.new_object_tags()
    tags["a"] = "ü"

    minio.set_object_tags(bucket_name, "k", tags, version_id=first)
    minio.enable_object_legal_hold(bucket_name, "k", version_id=first)

    assert "Enabled" == minio.get_bucket_versioning(bucket_name).status
    assert {"a": "ü"} == minio.get_object_tags(bucket_name, "k", version_id=first)
    with pytest.raises(S3Error, match="AccessDenied"):
        minio.remove_object(bucket_name, "k", version_id=first)
    minio.disable_object_legal_hold(bucket_name, "k", version_id=first)
    minio.remove_object(bucket_name, "k", version_id=first)
    minio.remove_object(bucket_name, "k")
    listed = {
        entry.is_delete_marker: entry.version_id
        for entry in minio.list_objects(bucket_name, include_version=True)
    }
    assert second == listed[False] != listed[True]
    assert b"22" == body_of(minio, bucket_name, "k", version_id=second)


def test_rules_of_a_bucket(minio: Any, bucket: str) -> None:
    rule = Rule(
        ENABLED, rule_filter=Filter(prefix="logs/"), rule_id="old", expiration=Expiration(days=30)
    )
    retention = LockConfig(GOVERNANCE, 1, DAYS)

    minio.set_bucket_lifecycle(bucket, LifecycleConfig([rule]))
    minio.set_bucket_versioning(bucket, VersioningConfig(ENABLED))
    minio.set_object_lock_config(bucket, retention)

    (told,) = minio.get_bucket_lifecycle(bucket).rules
    assert ("old", "logs/", 30) == (told.rule_id, told.rule_filter.prefix, told.expiration.days)
    assert GOVERNANCE == minio.get_object_lock_config(bucket).mode
    minio.delete_bucket_lifecycle(bucket)
    assert minio.get_bucket_lifecycle(bucket) is None


def test_a_form(minio: Any, s3: Any, bucket: str) -> None:
    policy = PostPolicy(bucket, datetime.now(UTC) + timedelta(minutes=1))
    policy.add_starts_with_condition("key", "from browsers/")
    policy.add_content_length_range_condition(1, 10)
    fields = minio.presigned_post_policy(policy) | {"key": "from browsers/k"}
    url = f"{minio._base_url._url.geturl()}/{bucket}"

    taken = requests.post(url, data=fields, files={"file": b"data"}, timeout=9)
    refused = requests.post(url, data=fields, files={"file": b"more than ten"}, timeout=9)

    assert (204, 400) == (taken.status_code, refused.status_code)
    assert b"data" == witness.read(s3, bucket, "from browsers/k")
