"""s3cmd, which lists by version 1, asks for the location first, and presigns with version 2."""

from pathlib import Path
from typing import Any

import pytest

from tests.clients import payloads, witness
from tests.clients.payloads import payload, sha256
from tests.clients.tool import REGION, Tool, fetch
from tests.server_process import ServerProcess


@pytest.fixture
def s3cmd(server: ServerProcess, env: dict[str, str], tmp_path: Path) -> Tool:
    """`s3cmd` with the settings that its own dialogue asks for."""
    place = server.endpoint.removeprefix("http://")
    (tmp_path / "s3cfg").write_text(
        f"[default]\nhost_base = {place}\nhost_bucket = {place}\nuse_https = False\n"
        f"access_key = {server.access_key}\nsecret_key = {server.secret_key}\n"
        f"bucket_location = {REGION}\n"
    )
    return Tool(
        "s3cmd", "--config", str(tmp_path / "s3cfg"), "--no-progress", env=env, cwd=tmp_path
    )


def test_every_size_and_odd_name_there_and_back(
    s3cmd: Tool, s3: Any, bucket_name: str, sizes: Path, odd_names: Path, tmp_path: Path
) -> None:
    url = f"s3://{bucket_name}"
    s3cmd("mb", url)
    s3cmd("put", "--recursive", f"{sizes}/", f"{url}/sizes/")
    s3cmd("sync", f"{odd_names}/", f"{url}/odd/")
    expected = {f"sizes/{name}": digest for name, digest in payloads.digests(sizes).items()}
    expected |= {f"odd/{name}": digest for name, digest in payloads.digests(odd_names).items()}
    assert expected == witness.stored(s3, bucket_name)
    assert witness.of_part_count(s3, bucket_name, f"sizes/{payloads.MULTIPART}") > 1

    s3cmd("sync", f"{url}/", "back/")

    assert expected == payloads.digests(tmp_path / "back")
    s3cmd("del", "--recursive", "--force", f"{url}/")
    s3cmd("rb", url)
    assert url not in s3cmd("ls")


def test_more_than_a_page_of_keys(s3cmd: Tool, crowded: str) -> None:
    listed = s3cmd("ls", "--recursive", f"s3://{crowded}/").splitlines()

    assert [f"s3://{crowded}/{key}" for key in witness.CROWD] == [
        line.split()[-1] for line in listed
    ]


def test_slashes_stay_as_they_are(
    s3cmd: Tool, s3: Any, bucket: str, sizes: Path, tmp_path: Path
) -> None:
    s3cmd("put", sizes / "one-byte", f"s3://{bucket}/dir//x")
    s3cmd("put", sizes / "empty", f"s3://{bucket}/folder/")
    s3cmd("get", f"s3://{bucket}/dir//x", "back")

    assert ["dir//x", "folder/empty"] == witness.keys(s3, bucket)
    assert payload("one-byte") == (tmp_path / "back").read_bytes()


def test_a_listing_shows_directories(s3cmd: Tool, s3: Any, bucket: str) -> None:
    witness.put_all(s3, bucket, ["a/1", "a b&c/2", "top"])

    listed = s3cmd("ls", f"s3://{bucket}/").splitlines()

    assert ["DIR", "DIR"] == [line.split()[0] for line in listed[:2]]
    assert [f"s3://{bucket}/{name}" for name in ("a b&c/", "a/", "top")] == [
        line[line.index("s3://") :] for line in listed
    ]


