"""boto3 and encrypted objects: rotation and re-encryption beside requests, crashes, and secrets."""

import base64
import contextlib
import hashlib
import io
import os
import secrets
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ferrox.cli.admin_client import AdminClient, Place
from ferrox.config import Config
from ferrox.storage.identities import offline
from ferrox.storage.keys.master_key import MasterKey
from ferrox.storage.keys.opening import open_ring
from ferrox.storage.sealing import parse_inline
from tests.clients.witness import client, keys, read
from tests.server_process import ServerProcess, serving

MASTER_KEY = hashlib.sha256(b"a master key").digest()
CUSTOMER_KEY = hashlib.sha256(b"a key of a customer").digest()
PLAIN = b"words that nobody may find on the drive; "
LARGE = PLAIN * 8000
SMALL_COUNT = 400
LIMIT_S = 60.0
DEFAULT = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
CUSTOMER_MD5 = base64.b64encode(hashlib.md5(CUSTOMER_KEY, usedforsecurity=False).digest())
BROUGHT: dict[str, Any] = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": CUSTOMER_KEY}


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    """The file of a master key."""
    path = tmp_path / "master.key"
    path.write_text(base64.b64encode(MASTER_KEY).decode())
    return path


@pytest.fixture
def sealing(tmp_path: Path, key_file: Path) -> Iterator[ServerProcess]:
    """A server of two workers with a master key, which writes an audit log."""
    with serving(
        tmp_path / "data", "--sse-master-key-file", str(key_file), "--workers", "2",
        "--sse-customer-keys-in-the-open", "on", "--audit-log", str(tmp_path / "audit.log"),
        "--bucket-log-interval", "1",
    ) as server:  # fmt: skip
        yield server


def ask(server: ServerProcess, method: str, path: str, **body: Any) -> Any:
    """Ask the admin plane."""
    admin = AdminClient(Place(server.data_dir))
    return admin.ask(method, f"/admin/v1{path}", {}, None if method == "GET" else body)


def until(server: ServerProcess, is_so: Callable[[Any], bool]) -> Any:
    """How the server encrypts, once something is so."""
    deadline_s = time.monotonic() + LIMIT_S
    while not is_so(status := ask(server, "GET", "/encryption")):
        assert time.monotonic() < deadline_s, status
        time.sleep(0.02)
    return status


def kill_all(server: ServerProcess) -> None:
    """End every process of a server at once."""
    for process_id in [server.pid, *server.workers]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process_id, signal.SIGKILL)
    server.kill()


def fill(s3: Any, **more: Any) -> dict[str, bytes]:
    """Put many small objects and some large ones."""
    bodies = {f"small/{number:04}": PLAIN + b"%d" % number for number in range(SMALL_COUNT)}
    bodies |= {f"large/{number}": LARGE + b"%d" % number for number in range(5)}
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda one: s3.put_object(Bucket="box", Key=one[0], Body=one[1], **more),
                      bodies.items()))  # fmt: skip
    return bodies


def expect(s3: Any, bodies: dict[str, bytes]) -> None:
    """See every object as it was put, and encrypted."""

    def look(key: str) -> tuple[bytes, str]:
        answer = s3.get_object(Bucket="box", Key=key)
        return answer["Body"].read(), answer.get("ServerSideEncryption", "")

    with ThreadPoolExecutor(8) as pool:
        found = dict(zip(bodies, pool.map(look, bodies), strict=True))
    assert {key: (body, "AES256") for key, body in bodies.items()} == found


def test_a_server_that_is_killed_while_it_encrypts_a_bucket_goes_on(
    sealing: ServerProcess,
) -> None:
    s3 = client(sealing)
    s3.create_bucket(Bucket="box")
    bodies = fill(s3)
    tags = {one["Key"]: one for one in s3.list_objects_v2(Bucket="box")["Contents"]}
    s3.put_bucket_encryption(Bucket="box", ServerSideEncryptionConfiguration=DEFAULT)

    ask(sealing, "POST", "/buckets/box/reencrypt")
    until(sealing, lambda status: status["reencryptions"][0]["looked_at"] > 0)
    kill_all(sealing)
    sealing.restart()
    (done,) = until(sealing, lambda status: status["reencryptions"][0]["state"] == "done")[
        "reencryptions"
    ]

    s3 = client(sealing)
    assert (len(bodies), 0) == (done["looked_at"], done["failed"])
    assert tags == {one["Key"]: one for one in s3.list_objects_v2(Bucket="box")["Contents"]}
    expect(s3, bodies)


def test_a_server_that_is_killed_while_it_rotates_keys_goes_on(sealing: ServerProcess) -> None:
    s3 = client(sealing)
    s3.create_bucket(Bucket="box")
    bodies = fill(s3, ServerSideEncryption="AES256")
    before = ask(sealing, "GET", "/encryption")["keys"]

    made = ask(sealing, "POST", "/encryption/rotate")
    kill_all(sealing)
    sealing.restart()
    done = until(sealing, lambda status: status["left"] == 0)

    assert ("s3/2", "s3/1") == (made["key"], before[0]["key"])
    assert [("former", 0), ("current", len(bodies))] == [
        (key["use"], key["data_keys"]) for key in done["keys"]
    ]
    expect(client(sealing), bodies)


