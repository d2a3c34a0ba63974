"""HTTP/2 of a real server: the verbs of S3, what is broken off, curl and h2load."""

import hashlib
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.http2_client import Http2Client, http2_to
from tests.issuing import Issuer
from tests.server_process import ServerProcess, serving

PART_BYTES = 5 << 20


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    issuer = Issuer(tmp_path_factory.mktemp("pki"))
    issuer.server()
    return issuer


@pytest.fixture(scope="module")
def options(issuer: Issuer) -> list[str]:
    certificate = issuer.folder / "server.crt"
    key = certificate.with_suffix(".key")
    return [
        "--tls-bind", "127.0.0.1:0", "--workers", "1",
        "--tls-certificate", str(certificate), "--tls-key", str(key),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, options: list[str]) -> Iterator[ServerProcess]:
    with serving(tmp_path_factory.mktemp("server") / "data", *options) as server:
        yield server


@pytest.fixture
def client(server: ServerProcess, issuer: Issuer) -> Iterator[Http2Client]:
    with http2_to(server, issuer.context()) as client:
        yield client
    server.expect_clean_log()


@pytest.fixture
def bucket(client: Http2Client, request: pytest.FixtureRequest) -> str:
    """The path of a bucket of the test's own."""
    name = "b" + hashlib.sha256(request.node.name.encode()).hexdigest()[:20]
    assert client.ask("PUT", f"/{name}").status == 200
    return f"/{name}"


def files(server: ServerProcess) -> set[str]:
    """What there is in the data directory besides databases."""
    return {
        str(path.relative_to(server.data_dir))
        for path in server.data_dir.rglob("*")
        if path.is_file() and ".db" not in path.name
    }


@pytest.mark.parametrize("size", [0, 1, 4_096, 70_000, 20_000_000])
def test_every_size_there_and_back(client: Http2Client, bucket: str, size: int) -> None:
    body = os.urandom(size)
    path = f"{bucket}/a%20k%C3%A9y~%2B"

    put = client.ask("PUT", path, body=body, content_type="text/odd", x_amz_meta_colour="blue")
    got = client.ask("GET", path)
    head = client.ask("HEAD", path)

    assert (200, 200, 200) == (put.status, got.status, head.status)
    assert body == got.body
    assert (str(size), "text/odd", "blue", b"") == (
        head.headers["content-length"], head.headers["content-type"],
        head.headers["x-amz-meta-colour"], head.body,
    )  # fmt: skip
    assert put.headers["etag"] == got.headers["etag"]


def test_a_range_an_error_a_condition_and_a_removal(client: Http2Client, bucket: str) -> None:
    etag = client.ask("PUT", f"{bucket}/k", body=b"0123456789").headers["etag"]

    part = client.ask("GET", f"{bucket}/k", range="bytes=2-4")
    missing = client.ask("GET", f"{bucket}/none")
    same = client.ask("GET", f"{bucket}/k", if_none_match=etag)
    removed = client.ask("DELETE", f"{bucket}/k")

    assert (206, b"234", "bytes 2-4/10") == (part.status, part.body, part.headers["content-range"])
    assert 404 == missing.status
    assert b"<Code>NoSuchKey</Code>" in missing.body
    assert (304, b"", 204, b"") == (same.status, same.body, removed.status, removed.body)


def test_a_wrong_signature_is_refused_before_the_body_is_wanted(
    client: Http2Client, server: ServerProcess, bucket: str
) -> None:
    secret, server.secret_key = server.secret_key, "another"
    try:
        stream = client.begin("PUT", f"{bucket}/k", has_body=True, content_length="99999999")
    finally:
        server.secret_key = secret

    answer = client.answer(stream)

    assert 403 == answer.status
    assert b"<Code>SignatureDoesNotMatch</Code>" in answer.body
    assert 200 == client.ask("GET", bucket).status


def test_parts_become_an_object_and_are_listed(client: Http2Client, bucket: str) -> None:
    parts = [os.urandom(PART_BYTES), os.urandom(1_000)]
    begun = client.ask("POST", f"{bucket}/large", "uploads=")
    found = re.search(rb"<UploadId>([^<]+)</UploadId>", begun.body)
    assert found
    upload = found[1].decode()
    tags = [
        client.ask(
            "PUT", f"{bucket}/large", f"partNumber={n}&uploadId={upload}", body=part
        ).headers["etag"]
        for n, part in enumerate(parts, 1)
    ]  # fmt: skip
    listed = "".join(
        f"<Part><PartNumber>{n}</PartNumber><ETag>{tag}</ETag></Part>"
        for n, tag in enumerate(tags, 1)
    )
    document = f"<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>".encode()

    done = client.ask("POST", f"{bucket}/large", f"uploadId={upload}", body=document)
    keys = client.ask("GET", bucket, "list-type=2")

    assert 200 == done.status
    assert b"<Key>large</Key>" in keys.body
    assert b"".join(parts) == client.ask("GET", f"{bucket}/large").body


