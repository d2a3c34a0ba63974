"""boto3 as it is installed today: buckets, objects, ranges, deletes, errors."""

import io
import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore import UNSIGNED
from botocore.exceptions import ClientError

from tests.clients import payloads, witness
from tests.clients.payloads import filled, payload, sha256
from tests.clients.tool import REGION
from tests.clients.witness import code
from tests.server_process import ServerProcess

# Buckets


def test_a_bucket_lives_and_dies(s3: Any, bucket_name: str) -> None:
    made = s3.create_bucket(Bucket=bucket_name)

    assert f"/{bucket_name}" == made["Location"]
    s3.get_waiter("bucket_exists").wait(Bucket=bucket_name)
    assert REGION == s3.head_bucket(Bucket=bucket_name)["BucketRegion"]
    assert s3.get_bucket_location(Bucket=bucket_name)["LocationConstraint"] is None
    assert bucket_name in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]

    s3.delete_bucket(Bucket=bucket_name)

    with pytest.raises(ClientError) as refusal:
        s3.head_bucket(Bucket=bucket_name)
    assert (404, "404") == code(refusal)


def test_making_ones_own_bucket_again_is_fine_in_us_east_1(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="kept", Body=b"data")

    s3.create_bucket(Bucket=bucket)

    assert ["kept"] == witness.keys(s3, bucket)


def test_a_bucket_with_something_in_it_stays(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="kept", Body=b"data")

    with pytest.raises(ClientError) as refusal:
        s3.delete_bucket(Bucket=bucket)

    assert (409, "BucketNotEmpty") == code(refusal)


@pytest.mark.parametrize(
    "name", ["ab", "UpperCase", "under_score", "192.168.1.1", "xn--name", "a..b"]
)
def test_bad_bucket_names_are_refused(s3: Any, name: str) -> None:
    with pytest.raises(ClientError) as refusal:
        s3.create_bucket(Bucket=name)

    assert (400, "InvalidBucketName") == code(refusal)


# Objects


@pytest.mark.parametrize("name", payloads.SIZES_BYTES)
def test_every_size_comes_back_whole(s3: Any, bucket: str, name: str) -> None:
    s3.upload_fileobj(io.BytesIO(payload(name)), bucket, name)

    received = io.BytesIO()
    s3.download_fileobj(bucket, name, received)

    assert sha256(payload(name)) == sha256(received.getvalue())
    assert len(payload(name)) == s3.head_object(Bucket=bucket, Key=name)["ContentLength"]
    assert (name == payloads.MULTIPART) == (witness.of_part_count(s3, bucket, name) > 1)


def test_a_single_put_of_many_megabytes_comes_back_whole(s3: Any, bucket: str) -> None:
    body = payload(payloads.MULTIPART)

    s3.put_object(Bucket=bucket, Key="large", Body=body)

    assert sha256(body) == sha256(witness.read(s3, bucket, "large"))


def test_a_body_that_cannot_seek_is_uploaded(s3: Any, bucket: str) -> None:
    reading, writing = os.pipe()
    body = filled(9_000_000, seed="pipe")
    with os.fdopen(reading, "rb") as source, os.fdopen(writing, "wb") as sink:

        def write() -> None:
            with sink:
                sink.write(body)

        writer = threading.Thread(target=write)
        writer.start()
        s3.upload_fileobj(source, bucket, "from a pipe")
        writer.join()

    assert sha256(body) == sha256(witness.read(s3, bucket, "from a pipe"))


@pytest.fixture(params=["path", "virtual"])
def styled(
    request: pytest.FixtureRequest, server: ServerProcess, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Any]:
    """A client that names the bucket in the path, and one that names it in the host."""
    if request.param == "path":
        endpoint = server.endpoint
    else:
        endpoint = f"http://s3.localhost:{server.port}"
        _resolve_to_loopback(monkeypatch, ".s3.localhost")
    made = witness.client(server, endpoint, s3={"addressing_style": request.param})
    yield made
    made.close()


