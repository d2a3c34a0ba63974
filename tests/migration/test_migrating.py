"""migrating.py and all that it moves: from a running ferroxd to another, compared by the SDK."""

import base64
import json
import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.faulty_proxy import Fault, Seen, once_each, standing_before
from tests.migration.sides import Command, client, head, versions
from tests.server_process import ServerProcess, serving

MIB = 1024**2
ODD_KEYS = [
    *("a//b", "../x", "..", "./y", "/lead", "ünï/çode", "a%2Fb", "sp ace+plus", "tab\there"),
    *("ctrl\x01", "folder/", "q?x=1&y", "quote\"'<>", "emoji-\U0001f4e6", "e" * 900),
]


def _multipart(s3: Any, bucket: str, key: str, sizes: list[int], **more: Any) -> None:
    upload = s3.create_multipart_upload(Bucket=bucket, Key=key, **more)["UploadId"]
    where = {"Bucket": bucket, "Key": key, "UploadId": upload}
    algorithm = {name: more[name] for name in more if name == "ChecksumAlgorithm"}
    done = []
    for number, size in enumerate(sizes, start=1):
        part = s3.upload_part(**where, PartNumber=number, Body=os.urandom(size), **algorithm)
        kept = {name: part[name] for name in part if name == "ETag" or "Checksum" in name}
        if not algorithm:
            kept = {"ETag": part["ETag"]}
        kept.pop("ChecksumType", None)
        done.append({"PartNumber": number, **kept})
    s3.complete_multipart_upload(**where, MultipartUpload={"Parts": done})


def test_keys_are_copied_whatever_they_are_called(
    there: Any, here: Any, source: ServerProcess, command: Command
) -> None:
    there.create_bucket(Bucket="odd")
    for key in ODD_KEYS:
        there.put_object(Bucket="odd", Key=key, Body=key.encode())
    there.put_object(Bucket="odd", Key="empty")

    done = command.run(source.endpoint, "--bucket", "odd", "--verify=bytes")

    assert (0, {}) == (done.status, done.codes), done.out
    assert len(ODD_KEYS) + 1 == done.total("objects") == done.total("verified")
    assert versions(there, "odd") == versions(here, "odd")
    for key in ODD_KEYS:
        assert key.encode() == here.get_object(Bucket="odd", Key=key)["Body"].read()


def test_everything_that_is_said_of_an_object_goes_along(
    there: Any, here: Any, source: ServerProcess, command: Command
) -> None:
    there.create_bucket(Bucket="said")
    there.put_object(
        Bucket="said",
        Key="k",
        Body=b"data",
        ContentType="text/html; charset=utf-8",
        CacheControl="max-age=1",
        ContentDisposition='attachment; filename="a"',
        ContentEncoding="gzip",
        ContentLanguage="de",
        Expires=datetime(2030, 1, 1, tzinfo=UTC),
        WebsiteRedirectLocation="/elsewhere",
        StorageClass="STANDARD_IA",
        Metadata={"plain": "text", "word": "=?UTF-8?B?w7zDpMO2?=", "two": "a  b"},
        Tagging="a=1&b=%C3%BC%2B%40",
        ChecksumAlgorithm="SHA1",
    )

    done = command.run(source.endpoint, "--bucket", "said")

    assert 0 == done.status, done.out
    expected = head(there, "said", "k")
    assert "SHA1" in str(expected)
    assert expected == head(here, "said", "k")
    tags = [s3.get_object_tagging(Bucket="said", Key="k")["TagSet"] for s3 in (there, here)]
    assert tags[0] == tags[1] == [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "ü+@"}]


def test_versions_keep_order_time_and_id(
    there: Any, here: Any, source: ServerProcess, command: Command
) -> None:
    bucket = "history"
    there.create_bucket(Bucket=bucket)
    there.put_object(Bucket=bucket, Key="k", Body=b"before versions")
    enabled = {"Status": "Enabled"}
    there.put_bucket_versioning(Bucket=bucket, VersioningConfiguration=enabled)
    for number in range(3):
        there.put_object(Bucket=bucket, Key="k", Body=b"%d" % number)
        there.delete_object(Bucket=bucket, Key="k")
    there.put_object(Bucket=bucket, Key="gone", Body=b"x")
    there.delete_object(Bucket=bucket, Key="gone")
    suspended = {"Status": "Suspended"}
    there.put_bucket_versioning(Bucket=bucket, VersioningConfiguration=suspended)
    there.put_object(Bucket=bucket, Key="k", Body=b"null, and the newest")
    there.delete_object(Bucket=bucket, Key="gone")

    done = command.run(source.endpoint, "--bucket", bucket, "--verify=bytes", "--objects-only")
    again = command.run(source.endpoint, "--bucket", bucket)

    assert (0, 0) == (done.status, again.status), done.out
    assert versions(there, bucket) == versions(here, bucket)
    assert (0, 0) == (again.total("objects"), again.total("markers"))
    assert "Suspended" == here.get_bucket_versioning(Bucket=bucket)["Status"]
    order = [
        [one["VersionId"] for one in s3.list_object_versions(Bucket=bucket)["Versions"]]
        for s3 in (there, here)
    ]
    assert order[0] == order[1]


