"""Upload forms that boto3 presigns, sent as browsers and Python programs send them."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests import forms
from tests.clients import payloads, witness
from tests.clients.conftest import DOMAIN
from tests.clients.payloads import payload, sha256
from tests.clients.tool import Reply, fetch
from tests.raw_http import connected, head
from tests.server_process import ServerProcess, serving

LARGE_BYTES = 200 * 1024 * 1024
GROWTH_LIMIT_BYTES = 64 * 1024 * 1024
BLOCK = bytes(range(256)) * 1024


@pytest.fixture(params=["s3v4", "s3", None], ids=["version-4", "version-2", "unasked"])
def signer(request: pytest.FixtureRequest, server: ServerProcess) -> Iterator[Any]:
    """A client that presigns with one of the two versions, or with whatever it does by itself."""
    made = witness.client(server, **({"signature_version": request.param} if request.param else {}))
    yield made
    made.close()


def presigned(signer: Any, bucket: str, key: str, **more: Any) -> tuple[str, dict[str, str]]:
    """Address and fields of a form."""
    made = signer.generate_presigned_post(bucket, key, ExpiresIn=300, **more)
    return made["url"], made["fields"]


def sent(
    url: str,
    fields: Mapping[str, str],
    data: bytes = b"data",
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """The answer to a form."""
    kind = {"Content-Type": forms.CONTENT_TYPE}
    return fetch(url, "POST", forms.form(fields, data), kind | dict(headers or {}))


@pytest.mark.parametrize("name", payloads.SIZES_BYTES)
def test_every_size_arrives(signer: Any, s3: Any, bucket: str, name: str) -> None:
    url, fields = presigned(signer, bucket, name)

    answer = sent(url, fields, payload(name))

    assert (204, b"") == (answer.status, answer.body)
    assert f'"{hashlib.md5(payload(name)).hexdigest()}"' == answer.headers["etag"]
    assert f"{url}/{name}" == answer.headers["location"]
    assert sha256(payload(name)) == sha256(witness.read(s3, bucket, name))


def test_the_browser_names_the_file_and_the_page_its_type(
    signer: Any, s3: Any, bucket: str
) -> None:
    url, fields = presigned(
        signer,
        bucket,
        "user/${filename}",
        Fields={"success_action_status": "201"},
        Conditions=[
            {"success_action_status": "201"},
            ["starts-with", "$Content-Type", "image/"],
            ["content-length-range", 1, 10],
        ],
    )
    fields["Content-Type"] = "image/png"

    answer = sent(url, fields)
    refused = sent(url, fields | {"Content-Type": "text/html"})
    too_large = sent(url, fields, b"12345678901")

    assert 201 == answer.status
    assert b"<Key>user/cat.png</Key>" in answer.body
    assert "image/png" == s3.head_object(Bucket=bucket, Key="user/cat.png")["ContentType"]
    assert (403, 400) == (refused.status, too_large.status)
    assert b"<Code>EntityTooLarge</Code>" in too_large.body


def test_every_part_may_carry_the_name_of_a_file(signer: Any, s3: Any, bucket: str) -> None:
    url, fields = presigned(signer, bucket, "k")
    body = re.sub(
        rb'name="((?!file)[^"]+)"\r\n', rb'name="\1"; filename="\1"\r\n', forms.form(fields)
    )

    answer = fetch(url, "POST", body, {"Content-Type": forms.CONTENT_TYPE})

    assert 204 == answer.status, answer.body
    assert b"data" == witness.read(s3, bucket, "k")


def test_the_bucket_may_be_in_the_name_of_the_host(
    signer: Any, s3: Any, server: ServerProcess, bucket: str
) -> None:
    _, fields = presigned(signer, bucket, "a b")

    answer = sent(f"{server.endpoint}/", fields, headers={"Host": f"{bucket}.{DOMAIN}"})

    assert 204 == answer.status, answer.body
    assert f"http://{bucket}.{DOMAIN}/a%20b" == answer.headers["location"]
    assert b"data" == witness.read(s3, bucket, "a b")


def test_a_browser_is_sent_on(signer: Any, bucket: str) -> None:
    done = "https://app.example.com/done"
    url, fields = presigned(
        signer,
        bucket,
        "k",
        Fields={"success_action_redirect": done},
        Conditions=[{"success_action_redirect": done}],
    )

    answer = sent(url, fields)

    assert 303 == answer.status
    assert answer.headers["location"].startswith(f"{done}?bucket={bucket}&key=k&etag=%22")


def test_a_form_for_another_bucket_or_by_another_key_is_refused(
    signer: Any, s3: Any, server: ServerProcess, bucket: str
) -> None:
    url, fields = presigned(signer, f"{bucket}-other", "k")
    _, right = presigned(signer, bucket, "k")
    name = "x-amz-signature" if "x-amz-signature" in right else "signature"

    elsewhere = sent(f"{server.endpoint}/{bucket}", fields)
    forged = sent(f"{server.endpoint}/{bucket}", right | {name: fields[name]})

    assert url.endswith("-other")
    assert b"<Code>AccessDenied</Code>" in elsewhere.body
    assert b"<Code>SignatureDoesNotMatch</Code>" in forged.body
    assert [] == witness.keys(s3, bucket)


def test_a_large_file_is_never_in_memory(tmp_path: Path) -> None:
    with serving(tmp_path / "data", "--workers", "1") as server:
        s3 = witness.client(server)
        s3.create_bucket(Bucket="large")
        url, fields = presigned(s3, "large", "k")
        assert 204 == sent(url, fields, BLOCK).status
        before_bytes = peak_bytes(server)
        first, last = forms.around_file(fields)
        length = len(first) + LARGE_BYTES + len(last)
        headers = {
            "Host": "localhost", "Content-Type": forms.CONTENT_TYPE, "Content-Length": str(length)
        }  # fmt: skip

        with connected(server) as wire:
            wire.send(head("POST /large HTTP/1.1", headers) + first)
            for _ in range(LARGE_BYTES // len(BLOCK)):
                wire.send(BLOCK)
            wire.send(last)
            assert 204 == wire.reply().status

        assert LARGE_BYTES == s3.head_object(Bucket="large", Key="k")["ContentLength"]
        assert peak_bytes(server) - before_bytes < GROWTH_LIMIT_BYTES
        s3.close()


def peak_bytes(server: ServerProcess) -> int:
    """The most memory that the server's processes have ever had."""
    pids = (server.pid, *server.workers)
    statuses = [Path(f"/proc/{pid}/status").read_text() for pid in pids]
    found = [re.search(r"VmHWM:\s+(\d+) kB", status) for status in statuses]
    return sum(int(one[1]) * 1024 for one in found if one)