def _resolve_to_loopback(monkeypatch: pytest.MonkeyPatch, suffix: str) -> None:
    """Stand in for the DNS wildcard record that virtual-hosted style needs."""
    import socket

    real = socket.getaddrinfo

    def lookup(host: Any, *arguments: Any, **more: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        return real("127.0.0.1" if name.endswith(suffix) else host, *arguments, **more)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)


def test_odd_names_are_kept_to_the_byte(styled: Any, s3: Any, bucket: str) -> None:
    for key in payloads.KEYS:
        styled.put_object(Bucket=bucket, Key=key, Body=payloads.name_bytes(key))

    assert sorted(payloads.KEYS, key=str.encode) == witness.keys(styled, bucket)
    for key in payloads.KEYS:
        assert payloads.name_bytes(key) == witness.read(styled, bucket, key), key
        assert styled.head_object(Bucket=bucket, Key=key)["ContentLength"], key
    for key in payloads.KEYS:
        styled.delete_object(Bucket=bucket, Key=key)
    assert [] == witness.keys(s3, bucket)


def test_the_name_of_the_bucket_in_the_host_serves_bucket_operations_too(
    styled: Any, bucket_name: str
) -> None:
    styled.create_bucket(Bucket=bucket_name)
    styled.put_object(Bucket=bucket_name, Key="one", Body=b"1")

    styled.copy({"Bucket": bucket_name, "Key": "one"}, bucket_name, "two")
    styled.delete_objects(Bucket=bucket_name, Delete={"Objects": [{"Key": "one"}]})

    assert ["two"] == witness.keys(styled, bucket_name)
    styled.delete_object(Bucket=bucket_name, Key="two")
    styled.delete_bucket(Bucket=bucket_name)


def test_an_upload_in_parts_is_where_its_completion_says(styled: Any, bucket: str) -> None:
    named = {"Bucket": bucket, "Key": "a/b c"}
    upload = {**named, "UploadId": styled.create_multipart_upload(**named)["UploadId"]}
    etag = styled.upload_part(**upload, PartNumber=1, Body=b"1")["ETag"]

    parts = {"Parts": [{"PartNumber": 1, "ETag": etag}]}
    done = styled.complete_multipart_upload(**upload, MultipartUpload=parts)

    url = urlsplit(done["Location"])
    is_in_host = str(url.hostname).startswith(f"{bucket}.")
    assert ("/a%2Fb%20c" if is_in_host else f"/{bucket}/a%2Fb%20c") == url.path


def test_metadata_and_system_headers_survive(s3: Any, bucket: str) -> None:
    expires = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)
    sent = {
        "ContentType": "text/x-odd; charset=utf-8",
        "CacheControl": "max-age=17, public",
        "ContentDisposition": 'attachment; filename="a b.txt"',
        "ContentEncoding": "gzip",
        "ContentLanguage": "de, en",
        "WebsiteRedirectLocation": "/elsewhere",
        "StorageClass": "STANDARD_IA",
        "Metadata": {"colour": "blue", "with-dash": "a  b", "empty": ""},
    }

    s3.put_object(Bucket=bucket, Key="k", Body=b"data", Expires=expires, **sent)

    for answer in (s3.head_object(Bucket=bucket, Key="k"), s3.get_object(Bucket=bucket, Key="k")):
        assert sent == {name: answer[name] for name in sent}
        assert expires == answer["Expires"]
        assert datetime.now(UTC) - answer["LastModified"] < timedelta(minutes=5)


def test_an_object_without_a_type_is_an_octet_stream(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"data")

    answer = s3.head_object(Bucket=bucket, Key="k")

    assert "binary/octet-stream" == answer["ContentType"]
    assert {} == answer["Metadata"]