def test_locks_go_along(there: Any, here: Any, source: ServerProcess, command: Command) -> None:
    bucket = "locked"
    there.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
    until = (datetime.now(UTC) + timedelta(days=2)).replace(microsecond=0)
    locked = {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": until}
    there.put_object(Bucket=bucket, Key="retained", Body=b"a", **locked)
    there.put_object(Bucket=bucket, Key="held", Body=b"b", ObjectLockLegalHoldStatus="ON")
    there.put_object(Bucket=bucket, Key="free", Body=b"c")
    _multipart(there, bucket, "in parts", [5 * MIB, 1], **locked)
    rule = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}
    configuration = {"ObjectLockEnabled": "Enabled", "Rule": rule}
    there.put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration=configuration)

    done = command.run(source.endpoint, "--bucket", bucket)
    there.delete_object(Bucket=bucket, Key="free")  # the second run meets the rule at the target
    again = command.run(source.endpoint, "--bucket", bucket)

    assert (0, 0) == (done.status, again.status), again.out
    for key in ("retained", "held", "in parts"):
        assert head(there, bucket, key) == head(here, bucket, key)
    assert versions(there, bucket) == versions(here, bucket)
    found = here.get_object_lock_configuration(Bucket=bucket)["ObjectLockConfiguration"]
    assert configuration == found


@pytest.mark.parametrize(
    ("name", "sizes", "more"),
    [
        ("even", [5 * MIB, 5 * MIB, 1 * MIB], {}),
        ("uneven", [6 * MIB, 5 * MIB, 7 * MIB], {}),
        ("one-part", [3 * MIB], {}),
        ("composite", [5 * MIB, 2 * MIB], {"ChecksumAlgorithm": "SHA256"}),
        (
            "whole",
            [5 * MIB, 2 * MIB],
            {"ChecksumAlgorithm": "CRC32C", "ChecksumType": "FULL_OBJECT"},
        ),
    ],
)
def test_parts_stay_what_they_were(
    there: Any,
    here: Any,
    source: ServerProcess,
    command: Command,
    name: str,
    sizes: list[int],
    more: dict[str, str],
) -> None:
    bucket = f"parts-{name}"
    there.create_bucket(Bucket=bucket)
    _multipart(there, bucket, "k", sizes, **more)

    done = command.run(source.endpoint, "--bucket", bucket, "--verify=bytes")

    assert 0 == done.status, done.out
    assert head(there, bucket, "k") == head(here, bucket, "k")
    for number in range(1, len(sizes) + 1):
        assert head(there, bucket, "k", PartNumber=number) == head(
            here, bucket, "k", PartNumber=number
        )


