"""The AWS CLI, by its friendly commands (s3) and by its plain ones (s3api)."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.clients import payloads, witness
from tests.clients.payloads import payload, sha256
from tests.clients.tool import Tool, fetch
from tests.server_process import ServerProcess


@pytest.fixture
def aws(server: ServerProcess, env: dict[str, str], tmp_path: Path) -> Tool:
    """`aws` with its endpoint."""
    return Tool("aws", "--endpoint-url", server.endpoint, env=env, cwd=tmp_path)


def test_the_quick_start(aws: Tool, bucket_name: str, tmp_path: Path) -> None:
    url = f"s3://{bucket_name}"
    (tmp_path / "hello.txt").write_text("hello")

    aws("s3", "mb", url)
    aws("s3", "cp", "hello.txt", f"{url}/hello.txt")
    listing = aws("s3", "ls", url)
    aws("s3", "sync", f"{url}/", "copy")
    fetched = fetch(aws("s3", "presign", f"{url}/hello.txt").strip())
    aws("s3", "rm", f"{url}/hello.txt")
    aws("s3", "rb", url)

    assert listing.rstrip().endswith("5 hello.txt")
    assert {"hello.txt": sha256(b"hello")} == payloads.digests(tmp_path / "copy")
    assert (200, b"hello") == (fetched.status, fetched.body)
    assert bucket_name not in aws("s3", "ls")


def test_every_size_and_odd_name_there_and_back(
    aws: Tool, s3: Any, bucket: str, sizes: Path, odd_names: Path, tmp_path: Path
) -> None:
    aws("s3", "cp", "--recursive", sizes, f"s3://{bucket}/")
    aws("s3", "sync", odd_names, f"s3://{bucket}/")
    expected = payloads.digests(sizes) | payloads.digests(odd_names)
    assert expected == witness.stored(s3, bucket)
    assert witness.of_part_count(s3, bucket, payloads.MULTIPART) > 1

    aws("s3", "cp", "--recursive", f"s3://{bucket}/", "back")

    assert expected == payloads.digests(tmp_path / "back")
    assert "" == aws("s3", "sync", f"s3://{bucket}/", "back"), "a second sync has nothing to do"


def test_more_than_a_page_of_keys(aws: Tool, crowded: str) -> None:
    listed = aws("s3", "ls", "--recursive", f"s3://{crowded}").splitlines()
    counted = aws("s3api", "list-objects-v2", "--bucket", crowded, "--query", "length(Contents)")
    first = aws("s3api", "list-objects", "--bucket", crowded, "--query", "length(Contents)")

    assert list(witness.CROWD) == [line.split()[-1] for line in listed]
    assert (1100, 1100) == (int(counted), int(first))


def test_copies_inside_the_server(aws: Tool, s3: Any, bucket: str) -> None:
    for name in ("one-byte", payloads.MULTIPART):
        s3.put_object(Bucket=bucket, Key=name, Body=payload(name), Metadata={"a": "1"})

        aws("s3", "cp", f"s3://{bucket}/{name}", f"s3://{bucket}/copies of/{name}")
        aws("s3", "mv", f"s3://{bucket}/{name}", f"s3://{bucket}/moved/{name}")

    expected = {
        f"{directory}/{name}": sha256(payload(name))
        for directory in ("copies of", "moved")
        for name in ("one-byte", payloads.MULTIPART)
    }
    assert expected == witness.stored(s3, bucket)
    assert {"a": "1"} == s3.head_object(Bucket=bucket, Key="copies of/one-byte")["Metadata"]


def test_streams(aws: Tool, s3: Any, bucket: str) -> None:
    body = payload(payloads.MULTIPART)

    aws("s3", "cp", "-", f"s3://{bucket}/stream", stdin=body)
    received = aws.raw("s3", "cp", f"s3://{bucket}/stream", "-")

    assert sha256(body) == sha256(received)
    assert witness.of_part_count(s3, bucket, "stream") > 1


def test_types_and_metadata(aws: Tool, s3: Any, bucket: str, sizes: Path) -> None:
    aws(
        "s3", "cp", sizes / "one-byte", f"s3://{bucket}/k", "--content-type", "text/odd",
        "--cache-control", "no-cache", "--metadata", "colour=blue,size=x", "--checksum-algorithm",
        "SHA256", "--storage-class", "STANDARD_IA",
    )  # fmt: skip

    head = s3.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert ("text/odd", "no-cache") == (head["ContentType"], head["CacheControl"])
    assert {"colour": "blue", "size": "x"} == head["Metadata"]
    assert head["ChecksumSHA256"]
    assert "STANDARD_IA" == head["StorageClass"]


def test_slashes_stay_as_they_are(aws: Tool, s3: Any, bucket: str, sizes: Path) -> None:
    aws("s3", "cp", sizes / "one-byte", f"s3://{bucket}/dir//x")
    aws("s3api", "put-object", "--bucket", bucket, "--key", "folder/")

    assert ["dir//x", "folder/"] == witness.keys(s3, bucket)
    assert payload("one-byte") == aws.raw("s3", "cp", f"s3://{bucket}/dir//x", "-")


def test_sync_brings_only_what_changed_and_deletes_what_is_gone(
    aws: Tool, s3: Any, bucket: str, tmp_path: Path
) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for name in ("kept", "changed", "gone"):
        (source / name).write_text(name)
        payloads.age(source / name)
    aws("s3", "sync", source, f"s3://{bucket}")
    (source / "changed").write_text("changed for good")
    (source / "gone").unlink()

    said = aws("s3", "sync", "--delete", source, f"s3://{bucket}", "--no-progress")

    assert 2 == len(said.splitlines()), said
    assert payloads.digests(source) == witness.stored(s3, bucket)


def test_a_bucket_is_emptied_and_removed(aws: Tool, s3: Any, bucket: str) -> None:
    witness.put_all(s3, bucket, [f"a/{n}" for n in range(20)] + ["b", "c"])

    aws("s3", "rm", "--recursive", f"s3://{bucket}/a/")
    assert ["b", "c"] == witness.keys(s3, bucket)
    aws("s3", "rb", "--force", f"s3://{bucket}")

    assert bucket not in [one["Name"] for one in s3.list_buckets()["Buckets"]]


def test_plain_commands(aws: Tool, s3: Any, bucket_name: str, tmp_path: Path) -> None:
    at = ("--bucket", bucket_name)
    (tmp_path / "body").write_bytes(b"0123456789")

    def api(command: str, *arguments: str) -> Any:
        said = aws("s3api", command, *at, *arguments)
        return json.loads(said) if said.strip() else {}

    assert f"/{bucket_name}" == api("create-bucket")["Location"]
    etag = api("put-object", "--key", "k", "--body", "body")["ETag"]
    assert 10 == api("head-object", "--key", "k")["ContentLength"]
    assert (
        "bytes 2-5/10"
        == api("get-object", "--key", "k", "--range", "bytes=2-5", "out")["ContentRange"]
    )
    assert b"2345" == (tmp_path / "out").read_bytes()
    copied = api("copy-object", "--key", "copy", "--copy-source", f"{bucket_name}/k")
    assert etag == copied["CopyObjectResult"]["ETag"]
    upload_id = api("create-multipart-upload", "--key", "parts")["UploadId"]
    of_upload = ("--key", "parts", "--upload-id", upload_id)
    part = api("upload-part", *of_upload, "--part-number", "1", "--body", "body")["ETag"]
    assert [10] == [one["Size"] for one in api("list-parts", *of_upload)["Parts"]]
    assert [upload_id] == [one["UploadId"] for one in api("list-multipart-uploads")["Uploads"]]
    chosen = json.dumps({"Parts": [{"PartNumber": 1, "ETag": part}]})
    api("complete-multipart-upload", *of_upload, "--multipart-upload", chosen)
    assert b"0123456789" == witness.read(s3, bucket_name, "parts")
    doomed = json.dumps({"Objects": [{"Key": "k"}, {"Key": "copy"}, {"Key": "parts"}]})
    assert 3 == len(api("delete-objects", "--delete", doomed)["Deleted"])
    api("delete-bucket")
    assert "Not Found" in aws.refused("s3api", "head-bucket", *at)


def test_errors_reach_the_user(aws: Tool, bucket: str) -> None:
    assert "(NoSuchBucket)" in aws.refused("s3", "ls", f"s3://no-{bucket}")
    assert "(404)" in aws.refused("s3", "cp", f"s3://{bucket}/absent", "out")
    said = aws.refused("s3api", "get-object", "--bucket", bucket, "--key", "absent", "out")
    assert "(NoSuchKey)" in said


def test_plain_commands_of_versions_tags_and_locks(aws: Tool, s3: Any, bucket_name: str) -> None:
    at = ("--bucket", bucket_name)

    def api(command: str, *arguments: str) -> Any:
        said = aws("s3api", command, *at, *arguments)
        return json.loads(said) if said.strip() else {}

    api("create-bucket", "--object-lock-enabled-for-bucket")
    versions = [
        s3.put_object(Bucket=bucket_name, Key="k", Body=body)["VersionId"] for body in ("1", "2")
    ]
    first = ("--key", "k", "--version-id", versions[0])
    assert {"Status": "Enabled"} == api("get-bucket-versioning")
    assert versions[::-1] == [one["VersionId"] for one in api("list-object-versions")["Versions"]]
    api("put-object-tagging", *first, "--tagging", "TagSet=[{Key=a,Value=1}]")
    assert [{"Key": "a", "Value": "1"}] == api("get-object-tagging", *first)["TagSet"]
    api("put-object-legal-hold", *first, "--legal-hold", "Status=ON")
    assert "(AccessDenied)" in aws.refused("s3api", "delete-object", *at, *first)
    assert (
        1 == api("get-object-attributes", *first, "--object-attributes", "ObjectSize")["ObjectSize"]
    )


def test_plain_commands_of_documents(aws: Tool, bucket: str) -> None:
    documents: dict[str, dict[str, Any]] = {
        "lifecycle-configuration": {
            "Rules": [
                {
                    "ID": "old",
                    "Filter": {"Prefix": "logs/"},
                    "Status": "Enabled",
                    "Expiration": {"Days": 30},
                }
            ]
        },
        "cors-configuration": {"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]},
    }
    for option, document in documents.items():
        noun = f"bucket-{option.removesuffix('-configuration')}"
        noun += "-configuration" if noun == "bucket-lifecycle" else ""
        aws("s3api", f"put-{noun}", "--bucket", bucket, f"--{option}", json.dumps(document))

        told = json.loads(aws("s3api", f"get-{noun}", "--bucket", bucket))

        assert document == {name: told[name] for name in document}


def test_identities_by_the_commands_of_aws(aws: Tool, bucket_name: str) -> None:
    name = bucket_name

    who = json.loads(aws("sts", "get-caller-identity"))
    made = json.loads(aws("iam", "create-user", "--user-name", name, "--tags", "Key=a,Value=b"))
    key = json.loads(aws("iam", "create-access-key", "--user-name", name))["AccessKey"]
    aws("iam", "create-group", "--group-name", name)
    aws("iam", "add-user-to-group", "--group-name", name, "--user-name", name)
    group = json.loads(aws("iam", "get-group", "--group-name", name))
    aws("iam", "remove-user-from-group", "--group-name", name, "--user-name", name)
    aws("iam", "delete-group", "--group-name", name)
    aws("iam", "delete-access-key", "--user-name", name, "--access-key-id", key["AccessKeyId"])
    aws("iam", "delete-user", "--user-name", name)

    assert f"arn:aws:iam::{who['Account']}:user/{name}" == made["User"]["Arn"]
    assert [name] == [one["UserName"] for one in group["Users"]]
    assert name not in aws("iam", "list-users")
