"""s5cmd, which does everything at once."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.clients import payloads, witness
from tests.clients.payloads import payload, sha256
from tests.clients.tool import Tool, fetch
from tests.server_process import ServerProcess


@pytest.fixture
def s5cmd(server: ServerProcess, env: dict[str, str], tmp_path: Path) -> Tool:
    """`s5cmd` with its endpoint."""
    return Tool("s5cmd", "--endpoint-url", server.endpoint, env=env, cwd=tmp_path)


def test_every_size_and_odd_name_there_and_back(
    s5cmd: Tool, s3: Any, bucket_name: str, sizes: Path, odd_names: Path, tmp_path: Path
) -> None:
    url = f"s3://{bucket_name}"
    s5cmd("mb", url)
    s5cmd("cp", "--part-size", "5", f"{sizes}/", f"{url}/")
    s5cmd("cp", f"{odd_names}/", f"{url}/")
    expected = payloads.digests(sizes) | payloads.digests(odd_names)
    assert expected == witness.stored(s3, bucket_name)
    assert witness.of_part_count(s3, bucket_name, payloads.MULTIPART) > 1

    s5cmd("cp", "--part-size", "5", f"{url}/*", "back/")

    assert expected == payloads.digests(tmp_path / "back")
    s5cmd("rm", f"{url}/*")
    s5cmd("rb", url)
    assert url not in s5cmd("ls")


def test_more_than_a_page_of_keys(s5cmd: Tool, s3: Any, bucket: str, tmp_path: Path) -> None:
    crowd = tmp_path / "crowd"
    crowd.mkdir()
    for number in range(1100):
        (crowd / f"{number:04d}").write_text(str(number))

    s5cmd("cp", f"{crowd}/", f"s3://{bucket}/")
    listed = s5cmd("ls", f"s3://{bucket}/").splitlines()
    described = [json.loads(line) for line in s5cmd("--json", "ls", f"s3://{bucket}/").splitlines()]

    names = sorted(path.name for path in crowd.iterdir())
    assert names == [line.split()[-1] for line in listed]
    assert {f"s3://{bucket}/{name}" for name in names} == {one["key"] for one in described}
    assert f"{sum(len(str(n)) for n in range(1100))} bytes in 1100 objects" in s5cmd(
        "du", f"s3://{bucket}/*"
    )
    s5cmd("rm", f"s3://{bucket}/*")
    assert [] == witness.keys(s3, bucket)


def test_sync(s5cmd: Tool, s3: Any, bucket: str, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for name in ("kept", "changed", "gone"):
        (source / name).write_text(name)
        payloads.age(source / name)
    s5cmd("sync", f"{source}/", f"s3://{bucket}/")
    (source / "changed").write_text("changed for good")
    (source / "gone").unlink()

    s5cmd("sync", "--delete", f"{source}/", f"s3://{bucket}/")

    assert payloads.digests(source) == witness.stored(s3, bucket)


def test_copies_and_moves_inside_the_server(s5cmd: Tool, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a b+ü", Body=b"data", Metadata={"a": "1"})

    s5cmd("cp", f"s3://{bucket}/a b+ü", f"s3://{bucket}/copy")
    s5cmd("mv", f"s3://{bucket}/a b+ü", f"s3://{bucket}/moved & gone")

    assert dict.fromkeys(["copy", "moved & gone"], sha256(b"data")) == witness.stored(s3, bucket)


def test_streams(s5cmd: Tool, s3: Any, bucket: str) -> None:
    body = payload(payloads.MULTIPART)

    s5cmd("pipe", "--part-size", "5", f"s3://{bucket}/stream", stdin=body)
    received = s5cmd.raw("cat", f"s3://{bucket}/stream")

    assert sha256(body) == sha256(received)
    assert witness.of_part_count(s3, bucket, "stream") > 1


def test_slashes_stay_as_they_are(s5cmd: Tool, s3: Any, bucket: str) -> None:
    for key in ("dir//x", "dir///y"):
        s5cmd("pipe", f"s3://{bucket}/{key}", stdin=key.encode())

    assert ["dir///y", "dir//x"] == witness.keys(s3, bucket)
    assert b"dir//x" == s5cmd.raw("cat", f"s3://{bucket}/dir//x")


def test_types_and_metadata(s5cmd: Tool, s3: Any, bucket: str, sizes: Path) -> None:
    s5cmd(
        "cp", "--content-type", "text/odd", "--cache-control", "no-cache", "--metadata",
        "colour=blue", sizes / "one-byte", f"s3://{bucket}/k",
    )  # fmt: skip

    head = s3.head_object(Bucket=bucket, Key="k")
    assert ("text/odd", "no-cache") == (head["ContentType"], head["CacheControl"])
    assert {"colour": "blue"} == {name.lower(): value for name, value in head["Metadata"].items()}
    assert "text/odd" in s5cmd("head", f"s3://{bucket}/k")


def test_a_presigned_url(s5cmd: Tool, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a b+ü", Body=b"data")

    fetched = fetch(s5cmd("presign", f"s3://{bucket}/a b+ü").strip())

    assert (200, b"data") == (fetched.status, fetched.body)


def test_errors_reach_the_user(s5cmd: Tool, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"data")

    assert "NoSuchBucket" in s5cmd.refused("ls", f"s3://no-{bucket}")
    assert "no object found" in s5cmd.refused("ls", f"s3://{bucket}/absent")
    assert "not found" in s5cmd.refused("cat", f"s3://{bucket}/absent")
    assert "BucketNotEmpty" in s5cmd.refused("rb", f"s3://{bucket}")