def test_documents_of_a_bucket_go_along(
    there: Any, here: Any, source: ServerProcess, command: Command
) -> None:
    bucket = "documents"
    there.create_bucket(Bucket=bucket)
    cors = {"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]}
    there.put_bucket_cors(Bucket=bucket, CORSConfiguration=cors)
    tags = {"TagSet": [{"Key": "team", "Value": "a + b"}]}
    there.put_bucket_tagging(Bucket=bucket, Tagging=tags)
    rule = {"ID": "r", "Status": "Enabled", "Filter": {"Prefix": "tmp/"}, "Expiration": {"Days": 1}}
    there.put_bucket_lifecycle_configuration(
        Bucket=bucket, LifecycleConfiguration={"Rules": [rule]}
    )
    website = {"IndexDocument": {"Suffix": "index.html"}}
    there.put_bucket_website(Bucket=bucket, WebsiteConfiguration=website)
    resource = [f"arn:aws:s3:::{bucket}/public/*"]
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}
    policy = {"Version": "2012-10-17", "Statement": [{**statement, "Resource": resource}]}
    there.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    there.put_bucket_acl(Bucket=bucket, ACL="public-read")

    done = command.run(source.endpoint, "--bucket", bucket, "--rename-bucket", f"{bucket}=renamed")
    again = command.run(source.endpoint, "--bucket", bucket, "--rename-bucket", f"{bucket}=renamed")

    found = here.get_bucket_lifecycle_configuration(Bucket="renamed")["Rules"]
    assert ([rule], cors["CORSRules"], tags["TagSet"]) == (
        found,
        here.get_bucket_cors(Bucket="renamed")["CORSRules"],
        here.get_bucket_tagging(Bucket="renamed")["TagSet"],
    )
    assert website["IndexDocument"] == here.get_bucket_website(Bucket="renamed")["IndexDocument"]
    copied = json.loads(here.get_bucket_policy(Bucket="renamed")["Policy"])
    assert ["arn:aws:s3:::renamed/public/*"] == copied["Statement"][0]["Resource"]
    (bucket_report,) = done.report["buckets"]
    assert any("may let the public in" in note for note in bucket_report["notes"])
    assert (0, 0) == (done.status, again.status), done.out
    everybody = "http://acs.amazonaws.com/groups/global/AllUsers"
    grants = here.get_bucket_acl(Bucket="renamed")["Grants"]
    assert ["READ"] == [
        one["Permission"] for one in grants if one["Grantee"].get("URI") == everybody
    ]


def test_a_bucket_that_is_there_already_keeps_its_public_access_block(
    there: Any, here: Any, source: ServerProcess, command: Command
) -> None:
    """It was lifted: somebody had put it there, or left it there, for a reason."""
    bucket = "kept-private"
    there.create_bucket(Bucket=bucket)
    there.put_object(Bucket=bucket, Key="k", Body=b"a")
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}
    resource = [f"arn:aws:s3:::{bucket}/*"]
    policy = {"Version": "2012-10-17", "Statement": [{**statement, "Resource": resource}]}
    there.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    here.create_bucket(Bucket=bucket)
    before = here.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]

    done = command.run(source.endpoint, "--bucket", bucket)

    after = here.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert (1, before) == (done.status, after), done.out
    assert b"a" == here.get_object(Bucket=bucket, Key="k")["Body"].read()
    (bucket_report,) = done.report["buckets"]
    assert ["policy"] == [one["what"] for one in bucket_report["problems"]]
    assert any("delete-public-access-block" in note for note in bucket_report["notes"])


def test_objects_are_shared_with_the_groups_that_they_were_shared_with(
    there: Any, here: Any, source: ServerProcess, command: Command
) -> None:
    bucket = "shared"
    there.create_bucket(Bucket=bucket)
    there.put_object(Bucket=bucket, Key="public", Body=b"a", ACL="public-read")
    there.put_object(Bucket=bucket, Key="private", Body=b"b")
    _multipart(there, bucket, "parts", [5 * MIB, 1], ACL="authenticated-read")

    done = command.run(source.endpoint, "--bucket", bucket, "--object-acls")

    assert 0 == done.status, done.out
    for key in ("public", "private", "parts"):
        grants = [
            {
                (grant["Grantee"].get("URI"), grant["Permission"])
                for grant in s3.get_object_acl(Bucket=bucket, Key=key)["Grants"]
            }
            for s3 in (there, here)
        ]
        assert grants[0] == grants[1]
        assert (2 if key != "private" else 1) == len(grants[0])


def test_a_second_run_takes_what_is_new_and_removes_what_is_gone(
    there: Any, here: Any, source: ServerProcess, command: Command
) -> None:
    bucket = "cut-over"
    there.create_bucket(Bucket=bucket)
    for key in ("stays", "changes", "goes"):
        there.put_object(Bucket=bucket, Key=key, Body=b"first")
    first = command.run(source.endpoint, "--bucket", bucket)
    there.put_object(Bucket=bucket, Key="changes", Body=b"second")
    there.put_object(Bucket=bucket, Key="comes", Body=b"third")
    there.delete_object(Bucket=bucket, Key="goes")

    planned = command.run(source.endpoint, "--bucket", bucket, "--remove", "--dry-run")
    kept = command.run(source.endpoint, "--bucket", bucket)
    removed = command.run(source.endpoint, "--bucket", bucket, "--remove")

    assert (0, 1, 1, 0) == (first.status, planned.status, kept.status, removed.status)
    assert (2, 1) == (planned.total("objects"), planned.total("removed"))
    assert (2, 1, 1) == (kept.total("objects"), kept.total("present"), kept.total("extra"))
    assert versions(there, bucket) == versions(here, bucket)


