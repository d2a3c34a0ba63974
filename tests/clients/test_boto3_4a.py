"""boto3 and the AWS CRT against a real server: requests signed by Version 4A."""

import base64
import http.client
import time
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ferrox.auth import sigv4a
from ferrox.protocol.message import Request
from tests.auth import crt
from tests.clients import witness
from tests.clients.payloads import payload, sha256
from tests.clients.tool import REGION
from tests.server_process import ServerProcess


def signer_for(server: ServerProcess, regions: str) -> Any:
    """A client that signs for these regions, as boto3 does by itself for access points only."""
    made = witness.client(server, signature_version="s3v4a")

    def choose(context: dict[str, Any], **_: Any) -> None:
        context["signing"] = {**context.get("signing", {}), "region": regions}

    made.meta.events.register_last("choose-signer.s3", choose)
    return made


@pytest.fixture
def signer(server: ServerProcess) -> Iterator[Any]:
    """A client that signs for all regions."""
    made = signer_for(server, "*")
    yield made
    made.close()


def test_the_client_signs_as_it_is_asked_to(signer: Any) -> None:
    sent: list[Any] = []
    signer.meta.events.register("before-send.s3", lambda request, **_: sent.append(request))

    signer.list_buckets()

    (request,) = sent
    assert request.headers["Authorization"].startswith(b"AWS4-ECDSA-P256-SHA256 ")
    assert b"*" == request.headers["X-Amz-Region-Set"]


def test_objects_go_there_and_back(signer: Any, s3: Any, bucket_name: str) -> None:
    body = payload("five-megabytes.bin")
    key = "a/b c+ü~!'()*/../%2F"
    signer.create_bucket(Bucket=bucket_name)

    signer.put_object(Bucket=bucket_name, Key=key, Body=body, Metadata={"colour": " re  d"})
    signer.copy_object(
        Bucket=bucket_name, Key="copy", CopySource={"Bucket": bucket_name, "Key": key}
    )
    got = signer.get_object(Bucket=bucket_name, Key=key)

    assert sha256(body) == sha256(got["Body"].read())
    assert ["a/b c+ü~!'()*/../%2F", "copy"] == witness.keys(s3, bucket_name)
    assert ["copy"] == witness.keys(signer, bucket_name, Prefix="co")
    signer.delete_object(Bucket=bucket_name, Key=key)
    assert ["copy"] == witness.keys(s3, bucket_name)


def test_parts_are_put_together(signer: Any, s3: Any, bucket: str) -> None:
    pieces = (payload("five-megabytes.bin").ljust(5 << 20), b"end")
    upload = {"Bucket": bucket, "Key": "k"}
    upload["UploadId"] = signer.create_multipart_upload(**upload)["UploadId"]

    parts = [
        {"PartNumber": at, "ETag": signer.upload_part(Body=body, PartNumber=at, **upload)["ETag"]}
        for at, body in enumerate(pieces, 1)
    ]
    signer.complete_multipart_upload(MultipartUpload={"Parts": parts}, **upload)

    assert sha256(b"".join(pieces)) == sha256(witness.read(s3, bucket, "k"))


@pytest.mark.parametrize("regions", [REGION, f"eu-*,{REGION}"])
def test_a_region_set_may_name_the_region(regions: str, server: ServerProcess) -> None:
    signer = signer_for(server, regions)

    assert 200 == signer.list_buckets()["ResponseMetadata"]["HTTPStatusCode"]
    signer.close()


def test_a_region_set_of_others_is_refused(server: ServerProcess) -> None:
    signer = signer_for(server, "eu-*")

    with pytest.raises(ClientError) as refusal:
        signer.list_buckets()

    error = refusal.value.response["Error"]
    assert ("RegionSetMismatch", REGION) == (error["Code"], error["RequestedRegion"])
    assert 400 == refusal.value.response["ResponseMetadata"]["HTTPStatusCode"]
    signer.close()


def streamed(server: ServerProcess, bucket: str, body: bytes) -> tuple[Request, crt.ChunkSigner]:
    """The upload of a body in signed chunks with a checksum behind them."""
    headers = {
        "host": f"{server.host}:{server.port}",
        "content-encoding": "aws-chunked",
        "x-amz-decoded-content-length": str(len(body)),
        "x-amz-trailer": "x-amz-checksum-crc32",
    }
    pair = (server.access_key, server.secret_key)
    request = crt.signed(
        "PUT", f"/{bucket}/k", headers,
        payload_hash=crt.SIGNED_WITH_TRAILER, pair=pair, at_ms=time.time_ns() // 1_000_000,
    )  # fmt: skip
    return request, crt.ChunkSigner(request, sigv4a.private_key(*pair))


def put(server: ServerProcess, request: Request, body: bytes) -> tuple[int, bytes]:
    """Status and body of the answer."""
    connection = http.client.HTTPConnection(server.host, server.port, timeout=30)
    try:
        connection.request("PUT", request.path, body, request.headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_a_body_may_be_signed_chunk_by_chunk(s3: Any, server: ServerProcess, bucket: str) -> None:
    body = payload("five-megabytes.bin")
    pieces = [body[start : start + 65536] for start in range(0, len(body), 65536)]
    checksum = base64.b64encode(zlib.crc32(body).to_bytes(4)).decode()
    request, signer = streamed(server, bucket, body)

    status, answer = put(server, request, signer.body(pieces, {"x-amz-checksum-crc32": checksum}))

    assert (200, b"") == (status, answer)
    assert sha256(body) == sha256(witness.read(s3, bucket, "k"))
    head = s3.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert checksum == head["ChecksumCRC32"]


def test_chunks_of_another_upload_are_refused(s3: Any, server: ServerProcess, bucket: str) -> None:
    trailers = {"x-amz-checksum-crc32": base64.b64encode(zlib.crc32(b"data").to_bytes(4)).decode()}
    request, signer = streamed(server, bucket, b"data")
    framed = signer.body([b"data"], trailers)
    assert 200 == put(server, request, framed)[0]
    other, _ = streamed(server, bucket, b"data")

    status, answer = put(server, other, framed)

    assert 403 == status
    assert b"<Code>SignatureDoesNotMatch</Code>" in answer
    assert b"<StringToSign>AWS4-ECDSA-P256-SHA256-PAYLOAD" in answer
    assert b"data" == witness.read(s3, bucket, "k")