def test_keys_are_rotated_and_buckets_encrypted_beside_requests(sealing: ServerProcess) -> None:
    s3 = client(sealing)
    s3.create_bucket(Bucket="box")
    bodies = {f"k{number}": PLAIN + secrets.token_bytes(100_000) for number in range(20)}
    for key, body in bodies.items():
        s3.put_object(Bucket="box", Key=key, Body=body)
    s3.put_bucket_encryption(Bucket="box", ServerSideEncryptionConfiguration=DEFAULT)

    def go_on(number: int) -> None:
        for key, body in bodies.items():
            assert body == read(s3, "box", key)
            source = {"Bucket": "box", "Key": key}
            s3.copy_object(Bucket="box", Key=f"copy/{number}/{key}", CopySource=source)
            upload = s3.create_multipart_upload(Bucket="box", Key=f"up/{number}/{key}")
            of = {"Bucket": "box", "Key": upload["Key"], "UploadId": upload["UploadId"]}
            tag = s3.upload_part(**of, PartNumber=1, Body=body)["ETag"]
            listed = {"Parts": [{"PartNumber": 1, "ETag": tag}]}
            s3.complete_multipart_upload(**of, MultipartUpload=listed)

    with ThreadPoolExecutor(4) as pool:
        work = [pool.submit(go_on, number) for number in range(4)]
        ask(sealing, "POST", "/buckets/box/reencrypt")
        for _ in range(3):
            ask(sealing, "POST", "/encryption/rotate")
            time.sleep(0.1)
        for one in work:
            one.result()
    until(sealing, lambda status: status["reencryptions"][0]["state"] == "done")
    ask(sealing, "POST", "/jobs/rewrapping/run")
    until(sealing, lambda status: status["left"] == 0)
    sealing.restart()

    s3 = client(sealing)
    everything = bodies | {
        f"{kind}/{number}/{key}": body
        for kind in ("copy", "up") for number in range(4) for key, body in bodies.items()
    }  # fmt: skip
    assert sorted(everything) == keys(s3, "box")
    assert all(body == read(s3, "box", key) for key, body in everything.items())


def test_no_secret_is_anywhere_on_the_drive(sealing: ServerProcess, tmp_path: Path) -> None:
    s3 = client(sealing)
    for bucket in ("box", "logs"):
        s3.create_bucket(Bucket=bucket)
        s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=DEFAULT)
    enabled = {"TargetBucket": "logs", "TargetPrefix": ""}
    s3.put_bucket_logging(Bucket="box", BucketLoggingStatus={"LoggingEnabled": enabled})
    for key, body in (("small", PLAIN), ("large", LARGE)):
        s3.put_object(Bucket="box", Key=key, Body=body)
        s3.put_object(Bucket="box", Key=f"mine/{key}", Body=body, **BROUGHT)
        s3.get_object(Bucket="box", Key=f"mine/{key}", **BROUGHT)["Body"].read()
        of_source = {f"CopySource{name}": value for name, value in BROUGHT.items()}
        source = {"Bucket": "box", "Key": f"mine/{key}"}
        s3.copy_object(Bucket="box", Key=f"copy/{key}", CopySource=source, **of_source)
        wrong = BROUGHT | {"SSECustomerKey": bytes(32)}
        with pytest.raises(ClientError):
            s3.get_object(Bucket="box", Key=f"mine/{key}", **wrong)
    s3.upload_fileobj(io.BytesIO(LARGE * 40), "box", "parts", ExtraArgs=BROUGHT)
    ask(sealing, "POST", "/encryption/rotate")
    until(sealing, lambda status: status["left"] == 0)
    sealing.stop()

    files = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "master.key"]
    held = {path.name: path.read_bytes() for path in files}
    spelled = [MASTER_KEY, CUSTOMER_KEY, *keys_of(sealing.data_dir)]
    assert len(spelled) >= 8, "two of the server, four of objects, and those that were given"
    words = [PLAIN, CUSTOMER_MD5]
    for secret in spelled:
        words += [secret, base64.b64encode(secret), secret.hex().encode()]
    found = [(name, word) for name, data in held.items() for word in words if word in data]
    assert {"index.db", "settings.db", "audit.log", "data.log"} <= held.keys()
    assert [] == found
    sealing.restart()


def keys_of(data_dir: Path) -> list[bytes]:
    """The keys of SSE-S3, and all data keys under them."""
    with offline.opened(Config(data_dir=data_dir)) as identities:
        ring = open_ring(identities, MasterKey(MASTER_KEY), 1, "us-east-1").server_keys
        assert ring is not None
        keks = {key.kek_id: ring.find(key.kek_id) for key in ring.known()}
    found = [kek._key for kek in keks.values()]
    with contextlib.closing(sqlite3.connect(data_dir / "index.db")) as index:
        for name, kek_id, wrapped in index.execute(
            "SELECT name, kek_id, wrapped_key FROM blobs WHERE kek_id LIKE 's3/%'"
        ):
            found.append(keks[kek_id].unwrap(wrapped, name))
        for (data,) in index.execute("SELECT data FROM inline_data WHERE kek_id LIKE 's3/%'"):
            key = parse_inline(data).key
            found.append(keks[key.kek_id].unwrap(key.wrapped, b"inline"))
    return found