def test_copies_and_moves_inside_the_server(s3cmd: Tool, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a b+ü", Body=b"data", ContentType="text/odd")

    s3cmd("cp", f"s3://{bucket}/a b+ü", f"s3://{bucket}/copy")
    s3cmd("mv", f"s3://{bucket}/a b+ü", f"s3://{bucket}/moved & gone")

    assert dict.fromkeys(["copy", "moved & gone"], sha256(b"data")) == witness.stored(s3, bucket)
    assert "text/odd" == s3.head_object(Bucket=bucket, Key="copy")["ContentType"]


def test_a_large_copy_is_made_of_parts(s3cmd: Tool, s3: Any, bucket: str) -> None:
    body = payload(payloads.MULTIPART)
    s3.put_object(Bucket=bucket, Key="large", Body=body)

    s3cmd("cp", "--multipart-chunk-size-mb=6", f"s3://{bucket}/large", f"s3://{bucket}/copy")

    assert sha256(body) == sha256(witness.read(s3, bucket, "copy"))


def test_types_and_metadata(s3cmd: Tool, s3: Any, bucket: str, sizes: Path) -> None:
    s3cmd(
        "put", sizes / "one-byte", f"s3://{bucket}/k", "--mime-type=text/odd",
        "--add-header=x-amz-meta-colour:blue", "--add-header=Cache-Control:no-cache",
    )  # fmt: skip
    head = s3.head_object(Bucket=bucket, Key="k")
    assert ("text/odd", "no-cache") == (head["ContentType"], head["CacheControl"])
    assert "blue" == head["Metadata"]["colour"]

    s3cmd("modify", "--add-header=x-amz-meta-colour:red", f"s3://{bucket}/k")

    assert "red" == s3.head_object(Bucket=bucket, Key="k")["Metadata"]["colour"]
    described = s3cmd("info", f"s3://{bucket}/k")
    assert "MIME type: text/odd" in described
    assert "x-amz-meta-colour: red" in described


def test_a_signed_url(s3cmd: Tool, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a b+ü", Body=b"data")

    fetched = fetch(s3cmd("signurl", f"s3://{bucket}/a b+ü", "+3600").strip())

    assert (200, b"data") == (fetched.status, fetched.body)


def test_a_broken_download_goes_on_where_it_stopped(
    s3cmd: Tool, s3: Any, bucket: str, tmp_path: Path
) -> None:
    body = payload("five-megabytes.bin")
    s3.put_object(Bucket=bucket, Key="k", Body=body)
    (tmp_path / "k").write_bytes(body[:1_234_567])

    s3cmd("get", "--continue", f"s3://{bucket}/k", "k")

    assert sha256(body) == sha256((tmp_path / "k").read_bytes())


def test_uploads_under_way_are_listed_and_aborted(s3cmd: Tool, s3: Any, bucket: str) -> None:
    upload_id = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]

    listed = s3cmd("multipart", f"s3://{bucket}")
    s3cmd("abortmp", f"s3://{bucket}/k", upload_id)

    assert upload_id in listed
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)


def test_a_bucket_and_its_size(s3cmd: Tool, s3: Any, bucket: str) -> None:
    witness.put_all(s3, bucket, ["12345", "1234567"])

    assert ["12", "2"] == s3cmd("du", f"s3://{bucket}").split()[:2]
    assert f"Location:  {REGION}" in s3cmd("info", f"s3://{bucket}")


def test_errors_reach_the_user(s3cmd: Tool, bucket: str) -> None:
    assert "does not exist" in s3cmd.refused("ls", f"s3://no-{bucket}")
    assert "does not exist" in s3cmd.refused("get", f"s3://{bucket}/absent", "out")


def test_rules_tags_and_versioning(s3cmd: Tool, s3: Any, bucket: str, tmp_path: Path) -> None:
    url = f"s3://{bucket}"
    rules = (
        "<LifecycleConfiguration><Rule><ID>old</ID><Filter><Prefix>logs/</Prefix></Filter>"
        "<Status>Enabled</Status><Expiration><Days>30</Days></Expiration></Rule>"
        "</LifecycleConfiguration>"
    )
    (tmp_path / "rules.xml").write_text(rules)
    s3.put_object(Bucket=bucket, Key="k", Body=b"data")

    s3cmd("setlifecycle", "rules.xml", url)
    s3cmd("settagging", f"{url}/k", "a=1&b=2")
    s3cmd("setversioning", url, "enable")

    assert "<Days>30</Days>" in s3cmd("getlifecycle", url)
    assert ["a:1", "b:2"] == s3cmd("gettagging", f"{url}/k").replace("\t", "").split()[-2:]
    assert "Enabled" == s3.get_bucket_versioning(Bucket=bucket)["Status"]
    s3cmd("dellifecycle", url)
    assert "NoSuchLifecycleConfiguration" in s3cmd.refused("getlifecycle", url)


def test_rules_of_other_origins(s3cmd: Tool, s3: Any, bucket: str, tmp_path: Path) -> None:
    (tmp_path / "cors.xml").write_text(
        "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin>"
        "<AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>"
    )

    s3cmd("setcors", "cors.xml", f"s3://{bucket}")

    assert "<AllowedOrigin>*</AllowedOrigin>" in s3cmd("info", f"s3://{bucket}")
    s3cmd("delcors", f"s3://{bucket}")
    assert "CORS:      none" in s3cmd("info", f"s3://{bucket}")