def test_what_was_written_at_the_target_is_left_alone(
    there: Any, here: Any, source: ServerProcess, command: Command
) -> None:
    there.create_bucket(Bucket="own")
    there.put_object(Bucket="own", Key="k", Body=b"old")
    here.create_bucket(Bucket="own")
    _wait_for_another_second(there, "own", "k")
    here.put_object(Bucket="own", Key="k", Body=b"new")

    done = command.run(source.endpoint, "--bucket", "own")

    assert (1, {"NewerAtTarget": 1}) == (done.status, done.codes)
    assert b"new" == here.get_object(Bucket="own", Key="k")["Body"].read()


def _wait_for_another_second(s3: Any, bucket: str, key: str) -> None:
    """Until what is written now is newer in whole seconds, by the clock that both servers have."""
    written = s3.head_object(Bucket=bucket, Key=key)["LastModified"]
    while datetime.now(UTC).replace(microsecond=0) <= written:
        threading.Event().wait(0.05)


def test_only_what_is_asked_for_is_copied(
    there: Any, here: Any, source: ServerProcess, command: Command
) -> None:
    there.create_bucket(Bucket="some")
    enabled = {"Status": "Enabled"}
    there.put_bucket_versioning(Bucket="some", VersioningConfiguration=enabled)
    for key in ("a/1", "a/1", "a/2", "b/1"):
        there.put_object(Bucket="some", Key=key, Body=b"x")
    there.delete_object(Bucket="some", Key="a/2")
    options = ("--bucket", "some", "--prefix", "a/", "--current-only")

    planned = command.run(source.endpoint, "--dry-run", *options)
    with pytest.raises(here.exceptions.ClientError):
        here.head_bucket(Bucket="some")
    done = command.run(source.endpoint, *options)
    again = command.run(source.endpoint, *options)

    assert (1, 0, 0) == (planned.status, done.status, again.status), done.out
    assert (1, 1, 0) == (planned.total("objects"), done.total("objects"), again.total("objects"))
    (copied,) = here.list_object_versions(Bucket="some")["Versions"]
    newest = there.head_object(Bucket="some", Key="a/1")
    assert ("a/1", newest["VersionId"]) == (copied["Key"], copied["VersionId"])


def test_buckets_can_be_left_out(there: Any, source: ServerProcess, command: Command) -> None:
    for name in ("left-out", "taken-in"):
        there.create_bucket(Bucket=name)
    every = [bucket["Name"] for bucket in there.list_buckets()["Buckets"]]
    excluded = [word for name in every if name != "taken-in" for word in ("--exclude-bucket", name)]

    done = command.run(source.endpoint, "--dry-run", *excluded)

    assert ["taken-in"] == [bucket["source"] for bucket in done.report["buckets"]]


READS: dict[str, Fault] = {"cut": "cut", "wrong": "wrong", "busy": "busy", "refused": "refused"}


@pytest.mark.parametrize("name", READS)
def test_a_source_that_fails_now_and_then_is_copied_all_the_same(
    there: Any, here: Any, source: ServerProcess, command: Command, name: str
) -> None:
    bucket = f"flaky-{name}"
    there.create_bucket(Bucket=bucket)
    for number in range(5):
        there.put_object(Bucket=bucket, Key=f"k{number}", Body=os.urandom(200_000))
    _multipart(there, bucket, "parts", [5 * MIB, 5 * MIB, 1 * MIB])

    with standing_before(source.host, source.port) as proxy:
        is_met = (lambda seen: seen.is_read) if name in {"cut", "wrong"} else (lambda _: True)
        proxy.fault = once_each(READS[name], is_met)
        done = command.run(proxy.url, "--bucket", bucket)

    assert (0, {}) == (done.status, done.codes), done.out
    assert done.report["tried_again"] >= 5
    assert versions(there, bucket) == versions(here, bucket)
    for number in range(5):
        data = [
            s3.get_object(Bucket=bucket, Key=f"k{number}")["Body"].read() for s3 in (there, here)
        ]
        assert data[0] == data[1]