def test_metadata_of_more_than_two_kilobytes_is_refused(s3: Any, bucket: str) -> None:
    with pytest.raises(ClientError) as refusal:
        s3.put_object(Bucket=bucket, Key="k", Body=b"", Metadata={"much": "x" * 2045})

    assert (400, "MetadataTooLarge") == code(refusal)


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=10-19", 10, 20),
        ("bytes=4999990-", 4_999_990, 5_000_000),
        ("bytes=-7", 4_999_993, 5_000_000),
        ("bytes=-9000000", 0, 5_000_000),
        ("bytes=1048570-3145790", 1_048_570, 3_145_791),
        ("bytes=4999999-9999999", 4_999_999, 5_000_000),
    ],
)
def test_ranges_give_exactly_what_was_asked(
    s3: Any, bucket: str, asked: str, start: int, end: int
) -> None:
    body = payload("five-megabytes.bin")
    s3.put_object(Bucket=bucket, Key="k", Body=body)

    answer = s3.get_object(Bucket=bucket, Key="k", Range=asked)

    assert f"bytes {start}-{end - 1}/5000000" == answer["ContentRange"]
    assert 206 == answer["ResponseMetadata"]["HTTPStatusCode"]
    assert sha256(body[start:end]) == sha256(answer["Body"].read())


@pytest.mark.parametrize("asked", ["bytes=4-", "bytes=-0"])
def test_a_range_outside_the_object_is_refused(s3: Any, bucket: str, asked: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"data")

    with pytest.raises(ClientError) as refusal:
        s3.get_object(Bucket=bucket, Key="k", Range=asked)

    assert (416, "InvalidRange") == code(refusal)


@pytest.mark.parametrize("asked", ["bytes=3-1", "lines=1-2", "bytes=a-b", "bytes=0-0,2-3"])
def test_a_range_that_s3_does_not_know_is_ignored(s3: Any, bucket: str, asked: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"data")

    answer = s3.get_object(Bucket=bucket, Key="k", Range=asked)

    assert 200 == answer["ResponseMetadata"]["HTTPStatusCode"]
    assert b"data" == answer["Body"].read()


def test_headers_of_the_answer_can_be_asked_for(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"data")

    answer = s3.get_object(
        Bucket=bucket, Key="k",
        ResponseContentType="text/odd", ResponseContentDisposition="inline; filename=x",
        ResponseCacheControl="no-store", ResponseContentLanguage="fr",
    )  # fmt: skip

    assert "text/odd" == answer["ContentType"]
    assert "inline; filename=x" == answer["ContentDisposition"]
    assert "no-store" == answer["CacheControl"]
    assert "fr" == answer["ContentLanguage"]


# Deletes


def test_many_objects_are_deleted_in_one_request(s3: Any, bucket: str) -> None:
    kept, doomed = "kept", [f"doomed/{n} &<>\"'+%" for n in range(100)]
    witness.put_all(s3, bucket, [kept, *doomed])
    names = [{"Key": key} for key in [*doomed, "never was"]]

    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": names})

    assert {*doomed, "never was"} == {entry["Key"] for entry in answer["Deleted"]}
    assert [kept] == witness.keys(s3, bucket)


def test_a_quiet_delete_says_nothing(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"data")

    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "k"}], "Quiet": True})

    assert "Deleted" not in answer
    assert "Errors" not in answer
    assert [] == witness.keys(s3, bucket)


def test_deleting_what_is_not_there_is_fine(s3: Any, bucket: str) -> None:
    answer = s3.delete_object(Bucket=bucket, Key="never was")

    assert 204 == answer["ResponseMetadata"]["HTTPStatusCode"]


