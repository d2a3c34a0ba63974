"""The same clients over TLS, where many leave the payload unsigned and add trailers.

What is sent differs: boto3 sends its bodies aws-chunked without a Content-Length, as it does
wherever it trusts the transport. The server speaks TLS itself, or plain HTTP behind a proxy.
"""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import urllib3
from minio import Minio

from tests.clients import payloads, witness
from tests.clients.payloads import payload, sha256
from tests.clients.tls_front import tls_in_front_of
from tests.clients.tool import REGION, Tool, old_boto3
from tests.issuing import Issuer
from tests.server_process import ServerProcess

TRAILER_FORM = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"


class Front(NamedTuple):
    """What clients connect to, and whom they have to trust."""

    endpoint: str
    certificate: Path


@pytest.fixture(scope="module", params=["server", "proxy"])
def _front(
    request: pytest.FixtureRequest,
    _server: ServerProcess,
    authority: Issuer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Front]:
    if request.param == "server":
        yield Front(_server.tls_endpoint, authority.trusted)
        return
    with tls_in_front_of(_server.port, tmp_path_factory.mktemp("tls")) as front:
        yield Front(front.endpoint, front.certificate)


@pytest.fixture
def front(_front: Front, env: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Front:
    """What speaks TLS, trusted by tools and SDKs alike."""
    for name in ("AWS_CA_BUNDLE", "SSL_CERT_FILE"):
        env[name] = str(_front.certificate)
        monkeypatch.setenv(name, str(_front.certificate))
    return _front


@pytest.fixture
def secure(front: Front, server: ServerProcess) -> Iterator[Any]:
    """boto3 over TLS."""
    made = witness.client(server, front.endpoint)
    yield made
    made.close()


def sent_forms(client: Any) -> set[str]:
    """What this client says of its bodies, collected while it works."""
    forms: set[str] = set()

    def note(request: Any, **_: Any) -> None:
        form = request.headers.get("x-amz-content-sha256", b"")
        forms.add(form.decode() if isinstance(form, bytes) else form)

    client.meta.events.register("before-send.s3", note)
    return forms


@pytest.mark.parametrize("name", payloads.SIZES_BYTES)
def test_boto3_sends_every_size_with_a_trailer(
    secure: Any, s3: Any, bucket: str, name: str
) -> None:
    forms = sent_forms(secure)

    secure.upload_fileobj(io.BytesIO(payload(name)), bucket, name)
    received = io.BytesIO()
    secure.download_fileobj(bucket, name, received)

    assert TRAILER_FORM in forms
    assert sha256(payload(name)) == sha256(received.getvalue())
    assert {name: sha256(payload(name))} == witness.stored(s3, bucket)
    found = s3.head_object(Bucket=bucket, Key=name, ChecksumMode="ENABLED")
    assert found["ChecksumCRC32"]
    assert "aws-chunked" not in found.get("ContentEncoding", "")


@pytest.mark.parametrize("algorithm", ["CRC32", "SHA1", "SHA256"])
def test_boto3_puts_the_checksum_that_was_asked_for_into_the_trailer(
    secure: Any, s3: Any, bucket: str, algorithm: str
) -> None:
    body = payload("five-megabytes.bin")

    sent = secure.put_object(
        Bucket=bucket, Key="k", Body=body, ChecksumAlgorithm=algorithm, ContentEncoding="gzip"
    )

    found = s3.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert sent[f"Checksum{algorithm}"] == found[f"Checksum{algorithm}"]
    assert "gzip" == found["ContentEncoding"]
    assert sha256(body) == sha256(witness.read(s3, bucket, "k"))


class Unseekable(io.RawIOBase):
    """A body that can be read once."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self._rest = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._rest.readinto(buffer)

    def seekable(self) -> bool:
        return False


def test_boto3_streams_a_body_that_cannot_seek(secure: Any, s3: Any, bucket: str) -> None:
    body = payload("five-megabytes.bin")

    secure.put_object(Bucket=bucket, Key="k", Body=Unseekable(body), ContentLength=len(body))

    assert sha256(body) == sha256(witness.read(s3, bucket, "k"))


@pytest.mark.parametrize("chapter", ["sizes", "odd_names", "facts", "parts"])
def test_boto3_1_35(env: dict[str, str], front: Front, server: ServerProcess, chapter: str) -> None:
    version = old_boto3("1.35", env)(chapter, front.endpoint, server.access_key, server.secret_key)

    assert version.startswith("1.35.")


def test_the_aws_cli(
    front: Front, env: dict[str, str], s3: Any, bucket: str, sizes: Path, tmp_path: Path
) -> None:
    aws = Tool("aws", "--endpoint-url", front.endpoint, env=env, cwd=tmp_path)

    aws("s3", "sync", sizes, f"s3://{bucket}")
    aws("s3", "sync", f"s3://{bucket}", "back")

    assert payloads.digests(sizes) == witness.stored(s3, bucket)
    assert payloads.digests(sizes) == payloads.digests(tmp_path / "back")


def test_rclone(
    front: Front, server: ServerProcess, env: dict[str, str], s3: Any, bucket: str, sizes: Path,
    tmp_path: Path,
) -> None:  # fmt: skip
    (tmp_path / "rclone.conf").write_text(
        f"[s3]\ntype = s3\nprovider = Other\nendpoint = {front.endpoint}\nregion = {REGION}\n"
        f"access_key_id = {server.access_key}\nsecret_access_key = {server.secret_key}\n"
    )
    rclone = Tool("rclone", "--config", str(tmp_path / "rclone.conf"), env=env, cwd=tmp_path)

    rclone("copy", sizes, f"s3:{bucket}", "--s3-upload-cutoff", "10M")
    rclone("check", "--download", sizes, f"s3:{bucket}")

    assert payloads.digests(sizes) == witness.stored(s3, bucket)


def test_s5cmd(
    front: Front, env: dict[str, str], s3: Any, bucket: str, sizes: Path, tmp_path: Path
) -> None:
    s5cmd = Tool("s5cmd", "--endpoint-url", front.endpoint, env=env, cwd=tmp_path)

    s5cmd("cp", "--part-size", "5", f"{sizes}/", f"s3://{bucket}/")
    s5cmd("cp", f"s3://{bucket}/*", "back/")

    assert payloads.digests(sizes) == witness.stored(s3, bucket)
    assert payloads.digests(sizes) == payloads.digests(tmp_path / "back")


def test_minio_py(front: Front, server: ServerProcess, s3: Any, bucket: str) -> None:
    with urllib3.PoolManager(ca_certs=str(front.certificate)) as connections:
        minio = Minio(
            front.endpoint.removeprefix("https://"), server.access_key, server.secret_key,
            region=REGION, http_client=connections,
        )  # fmt: skip
        for name in payloads.SIZES_BYTES:
            body = payload(name)
            minio.put_object(bucket, name, io.BytesIO(body), len(body), part_size=6 << 20)

    expected = {name: sha256(payload(name)) for name in payloads.SIZES_BYTES}
    assert expected == witness.stored(s3, bucket)