def test_bytes_that_are_always_wrong_are_never_taken(
    there: Any, here: Any, source: ServerProcess, command: Command
) -> None:
    there.create_bucket(Bucket="damaged")
    there.put_object(Bucket="damaged", Key="bad", Body=os.urandom(1000))
    there.put_object(Bucket="damaged", Key="good", Body=b"good")

    with standing_before(source.host, source.port) as proxy:
        proxy.fault = lambda seen: "wrong" if seen.is_read and "/bad" in seen.target else ""
        done = command.run(proxy.url, "--bucket", "damaged", "--attempts", "3")

    assert (1, {"WrongBytes": 1}) == (done.status, done.codes), done.out
    assert ["good"] == [one["Key"] for one in here.list_objects_v2(Bucket="damaged")["Contents"]]


def test_an_object_that_says_another_etag_is_not_taken_for_another(
    there: Any, here: Any, source: ServerProcess, command: Command
) -> None:
    there.create_bucket(Bucket="etag")
    there.put_object(Bucket="etag", Key="k", Body=os.urandom(1000))

    with standing_before(source.host, source.port) as proxy:
        proxy.fault = once_each("etag", lambda seen: seen.is_read)
        done = command.run(proxy.url, "--bucket", "etag")

    assert 0 == done.status, done.out
    assert versions(there, "etag") == versions(here, "etag")


def test_an_object_that_changes_while_it_is_copied_is_copied_again(
    there: Any, here: Any, source: ServerProcess, command: Command
) -> None:
    there.create_bucket(Bucket="changing")
    _multipart(there, "changing", "k", [5 * MIB, 5 * MIB])
    has_changed = threading.Event()

    def change(seen: Seen) -> Fault:
        if seen.is_read and not has_changed.is_set():
            has_changed.set()
            _multipart(there, "changing", "k", [6 * MIB, 1 * MIB])
        return ""

    with standing_before(source.host, source.port) as proxy:
        proxy.fault = change
        done = command.run(proxy.url, "--bucket", "changing", "--verify=bytes")

    assert 0 == done.status, done.out
    assert has_changed.is_set()
    assert versions(there, "changing") == versions(here, "changing")


def test_a_target_that_has_gone_ends_the_run(
    there: Any, source: ServerProcess, command: Command
) -> None:
    there.create_bucket(Bucket="gone")
    for number in range(30):
        there.put_object(Bucket="gone", Key=f"k{number}", Body=b"x")

    with standing_before(command.target.host, command.target.port) as proxy:
        proxy.fault = lambda seen: "refused" if seen.target.startswith("/gone/") else ""
        options = ("--to", proxy.url, "--attempts", "1", "--concurrency", "2")
        done = command.run(source.endpoint, "--bucket", "gone", *options)

    assert 2 == done.status
    assert "cannot be reached any more" in done.report["halted"]
    assert done.codes["Unreachable"] < 10


@pytest.mark.parametrize("is_there", [False, True], ids=["new", "replaced"])
@pytest.mark.parametrize("sizes", [[1], [5 * MIB, 1]], ids=["whole", "in parts"])
def test_what_is_written_at_the_target_meanwhile_is_left_alone(
    there: Any,
    here: Any,
    source: ServerProcess,
    command: Command,
    sizes: list[int],
    is_there: bool,
) -> None:
    """What came to the target after its listing, and before the copy, was lost."""
    bucket = f"meanwhile-{len(sizes)}-{is_there}".lower()
    for s3 in (here, there):
        s3.create_bucket(Bucket=bucket)
    if is_there:
        here.put_object(Bucket=bucket, Key="k", Body=b"former")
        _wait_for_another_second(here, bucket, "k")
    there.put_object(Bucket=bucket, Key="k", Body=b"x")
    if len(sizes) > 1:
        _multipart(there, bucket, "k", sizes)

    def write(seen: Seen) -> Fault:
        if seen.method in {"PUT", "POST"} and "/k" in seen.target:
            here.put_object(Bucket=bucket, Key="k", Body=b"from the application")
        return ""

    with standing_before(command.target.host, command.target.port) as proxy:
        proxy.fault = write
        done = command.run(source.endpoint, "--bucket", bucket, "--to", proxy.url)

    assert (1, {"NewerAtTarget": 1}) == (done.status, done.codes), done.out
    assert b"from the application" == here.get_object(Bucket=bucket, Key="k")["Body"].read()