def test_many_requests_at_once_on_one_connection(client: Http2Client, bucket: str) -> None:
    bodies = {f"{bucket}/{n:03}": os.urandom(n * 997) for n in range(100)}
    for path, body in bodies.items():
        client.ask("PUT", path, body=body)

    streams = {path: client.begin("GET", path) for path in bodies}

    assert bodies == {path: client.answer(stream).body for path, stream in streams.items()}


def test_an_upload_that_is_broken_off_leaves_nothing(
    client: Http2Client, server: ServerProcess, bucket: str
) -> None:
    before = files(server)
    stream = client.begin("PUT", f"{bucket}/k", has_body=True, content_length="30000000")
    client.send(stream, bytes(9_000_000), is_last=False)
    client.reset(stream)

    while files(server) != before:
        client.ask("GET", "/health/live")

    assert 404 == client.ask("GET", f"{bucket}/k").status


def test_a_download_that_is_broken_off_frees_what_it_held(
    client: Http2Client, server: ServerProcess, bucket: str
) -> None:
    client.ask("PUT", f"{bucket}/k", body=bytes(20_000_000))
    client.ask("GET", f"{bucket}/k")
    before = open_files(server)
    client.reads = False
    stream = client.begin("GET", f"{bucket}/k")
    client.until(lambda: bool(client.answers[stream].body))
    client.reset(stream)
    client.reads = True

    while open_files(server) - before:
        client.ask("GET", "/health/live")

    assert not client.answers[stream].is_whole
    assert 200 == client.ask("HEAD", f"{bucket}/k").status


def open_files(server: ServerProcess) -> set[str]:
    """The stored files that the server has open."""
    found = set()
    for entry in Path(f"/proc/{server.pid}/fd").iterdir():
        try:
            found.add(str(entry.readlink()))
        except FileNotFoundError:
            continue
    return {name for name in found if "blobs" in name}


def test_a_server_that_stops_ends_its_answers_first(
    tmp_path: Path, issuer: Issuer, options: list[str]
) -> None:
    with (
        serving(tmp_path / "data", *options) as server,
        http2_to(server, issuer.context()) as client,
    ):
        client.ask("PUT", "/bucket")
        client.ask("PUT", "/bucket/k", body=bytes(20_000_000))
        client.reads = False
        stream = client.begin("GET", "/bucket/k")
        client.until(lambda: bool(client.answers[stream].body))
        os.kill(server.pid, signal.SIGTERM)
        client.until(lambda: client.has_end)
        client.reads = True
        client._wire.increment_flow_control_window(20_000_000, stream)
        client._flush()

        answer = client.answer(stream)
        with pytest.raises(EOFError):
            client.until(lambda: False)

    assert (True, 20_000_000) == (answer.is_whole, len(answer.body))


@pytest.mark.parametrize(("version", "spoken"), [("--http2", "2"), ("--http1.1", "1.1")])
def test_curl_speaks_what_it_is_told_to(
    server: ServerProcess, issuer: Issuer, bucket: str, tmp_path: Path, version: str, spoken: str
) -> None:
    body = os.urandom(7_000_000)
    (tmp_path / "body").write_bytes(body)
    url = f"{server.tls_endpoint}{bucket}/k".replace("127.0.0.1", "localhost")
    curl = [
        "curl", "--silent", "--show-error", "--noproxy", "*", version,
        "--cacert", str(issuer.trusted), "--connect-to", "localhost::127.0.0.1:",
        "--aws-sigv4", "aws:amz:us-east-1:s3", "--user", f"{server.access_key}:{server.secret_key}",
        "--write-out", "%{stderr}%{http_version} %{http_code}\n",
        "--header", "x-amz-content-sha256: UNSIGNED-PAYLOAD",
    ]  # fmt: skip

    put = subprocess.run(
        [*curl, "--upload-file", tmp_path / "body", url], check=True, capture_output=True
    )
    got = subprocess.run([*curl, url], check=True, capture_output=True)

    assert [f"{spoken} 200\n".encode()] * 2 == [put.stderr, got.stderr]
    assert body == got.stdout


@pytest.mark.skipif(not shutil.which("h2load"), reason="nghttp2-client is not installed")
def test_h2load_gets_an_answer_to_every_request(server: ServerProcess) -> None:
    done = subprocess.run(
        ["h2load", "-n", "2000", "-c", "4", "-m", "64", f"{server.tls_endpoint}/health/live"],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip

    assert "Application protocol: h2" in done
    assert "2000 succeeded, 0 failed, 0 errored, 0 timeout" in done
    assert "status codes: 2000 2xx" in done
