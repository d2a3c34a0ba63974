"""rclone with its provider "Other": what a person configures for a server it does not know."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.clients import payloads, witness
from tests.clients.payloads import payload, sha256
from tests.clients.tool import REGION, Tool, fetch
from tests.server_process import ServerProcess


@pytest.fixture
def rclone(server: ServerProcess, env: dict[str, str], tmp_path: Path) -> Tool:
    """`rclone` with a remote called `s3`."""
    (tmp_path / "rclone.conf").write_text(
        "[s3]\ntype = s3\nprovider = Other\n"
        f"endpoint = {server.endpoint}\nregion = {REGION}\n"
        f"access_key_id = {server.access_key}\nsecret_access_key = {server.secret_key}\n"
    )
    return Tool("rclone", "--config", str(tmp_path / "rclone.conf"), env=env, cwd=tmp_path)


def test_every_size_and_odd_name_there_and_back(
    rclone: Tool, s3: Any, bucket_name: str, sizes: Path, odd_names: Path, tmp_path: Path
) -> None:
    rclone("mkdir", f"s3:{bucket_name}")
    rclone("copy", sizes, f"s3:{bucket_name}", "--s3-upload-cutoff", "10M")
    rclone("copy", odd_names, f"s3:{bucket_name}")
    expected = payloads.digests(sizes) | payloads.digests(odd_names)
    assert expected == witness.stored(s3, bucket_name)
    assert witness.of_part_count(s3, bucket_name, payloads.MULTIPART) > 1

    rclone("check", "--download", "--one-way", sizes, f"s3:{bucket_name}")
    rclone("check", "--one-way", odd_names, f"s3:{bucket_name}")
    rclone("sync", f"s3:{bucket_name}", "back")

    assert expected == payloads.digests(tmp_path / "back")
    rclone("purge", f"s3:{bucket_name}")
    assert bucket_name not in rclone("lsd", "s3:")


def test_a_download_in_many_streams(rclone: Tool, s3: Any, bucket: str, tmp_path: Path) -> None:
    body = payload(payloads.MULTIPART)
    s3.put_object(Bucket=bucket, Key="large", Body=body)

    rclone(
        "copyto", f"s3:{bucket}/large", "large", "--multi-thread-streams", "4",
        "--multi-thread-cutoff", "1M", "--multi-thread-chunk-size", "3M",
    )  # fmt: skip

    assert sha256(body) == sha256((tmp_path / "large").read_bytes())


def test_more_than_a_page_of_keys(rclone: Tool, s3: Any, bucket: str, tmp_path: Path) -> None:
    crowd = tmp_path / "crowd"
    crowd.mkdir()
    for number in range(1100):
        (crowd / f"{number:04d}").write_text(str(number))

    rclone("copy", crowd, f"s3:{bucket}", "--transfers", "16", "--checkers", "16")
    listed = json.loads(rclone("lsjson", "-R", "--hash", f"s3:{bucket}"))
    rclone("check", crowd, f"s3:{bucket}")

    assert sorted(path.name for path in crowd.iterdir()) == sorted(one["Path"] for one in listed)
    assert all(one["Hashes"]["md5"] for one in listed)
    rclone("delete", f"s3:{bucket}")
    assert [] == witness.keys(s3, bucket)
    rclone("rmdir", f"s3:{bucket}")


def test_sync_and_directories(rclone: Tool, s3: Any, bucket: str, tmp_path: Path) -> None:
    source = tmp_path / "source"
    for name in ("kept", "changed", "gone", "a/deep", "a/deeper/still"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(name)
    rclone("sync", source, f"s3:{bucket}/below")
    (source / "changed").write_text("changed for good")
    (source / "gone").unlink()

    rclone("sync", source, f"s3:{bucket}/below")

    expected = {f"below/{path}": digest for path, digest in payloads.digests(source).items()}
    assert expected == witness.stored(s3, bucket)
    assert ["a/", "changed", "kept"] == rclone("lsf", f"s3:{bucket}/below").splitlines()
    assert "Total objects: 4" in rclone("size", f"s3:{bucket}")


def test_copies_and_moves_inside_the_server(rclone: Tool, s3: Any, bucket: str) -> None:
    body = payload(payloads.MULTIPART)
    s3.put_object(Bucket=bucket, Key="a b+c.txt", Body=body, ContentType="text/odd")

    rclone("copyto", f"s3:{bucket}/a b+c.txt", f"s3:{bucket}/whole")
    rclone("copyto", f"s3:{bucket}/a b+c.txt", f"s3:{bucket}/in parts", "--s3-copy-cutoff", "6M")
    rclone("moveto", f"s3:{bucket}/a b+c.txt", f"s3:{bucket}/ünï")

    assert dict.fromkeys(["whole", "in parts", "ünï"], sha256(body)) == witness.stored(s3, bucket)
    assert witness.of_part_count(s3, bucket, "in parts") > 1
    assert "text/odd" == s3.head_object(Bucket=bucket, Key="ünï")["ContentType"]


def test_streams_and_ranges(rclone: Tool, s3: Any, bucket: str) -> None:
    body = payload("five-megabytes.bin")

    rclone("rcat", f"s3:{bucket}/stream", stdin=body)
    part = rclone.raw("cat", f"s3:{bucket}/stream", "--offset", "1000", "--count", "77")
    tail = rclone.raw("cat", f"s3:{bucket}/stream", "--tail", "5")

    assert sha256(body) == sha256(witness.read(s3, bucket, "stream"))
    assert (body[1000:1077], body[-5:]) == (part, tail)


def test_types_and_metadata(rclone: Tool, s3: Any, bucket: str, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<p>")

    rclone(
        "copy", "page.html", f"s3:{bucket}", "--metadata", "--metadata-set", "colour=blue",
        "--header-upload", "Cache-Control: no-cache",
    )  # fmt: skip

    head = s3.head_object(Bucket=bucket, Key="page.html")
    assert head["ContentType"].startswith("text/html")
    assert "no-cache" == head["CacheControl"]
    assert "blue" == head["Metadata"]["colour"]
    listed = json.loads(rclone("lsjson", "--metadata", f"s3:{bucket}"))
    assert "blue" == listed[0]["Metadata"]["colour"]


def test_a_link_for_everybody(rclone: Tool, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a b+ü.txt", Body=b"data")

    fetched = fetch(rclone("link", f"s3:{bucket}/a b+ü.txt", "--expire", "1h").strip())

    assert (200, b"data") == (fetched.status, fetched.body)


def test_directory_markers_and_forgotten_uploads(rclone: Tool, s3: Any, bucket: str) -> None:
    s3.create_multipart_upload(Bucket=bucket, Key="forgotten")

    rclone("mkdir", f"s3:{bucket}/empty", "--s3-directory-markers")
    pending = json.loads(rclone("backend", "list-multipart-uploads", f"s3:{bucket}"))
    rclone("backend", "cleanup", f"s3:{bucket}", "-o", "max-age=0s")

    assert ["empty/"] == witness.keys(s3, bucket)
    assert ["empty/"] == rclone("lsf", f"s3:{bucket}", "--s3-directory-markers").splitlines()
    assert ["forgotten"] == [one["Key"] for one in pending[bucket]]
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)


def test_errors_reach_the_user(rclone: Tool, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"data")

    assert "not found" in rclone.refused("lsjson", f"s3:no-{bucket}")
    assert "not found" in rclone.refused("deletefile", f"s3:{bucket}/absent")
    assert "not empty" in rclone.refused("rmdir", f"s3:{bucket}").lower()


def test_former_versions(rclone: Tool, s3: Any, bucket: str) -> None:
    assert "Unversioned" in rclone("backend", "versioning", f"s3:{bucket}")
    rclone("backend", "versioning", f"s3:{bucket}", "Enabled")
    for text in (b"one", b"two"):
        rclone("rcat", f"s3:{bucket}/k.txt", stdin=text)
    rclone("deletefile", f"s3:{bucket}/k.txt")

    assert "" == rclone("lsf", f"s3:{bucket}")
    assert 2 == len(rclone("lsf", f"s3:{bucket}", "--s3-versions").splitlines())
    former = rclone.raw("cat", f"s3:{bucket}", "--s3-versions")  # two of one second in any order
    assert former in {b"onetwo", b"twoone"}
    rclone("backend", "cleanup-hidden", f"s3:{bucket}")

    assert "Versions" not in s3.list_object_versions(Bucket=bucket)