def test_what_is_written_at_the_target_meanwhile_is_not_removed(
    there: Any, here: Any, source: ServerProcess, command: Command
) -> None:
    for s3 in (here, there):
        s3.create_bucket(Bucket="removing")
    for key in ("k", "gone"):
        here.put_object(Bucket="removing", Key=key, Body=b"former")

    def write(seen: Seen) -> Fault:
        if seen.method == "DELETE" and "/k" in seen.target:
            here.put_object(Bucket="removing", Key="k", Body=b"from the application")
        return lost(seen)

    lost = once_each("lost", lambda seen: seen.method == "DELETE" and "/gone" in seen.target)
    with standing_before(command.target.host, command.target.port) as proxy:
        proxy.fault = write
        options = ("--bucket", "removing", "--remove", "--to", proxy.url)
        done = command.run(source.endpoint, *options)

    assert (1, {"PreconditionFailed": 1}) == (done.status, done.codes), done.out
    assert ["k"] == [one["Key"] for one in here.list_objects_v2(Bucket="removing")["Contents"]]
    assert b"from the application" == here.get_object(Bucket="removing", Key="k")["Body"].read()


def test_answers_about_what_replaces_may_be_lost_too(
    there: Any, here: Any, source: ServerProcess, command: Command
) -> None:
    there.create_bucket(Bucket="lost-too")
    there.put_object(Bucket="lost-too", Key="k", Body=b"x")
    _multipart(there, "lost-too", "parts", [5 * MIB, 1])

    with standing_before(command.target.host, command.target.port) as proxy:
        proxy.fault = once_each("lost", lambda seen: "/lost-too/" in seen.target)
        done = command.run(source.endpoint, "--bucket", "lost-too", "--to", proxy.url)

    assert (0, {}) == (done.status, done.codes), done.out
    assert versions(there, "lost-too") == versions(here, "lost-too")


def test_answers_of_the_target_may_be_lost(
    there: Any, here: Any, source: ServerProcess, command: Command
) -> None:
    bucket = "lost"
    there.create_bucket(Bucket=bucket)
    enabled = {"Status": "Enabled"}
    there.put_bucket_versioning(Bucket=bucket, VersioningConfiguration=enabled)
    for _ in range(3):
        there.put_object(Bucket=bucket, Key="k", Body=b"x")
    there.delete_object(Bucket=bucket, Key="k")
    _multipart(there, bucket, "parts", [5 * MIB, 1])

    with standing_before(command.target.host, command.target.port) as proxy:
        proxy.fault = once_each("lost", lambda seen: "/lost/" in seen.target)
        done = command.run(source.endpoint, "--bucket", bucket, "--to", proxy.url)

    assert (0, {}) == (done.status, done.codes), done.out
    assert versions(there, bucket) == versions(here, bucket)


def test_a_run_that_is_killed_is_gone_on_with(
    there: Any, here: Any, source: ServerProcess, command: Command
) -> None:
    bucket = "killed"
    there.create_bucket(Bucket=bucket)
    for number in range(20):
        there.put_object(Bucket=bucket, Key=f"a{number:02}", Body=b"%d" % number)
    _multipart(there, bucket, "b", [5 * MIB] * 4)
    is_far, goes_on = threading.Event(), threading.Event()

    def hold(seen: Seen) -> Fault:
        if seen.is_read and "/b" in seen.target.removeprefix(f"/{bucket}"):
            parts = [one for one in proxy.seen if one == seen]
            if len(parts) == 4:  # one at a time: three parts are at the target
                is_far.set()
                goes_on.wait(60)
        return ""

    with standing_before(source.host, source.port) as proxy:
        proxy.fault = hold
        process = command.start(proxy.url, "--bucket", bucket, "--concurrency", "1")
        assert is_far.wait(60)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        goes_on.set()
        (upload,) = here.list_multipart_uploads(Bucket=bucket)["Uploads"]
        sent = here.list_parts(Bucket=bucket, Key="b", UploadId=upload["UploadId"])["Parts"]
        proxy.fault = lambda _: ""
        proxy.seen.clear()
        done = command.run(proxy.url, "--bucket", bucket, "--verify=bytes")

    assert 0 == done.status, done.out
    assert (1, 20) == (done.total("objects"), done.total("present"))
    again = [one for one in proxy.seen if one.is_read and one.target.endswith("/b")]
    assert 3 == len(sent)
    assert 2 == len(again)  # the part that was missing, and all of it to verify
    assert versions(there, bucket) == versions(here, bucket)
    assert "Uploads" not in here.list_multipart_uploads(Bucket=bucket)