def test_the_resource_interface_empties_a_bucket(server: ServerProcess, bucket: str) -> None:
    resource = boto3.resource(
        "s3", endpoint_url=server.endpoint, region_name=REGION,
        aws_access_key_id=server.access_key, aws_secret_access_key=server.secret_key,
    )  # fmt: skip
    mine = resource.Bucket(bucket)
    mine.put_object(Key="a/1", Body=b"1")
    mine.Object("a/2").put(Body=b"2")
    mine.Object("b").copy({"Bucket": bucket, "Key": "a/1"})

    assert ["a/1", "a/2", "b"] == [entry.key for entry in mine.objects.all()]
    assert b"1" == mine.Object("b").get()["Body"].read()
    mine.objects.all().delete()
    mine.delete()

    assert bucket not in [one.name for one in resource.buckets.all()]
    resource.meta.client.close()


# Errors


def test_what_is_missing_has_its_own_exception(s3: Any, bucket: str, bucket_name: str) -> None:
    with pytest.raises(s3.exceptions.NoSuchKey) as refusal:
        s3.get_object(Bucket=bucket, Key="absent")
    assert "absent" == refusal.value.response["Error"]["Key"]
    with pytest.raises(s3.exceptions.NoSuchBucket) as refusal:
        s3.list_objects_v2(Bucket=f"no-{bucket_name}")
    assert f"no-{bucket_name}" == refusal.value.response["Error"]["BucketName"]
    with pytest.raises(s3.exceptions.NoSuchBucket):
        s3.put_object(Bucket=f"no-{bucket_name}", Key="k", Body=b"data")
    with pytest.raises(s3.exceptions.NoSuchUpload):
        s3.upload_part(Bucket=bucket, Key="k", UploadId="none", PartNumber=1, Body=b"data")
    with pytest.raises(ClientError) as refusal:
        s3.head_object(Bucket=bucket, Key="absent")
    assert (404, "404") == code(refusal)


def test_every_answer_has_its_request_id(s3: Any, bucket: str) -> None:
    with pytest.raises(ClientError) as refusal:
        s3.get_object(Bucket=bucket, Key="absent")
    good = s3.list_objects_v2(Bucket=bucket)

    ids = [answer["ResponseMetadata"]["RequestId"] for answer in (refusal.value.response, good)]
    assert 2 == len(set(ids))
    assert all(ids)


def test_wrong_credentials_are_told_apart(server: ServerProcess, bucket: str) -> None:
    def outcome(access_key: str, secret_key: str) -> tuple[int, str]:
        made = boto3.client(
            "s3", endpoint_url=server.endpoint, region_name=REGION,
            aws_access_key_id=access_key, aws_secret_access_key=secret_key,
        )  # fmt: skip
        with pytest.raises(ClientError) as refusal:
            made.list_objects_v2(Bucket=bucket)
        made.close()
        return code(refusal)

    assert (403, "InvalidAccessKeyId") == outcome("NOBODYKNOWSTHISKEY", server.secret_key)
    assert (403, "SignatureDoesNotMatch") == outcome(server.access_key, "not the secret")


def test_nobody_in_particular_may_do_nothing(server: ServerProcess, bucket: str) -> None:
    anonymous = witness.client(server, signature_version=UNSIGNED)

    with pytest.raises(ClientError) as refusal:
        anonymous.list_objects_v2(Bucket=bucket)
    anonymous.close()

    assert (403, "AccessDenied") == code(refusal)


def test_a_client_of_another_region_is_told_the_right_one(
    server: ServerProcess, bucket: str
) -> None:
    elsewhere = boto3.client(
        "s3", endpoint_url=server.endpoint, region_name="eu-central-1",
        aws_access_key_id=server.access_key, aws_secret_access_key=server.secret_key,
    )  # fmt: skip

    answer = elsewhere.list_objects_v2(Bucket=bucket)  # botocore follows the region it is told
    elsewhere.close()

    assert 0 == answer["KeyCount"]


def test_what_is_not_built_yet_says_so(s3: Any, bucket: str) -> None:
    with pytest.raises(ClientError) as refusal:
        s3.get_object_torrent(Bucket=bucket, Key="k")

    assert (501, "NotImplemented") == code(refusal)
