"""boto3 as it is installed today: URLs that carry their signature, of every version."""

import hashlib
import http.client
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.clients import payloads, witness
from tests.clients.payloads import payload, sha256
from tests.clients.tool import fetch
from tests.server_process import ServerProcess


@pytest.fixture(
    params=["s3v4", "s3v4a", "s3", None], ids=["version-4", "version-4a", "version-2", "unasked"]
)
def signer(request: pytest.FixtureRequest, server: ServerProcess) -> Iterator[Any]:
    """A client that presigns with one of the versions, or with whatever it does by itself."""
    made = witness.client(server, **({"signature_version": request.param} if request.param else {}))
    yield made
    made.close()


def url(signer: Any, operation: str, **parameters: Any) -> str:
    """A presigned URL."""
    made: str = signer.generate_presigned_url(operation, parameters, ExpiresIn=300)
    return made


def test_reading_and_looking(signer: Any, s3: Any, bucket: str) -> None:
    body = payload("five-megabytes.bin")
    s3.put_object(Bucket=bucket, Key="k", Body=body)

    got = fetch(url(signer, "get_object", Bucket=bucket, Key="k"))
    seen = fetch(url(signer, "head_object", Bucket=bucket, Key="k"), "HEAD")
    ranged = fetch(
        url(signer, "get_object", Bucket=bucket, Key="k"), headers={"Range": "bytes=5-9"}
    )

    assert (200, sha256(body)) == (got.status, sha256(got.body))
    assert (200, b"", "5000000") == (seen.status, seen.body, seen.headers["content-length"])
    assert (206, body[5:10]) == (ranged.status, ranged.body)


def test_writing_and_deleting(signer: Any, s3: Any, bucket: str) -> None:
    written = fetch(url(signer, "put_object", Bucket=bucket, Key="k"), "PUT", b"data")
    assert 200 == written.status, written.body
    assert f'"{hashlib.md5(b"data").hexdigest()}"' == written.headers["etag"]
    assert b"data" == witness.read(s3, bucket, "k")

    deleted = fetch(url(signer, "delete_object", Bucket=bucket, Key="k"), "DELETE")

    assert (204, b"") == (deleted.status, deleted.body)
    assert [] == witness.keys(s3, bucket)


def test_writing_with_a_type_and_metadata(signer: Any, s3: Any, bucket: str) -> None:
    made = url(
        signer, "put_object", Bucket=bucket, Key="k", ContentType="text/odd", Metadata={"a": "1"}
    )

    written = fetch(made, "PUT", b"data", {"Content-Type": "text/odd", "x-amz-meta-a": "1"})

    assert 200 == written.status, written.body
    head = s3.head_object(Bucket=bucket, Key="k")
    assert ("text/odd", {"a": "1"}) == (head["ContentType"], head["Metadata"])


def test_uploading_a_part(signer: Any, s3: Any, bucket: str) -> None:
    upload = {"Bucket": bucket, "Key": "k"}
    upload["UploadId"] = s3.create_multipart_upload(**upload)["UploadId"]

    sent = fetch(url(signer, "upload_part", PartNumber=1, **upload), "PUT", b"the part")
    assert 200 == sent.status, sent.body
    parts = [{"PartNumber": 1, "ETag": sent.headers["etag"]}]
    s3.complete_multipart_upload(MultipartUpload={"Parts": parts}, **upload)

    assert b"the part" == witness.read(s3, bucket, "k")


def test_odd_names(signer: Any, s3: Any, bucket: str) -> None:
    for key in payloads.KEYS:
        made = url(signer, "put_object", Bucket=bucket, Key=key)
        assert 200 == fetch(made, "PUT", payloads.name_bytes(key)).status, key

    assert sorted(payloads.KEYS, key=str.encode) == witness.keys(s3, bucket)
    for key in payloads.KEYS:
        got = fetch(url(signer, "get_object", Bucket=bucket, Key=key))
        assert (200, payloads.name_bytes(key)) == (got.status, got.body), key


def test_overrides_of_the_answer(signer: Any, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"data")

    got = fetch(
        url(
            signer, "get_object", Bucket=bucket, Key="k",
            ResponseContentDisposition='attachment; filename="a b+c.txt"',
            ResponseContentType="text/odd",
        )
    )  # fmt: skip

    assert 'attachment; filename="a b+c.txt"' == got.headers["content-disposition"]
    assert "text/odd" == got.headers["content-type"]


def test_listing(signer: Any, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a/k", Body=b"data")

    got = fetch(url(signer, "list_objects_v2", Bucket=bucket, Prefix="a/", MaxKeys=5))

    assert 200 == got.status, got.body
    assert b"<Key>a/k</Key>" in got.body


def test_a_url_is_good_for_nothing_else(signer: Any, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"data")
    s3.put_object(Bucket=bucket, Key="other", Body=b"secret")
    good = url(signer, "get_object", Bucket=bucket, Key="k")

    other_key = fetch(good.replace("/k?", "/other?"))
    other_method = fetch(good, "DELETE")

    for answer in (other_key, other_method):
        assert 403 == answer.status
        assert b"<Code>SignatureDoesNotMatch</Code>" in answer.body
    assert ["k", "other"] == witness.keys(s3, bucket)


def test_an_expired_url_is_refused(
    signer: Any, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    for module in ("botocore.auth", "botocore.crt.auth"):
        monkeypatch.setattr(f"{module}.get_current_datetime", lambda **_: an_hour_ago)
    monkeypatch.setattr("botocore.auth.time.time", an_hour_ago.timestamp)
    made = url(signer, "get_object", Bucket=bucket, Key="k")

    answer = fetch(made)

    assert 403 == answer.status
    assert b"<Code>AccessDenied</Code><Message>Request has expired</Message>" in answer.body


def test_a_refused_upload_is_not_stored(signer: Any, s3: Any, bucket: str) -> None:
    made = url(signer, "put_object", Bucket=bucket, Key="k")

    try:
        status = fetch(made.replace("/k?", "/stolen?"), "PUT", payload("five-megabytes.bin")).status
    except (BrokenPipeError, ConnectionResetError, http.client.HTTPException):
        status = 403  # the server need not listen to the end of what it refused

    assert 403 == status
    assert [] == witness.keys(s3, bucket)