def test_without_its_state_a_run_goes_on_as_well(
    there: Any, here: Any, source: ServerProcess, command: Command, tmp_path: Path
) -> None:
    bucket = "forgotten"
    there.create_bucket(Bucket=bucket)
    _multipart(there, bucket, "k", [5 * MIB, 1])
    no_folder = tmp_path / "no-folder"
    no_folder.write_text("a file")

    done = command.run(source.endpoint, "--bucket", bucket, "--state", str(no_folder))

    assert 0 == done.status, done.out
    assert "cannot be used" in done.err
    assert versions(there, bucket) == versions(here, bucket)


def test_who_is_not_the_operator_cannot_migrate(
    there: Any, source: ServerProcess, command: Command, here: Any
) -> None:
    there.create_bucket(Bucket="users")
    there.put_object(Bucket="users", Key="k", Body=b"x")
    iam = boto3.client(
        "iam",
        endpoint_url=command.target.endpoint,
        aws_access_key_id=command.target.access_key,
        aws_secret_access_key=command.target.secret_key,
        region_name="us-east-1",
    )
    iam.create_user(UserName="mover")
    every = "arn:aws:iam::aws:policy/AmazonS3FullAccess"
    iam.attach_user_policy(UserName="mover", PolicyArn=every)
    key = iam.create_access_key(UserName="mover")["AccessKey"]
    command.environment = {
        **command.environment,
        "FERROX_TO_ACCESS_KEY": key["AccessKeyId"],
        "FERROX_TO_SECRET_KEY": key["SecretAccessKey"],
    }

    done = command.run(source.endpoint, "--bucket", "users")

    assert 2 == done.status
    assert "Only the operator" in done.report["halted"]


def test_wishes_that_cannot_be_fulfilled_are_told(
    there: Any, here: Any, source: ServerProcess, command: Command, tmp_path: Path
) -> None:
    """The source of this test can encrypt; the target has no key."""
    key_file = tmp_path / "master.key"
    key_file.write_text("QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=\n")
    key_file.chmod(0o600)
    with serving(
        tmp_path / "sealed", "--workers", "1", "--sse-master-key-file", str(key_file)
    ) as sealed:
        s3 = client(sealed.endpoint, sealed.access_key, sealed.secret_key)
        s3.create_bucket(Bucket="sealed")
        s3.put_object(Bucket="sealed", Key="k", Body=b"data", ServerSideEncryption="AES256")
        s3.put_object(Bucket="sealed", Key="kms", Body=b"data", ServerSideEncryption="aws:kms")
        _multipart(s3, "sealed", "parts", [5 * MIB, 1], ServerSideEncryption="aws:kms")

        done = command.run(sealed.endpoint, "--bucket", "sealed", "--verify=bytes")

        assert 0 == done.status, done.out
        assert versions(s3, "sealed") == versions(here, "sealed")
    (bucket,) = done.report["buckets"]
    assert any("does not encrypt" in note for note in bucket["notes"])


def test_five_thousand_small_objects_are_copied(
    there: Any, here: Any, source: ServerProcess, command: Command
) -> None:
    bucket = "many"
    there.create_bucket(Bucket=bucket)
    there.put_object(Bucket=bucket, Key="0", Body=b"small")
    with ThreadPoolExecutor(8) as pool:
        copies = pool.map(
            lambda number: there.copy_object(
                Bucket=bucket, Key=f"{number % 13}/{number}", CopySource=f"{bucket}/0"
            ),
            range(5000),
        )
        assert 5000 == len(list(copies))

    done = command.run(source.endpoint, "--bucket", bucket, "--verify")

    assert 0 == done.status, done.out
    assert (5001, 5001) == (done.total("objects"), done.total("verified"))
    assert versions(there, bucket) == versions(here, bucket)


def test_encryption_is_asked_for_where_there_was_any(tmp_path: Path) -> None:
    """What is sealed under KMS has an ETag that nobody can make again, and keeps it."""
    servers = []
    with ExitStack() as stack:
        for name in ("from", "to"):
            key_file = tmp_path / f"{name}.key"
            key_file.write_text(base64.b64encode(os.urandom(32)).decode())
            key_file.chmod(0o600)
            options = ("--workers", "1", "--sse-master-key-file", str(key_file))
            servers.append(stack.enter_context(serving(tmp_path / name, *options)))
        old, new = (client(one.endpoint, one.access_key, one.secret_key) for one in servers)
        old.create_bucket(Bucket="sealed")
        for sse in ("AES256", "aws:kms"):
            old.put_object(Bucket="sealed", Key=sse, Body=b"data", ServerSideEncryption=sse)
            _multipart(old, "sealed", f"{sse}-parts", [5 * MIB, 1], ServerSideEncryption=sse)
        command = Command(tmp_path, servers[1], (servers[0].access_key, servers[0].secret_key))

        done = command.run(servers[0].endpoint, "--verify=bytes")

        assert 0 == done.status, done.out
        assert versions(old, "sealed") == versions(new, "sealed")
        for sse in ("AES256", "aws:kms"):
            for key in (sse, f"{sse}-parts"):
                found = [head(s3, "sealed", key) for s3 in (old, new)]
                assert [sse, sse] == [one["ServerSideEncryption"] for one in found]
                assert found[0]["ETag"] == found[1]["ETag"]


