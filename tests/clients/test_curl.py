"""curl: `--aws-sigv4` for who has keys, and plain curl for who was given a URL."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.clients import payloads, witness
from tests.clients.payloads import payload, sha256
from tests.clients.tool import REGION, Tool
from tests.server_process import ServerProcess

UNSIGNED = ("--header", "x-amz-content-sha256: UNSIGNED-PAYLOAD")
"""What a person must say for `--upload-file`, whose body curl sends without having hashed it."""


@pytest.fixture
def plain(env: dict[str, str], tmp_path: Path) -> Tool:
    """`curl` that fails on an error and says what it was."""
    return Tool("curl", "--silent", "--show-error", "--fail-with-body", env=env, cwd=tmp_path)


@pytest.fixture
def curl(plain: Tool, server: ServerProcess) -> Tool:
    """`curl` that signs."""
    return Tool(
        *plain.command, "--aws-sigv4", f"aws:amz:{REGION}:s3",
        "--user", f"{server.access_key}:{server.secret_key}", env=plain.env, cwd=plain.cwd,
    )  # fmt: skip


@pytest.fixture
def url(server: ServerProcess, bucket_name: str) -> str:
    """The bucket's address."""
    return f"{server.endpoint}/{bucket_name}"


def test_a_bucket_lives_and_dies(curl: Tool, server: ServerProcess, url: str) -> None:
    curl("--request", "PUT", url)
    assert f"<Name>{url.rpartition('/')[2]}</Name>" in curl(server.endpoint)
    curl("--head", url)

    curl("--request", "DELETE", url)

    assert "404" in curl.refused("--head", url)


@pytest.mark.parametrize("name", payloads.SIZES_BYTES)
def test_every_size_there_and_back(
    curl: Tool, bucket: str, url: str, sizes: Path, name: str
) -> None:
    assert url.endswith(bucket)

    curl(*UNSIGNED, "--upload-file", sizes / name, f"{url}/{name}")
    received = curl.raw(f"{url}/{name}")

    assert sha256(payload(name)) == sha256(received)
    assert f"Content-Length: {len(payload(name))}" in curl("--head", f"{url}/{name}")


def test_a_signed_body(curl: Tool, s3: Any, bucket: str, url: str, sizes: Path) -> None:
    curl(
        "--request", "PUT", "--data-binary", f"@{sizes / 'five-megabytes.bin'}",
        "--header", f"x-amz-content-sha256: {sha256(payload('five-megabytes.bin'))}",
        "--header", "Content-Type: text/odd", "--header", "x-amz-meta-colour: blue", f"{url}/k",
    )  # fmt: skip

    head = s3.head_object(Bucket=bucket, Key="k")
    assert ("text/odd", {"colour": "blue"}) == (head["ContentType"], head["Metadata"])
    assert sha256(payload("five-megabytes.bin")) == sha256(witness.read(s3, bucket, "k"))


def test_a_body_of_unknown_length(curl: Tool, s3: Any, bucket: str, url: str) -> None:
    body = payload("five-megabytes.bin")

    curl(*UNSIGNED, "--upload-file", "-", f"{url}/k", stdin=body)

    assert sha256(body) == sha256(witness.read(s3, bucket, "k"))


def test_a_body_that_no_signature_covers_is_refused(
    curl: Tool, s3: Any, bucket: str, url: str
) -> None:
    """This curl never says the hash that it signed, which AWS demands of everything with a body."""
    said = curl.refused("--request", "PUT", "--data-binary", "data", f"{url}/k")

    assert "x-amz-content-sha256" in said
    assert [] == witness.keys(s3, bucket)


def test_odd_names(curl: Tool, s3: Any, bucket: str, url: str) -> None:
    names = [
        name for name in payloads.KEYS if len(name) < 100 and not {".", ".."} & set(name.split("/"))
    ]
    for name in names:
        path = quote(name, safe="/-_.~")
        curl(
            *UNSIGNED, "--request", "PUT", "--data-binary", "data", "--path-as-is", f"{url}/{path}"
        )

    assert sorted(names, key=str.encode) == witness.keys(s3, bucket)
    for name in names[:20]:
        assert "data" == curl("--path-as-is", f"{url}/{quote(name, safe='/-_.~')}"), name


def test_ranges(curl: Tool, s3: Any, bucket: str, url: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")

    assert "234" == curl("--range", "2-4", f"{url}/k")
    assert "89" == curl("--range", "-2", f"{url}/k")
    assert "InvalidRange" in curl.refused("--range", "10-", f"{url}/k")


def test_listing_and_deleting(curl: Tool, s3: Any, bucket: str, url: str) -> None:
    witness.put_all(s3, bucket, ["a/1", "a/2", "b"])

    listed = curl(f"{url}?delimiter=%2F&list-type=2&prefix=a%2F")
    curl("--request", "DELETE", f"{url}/a/1")

    assert ["a/1" in listed, "a/2" in listed, "<Key>b" in listed] == [True, True, False]
    assert ["a/2", "b"] == witness.keys(s3, bucket)


def test_copying(curl: Tool, s3: Any, bucket: str, url: str) -> None:
    s3.put_object(Bucket=bucket, Key="a b", Body=b"data")

    curl("--request", "PUT", "--header", f"x-amz-copy-source: /{bucket}/a%20b", f"{url}/copy")

    assert b"data" == witness.read(s3, bucket, "copy")


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_a_presigned_url_is_all_one_needs(
    plain: Tool, server: ServerProcess, s3: Any, bucket: str, sizes: Path, version: str
) -> None:
    signer = witness.client(server, signature_version=version)
    place = {"Bucket": bucket, "Key": "a b+ü.txt"}

    def presigned(operation: str) -> str:
        return str(signer.generate_presigned_url(operation, place))

    plain("--upload-file", sizes / "five-megabytes.bin", presigned("put_object"))
    received = plain.raw(presigned("get_object"))
    tail = plain.raw("--range", "-7", presigned("get_object"))
    plain("--request", "DELETE", presigned("delete_object"))

    body = payload("five-megabytes.bin")
    assert (sha256(body), body[-7:]) == (sha256(received), tail)
    signer.close()
    assert [] == witness.keys(s3, bucket)


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_a_form_uploads_a_file(
    plain: Tool, server: ServerProcess, s3: Any, bucket: str, sizes: Path, version: str
) -> None:
    signer = witness.client(server, signature_version=version)
    made = signer.generate_presigned_post(
        bucket, "in/${filename}", Conditions=[["starts-with", "$Content-Type", ""]]
    )
    signer.close()
    fields = [f"{name}={value}" for name, value in made["fields"].items()]
    form = [word for one in (*fields, "Content-Type=text/odd") for word in ("--form-string", one)]

    plain(*form, "--form", f"file=@{sizes / 'five-megabytes.bin'}", made["url"])

    stored = witness.read(s3, bucket, "in/five-megabytes.bin")
    assert sha256(payload("five-megabytes.bin")) == sha256(stored)
    looked = s3.head_object(Bucket=bucket, Key="in/five-megabytes.bin")
    assert "text/odd" == looked["ContentType"]


def test_errors_are_documents(curl: Tool, plain: Tool, bucket: str, url: str) -> None:
    assert url.endswith(bucket)

    assert "<Code>NoSuchKey</Code>" in curl.refused(f"{url}/absent")
    assert "<Code>AccessDenied</Code>" in plain.refused(f"{url}/absent")
    assert "<Code>SignatureDoesNotMatch</Code>" in plain.refused(
        "--aws-sigv4", f"aws:amz:{REGION}:s3", "--user", "FERROXCLIENTTESTS:wrong", f"{url}/absent"
    )