def test_documents_that_must_not_be_read_are_told(
    there: Any, source: ServerProcess, command: Command, here: Any
) -> None:
    there.create_bucket(Bucket="guarded")
    there.put_object(Bucket="guarded", Key="k", Body=b"x")
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": ["s3:GetBucketCORS", "s3:GetLifecycleConfiguration"],
        "Resource": "arn:aws:s3:::guarded",
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    there.put_bucket_policy(Bucket="guarded", Policy=json.dumps(policy))

    done = command.run(source.endpoint, "--bucket", "guarded")

    assert (1, {"AccessDenied": 2}) == (done.status, done.codes), done.out
    assert b"x" == here.get_object(Bucket="guarded", Key="k")["Body"].read()
    assert policy == json.loads(here.get_bucket_policy(Bucket="guarded")["Policy"])


@pytest.mark.parametrize("sizes", [[], [5 * MIB, 1]], ids=["whole", "in parts"])
def test_versions_that_are_copied_lie_below_what_is_written_meanwhile(
    there: Any, here: Any, source: ServerProcess, command: Command, sizes: list[int]
) -> None:
    """The copy of an older version became what the key showed."""
    bucket = f"below-{len(sizes)}"
    there.create_bucket(Bucket=bucket)
    enabled = {"Status": "Enabled"}
    there.put_bucket_versioning(Bucket=bucket, VersioningConfiguration=enabled)
    there.put_object(Bucket=bucket, Key="k", Body=b"first")
    if sizes:
        _multipart(there, bucket, "k", sizes)
    else:
        there.put_object(Bucket=bucket, Key="k", Body=b"second")
    there.delete_object(Bucket=bucket, Key="k")
    written: list[str] = []

    def write(seen: Seen) -> Fault:
        if seen.method in {"PUT", "POST"} and "/k" in seen.target and not written:
            answer = here.put_object(Bucket=bucket, Key="k", Body=b"from the application")
            written.append(answer["VersionId"])
        return ""

    with standing_before(command.target.host, command.target.port) as proxy:
        proxy.fault = write
        done = command.run(source.endpoint, "--bucket", bucket, "--to", proxy.url)
    again = command.run(source.endpoint, "--bucket", bucket)

    assert (0, 2, 1) == (done.status, done.total("objects"), done.total("markers")), done.out
    assert (0, 1) == (again.total("objects"), again.total("extra"))
    assert b"from the application" == here.get_object(Bucket=bucket, Key="k")["Body"].read()
    copied = [one for one in versions(here, bucket) if written[0] not in one]
    assert [one[:5] for one in versions(there, bucket)] == [one[:5] for one in copied]


def test_what_could_not_be_copied_at_first_takes_its_place_later(
    there: Any, here: Any, source: ServerProcess, command: Command
) -> None:
    bucket = "late"
    there.create_bucket(Bucket=bucket)
    enabled = {"Status": "Enabled"}
    there.put_bucket_versioning(Bucket=bucket, VersioningConfiguration=enabled)
    bodies = [b"first", b"second", b"third"]
    ids = []
    for body in bodies:
        ids.append(there.put_object(Bucket=bucket, Key="k", Body=body)["VersionId"])
        _wait_for_another_second(there, bucket, "k")

    with standing_before(source.host, source.port) as proxy:
        proxy.fault = lambda seen: "wrong" if seen.is_read and ids[1] in seen.target else ""
        first = command.run(proxy.url, "--bucket", bucket, "--attempts", "1")
    second = command.run(source.endpoint, "--bucket", bucket, "--verify=bytes")

    assert (1, {"WrongBytes": 1}, 2) == (first.status, first.codes, first.total("objects"))
    assert (0, 1) == (second.status, second.total("objects")), second.out
    assert versions(there, bucket) == versions(here, bucket)
    listed = here.list_object_versions(Bucket=bucket)["Versions"]
    assert ids[::-1] == [one["VersionId"] for one in listed]
