"""A real server, asked through the socket in its data directory by the command line."""

import http.client
import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.client import Config
from botocore.exceptions import ClientError

from ferrox.gateway import unix_socket
from tests.server_process import ROOT, ServerProcess

LIMIT_S = 60.0


def command(
    server: ServerProcess | Path, *words: str, status: int = 0, text: str | None = None
) -> Any:
    """Run `ferroxd` beside a server; return what it printed, as JSON, or its complaint."""
    data_dir = server if isinstance(server, Path) else server.data_dir
    run = subprocess.run(
        [sys.executable, "ferroxd.py", *words, "--data-dir", str(data_dir), "--json"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=LIMIT_S, input=text,
    )  # fmt: skip
    assert status == run.returncode, run.stderr
    if status:
        return run.stderr
    return json.loads(run.stdout) if run.stdout else None


def until(condition: Callable[[], bool], what: str) -> None:
    """Wait for something that nobody tells."""
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < deadline, what
        threading.Event().wait(0.01)


def s3(server: ServerProcess, key: str, secret: str, token: str | None = None) -> Any:
    return boto3.client(
        "s3", endpoint_url=server.endpoint, region_name="us-east-1", aws_access_key_id=key,
        aws_secret_access_key=secret, aws_session_token=token,
        config=Config(retries={"max_attempts": 0}),
    )  # fmt: skip


def code_of(call: Callable[[], Any]) -> str:
    with pytest.raises(ClientError) as caught:
        call()
    return str(caught.value.response["Error"]["Code"])


@pytest.fixture(params=["1", "2"], ids=["alone", "two workers"])
def server(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[ServerProcess]:
    served = ServerProcess(tmp_path / "data", "--workers", request.param, "--event-log", "on")
    yield served
    served.stop()
    served.expect_clean_log()


@pytest.fixture
def two(tmp_path: Path) -> Iterator[ServerProcess]:
    served = ServerProcess(tmp_path / "data", "--workers", "2")
    yield served
    served.kill()


def test_a_user_is_made_works_and_stops_working(server: ServerProcess) -> None:
    made = command(server, "user", "create", "alice", "--policy", "AmazonS3FullAccess")
    pair = made["access_key"]
    client = s3(server, pair["access_key_id"], pair["secret_access_key"])
    client.create_bucket(Bucket="photos")
    client.put_object(Bucket="photos", Key="a", Body=b"12345")

    (bucket,) = command(server, "bucket", "list")["buckets"]
    command(server, "quota", "set", "photos", "--max-bytes", "6")
    full = code_of(lambda: client.put_object(Bucket="photos", Key="b", Body=b"12345"))
    command(server, "key", "set", pair["access_key_id"], "Inactive")
    inactive = code_of(client.list_buckets)
    client.close()

    assert ("photos", "root", 5) == (bucket["name"], bucket["account"], bucket["bytes"])
    assert ["QuotaExceeded", "InvalidAccessKeyId"] == [full, inactive]


def test_another_account_has_a_root_of_its_own(server: ServerProcess) -> None:
    made = command(server, "account", "create", "Team")
    pair = made["access_key"]
    client = s3(server, pair["access_key_id"], pair["secret_access_key"])
    client.create_bucket(Bucket="theirs")
    refused = command(server, "account", "delete", "team", status=1)
    client.delete_bucket(Bucket="theirs")
    command(server, "account", "delete", "team")
    gone = code_of(client.list_buckets)
    client.close()

    assert "ferroxd: Conflict: The account owns buckets: theirs.\n" == refused
    assert "InvalidAccessKeyId" == gone


def test_every_refusal_is_explained_whichever_worker_it_was(server: ServerProcess) -> None:
    pair = command(server, "user", "create", "bob")["access_key"]
    client = s3(server, pair["access_key_id"], pair["secret_access_key"])
    ids = set()
    for _ in range(8):
        with pytest.raises(ClientError) as caught:
            client.create_bucket(Bucket="mine")
        ids.add(caught.value.response["ResponseMetadata"]["RequestId"])
    client.close()

    told = [command(server, "explain", request_id) for request_id in ids]

    assert [("AccessDenied", "CreateBucket")] * 8 == [
        (one["code"], one["operation"]) for one in told
    ]
    assert all(one["reason"] and one["principal"].endswith(":user/bob") for one in told)


def test_figures_are_those_of_all_workers(server: ServerProcess) -> None:
    client = s3(server, server.access_key, server.secret_key)
    for _ in range(10):
        client.list_buckets()
    client.close()

    stats = command(server, "stats")

    expected = {worker["pid"] for worker in stats["workers"]}
    assert set(server.workers or [server.pid]) == expected
    assert (10, []) == (stats["requests"], stats["silent"])
    assert str(server.data_dir.resolve()) == stats["data_dir"]


def test_settings_tell_no_secret(server: ServerProcess) -> None:
    told = command(server, "settings")["settings"]

    by_name = {setting["name"]: setting for setting in told}
    assert server.secret_key not in json.dumps(told)
    assert ("--secret-key", None) == (
        by_name["secret_key"]["source"],
        by_name["secret_key"]["value"],
    )
    assert "default" == by_name["region"]["source"]


def test_a_job_is_run(server: ServerProcess) -> None:
    def rounds() -> int:
        jobs = {job["name"]: job["rounds"] for job in command(server, "jobs")["jobs"]}
        return int(jobs["lifecycle"])

    until(lambda: rounds() == 1, "the first round is over")
    command(server, "jobs", "run", "lifecycle")

    until(lambda: rounds() == 2, "the second round came long before its time")


def test_events_are_followed_until_the_server_stops(server: ServerProcess) -> None:
    client = s3(server, server.access_key, server.secret_key)
    client.create_bucket(Bucket="photos")
    following = subprocess.Popen(
        [sys.executable, "ferroxd.py", "events", "follow", "--after", "0", "--data-dir",
         str(server.data_dir)],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert following.stdout is not None
    with following.stdout as lines:
        client.put_object(Bucket="photos", Key="a", Body=b"1")
        first = next(lines)
        client.put_object(Bucket="photos", Key="b", Body=b"1")
        second = next(lines)
        client.close()
        stopping = threading.Thread(target=server.stop)
        stopping.start()
        rest = list(lines)
    stopping.join()

    assert first.endswith("ObjectCreated:Put  photos  a\n")
    assert second.endswith("ObjectCreated:Put  photos  b\n")
    assert ([], 0) == (rest, following.wait(LIMIT_S))


def test_the_socket_is_for_its_owner_and_for_as_long_as_the_server(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path / "data")
    path = server.data_dir / "admin.sock"
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    finally:
        server.stop()

    assert 0o600 == mode
    assert not path.exists()
    server.expect_clean_log()


def test_the_socket_of_a_server_that_was_killed_is_replaced(two: ServerProcess) -> None:
    two.kill()
    left = (two.data_dir / "admin.sock").is_socket()
    two.restart()

    assert left
    assert 2 == len(command(two, "stats")["workers"])


def test_the_socket_of_a_server_that_lives_is_not(two: ServerProcess) -> None:
    second = subprocess.run(
        [sys.executable, "ferroxd.py", "serve", "--data-dir", str(two.data_dir), "--bind",
         "127.0.0.1:0"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=LIMIT_S,
    )  # fmt: skip

    assert 2 == second.returncode
    assert 2 == len(command(two, "stats")["workers"])


def test_who_takes_the_place_of_the_first_worker_takes_this_on(two: ServerProcess) -> None:
    def first() -> int:
        return next(
            int(worker["pid"])
            for worker in command(two, "stats")["workers"]
            if not worker["worker"]
        )

    before = first()
    os.kill(before, signal.SIGKILL)
    after = first()
    jobs = [job["name"] for job in command(two, "jobs")["jobs"]]

    assert before != after
    assert "upkeep" in jobs


def test_without_a_server_there_is_one_line(tmp_path: Path) -> None:
    complaint = command(tmp_path / "none", "stats", status=2)

    assert re.fullmatch(r"ferroxd: no server is running on \S+ \(nobody listens at .*\n", complaint)


def test_a_data_directory_may_lie_deep(tmp_path: Path) -> None:
    folder = tmp_path / ("d" * 120)
    folder.mkdir()
    server = ServerProcess(folder / "data", "--workers", "1")
    try:
        assert 1 == len(command(server, "stats")["workers"])
    finally:
        server.stop()
    assert not (server.data_dir / "admin.sock").exists()


def test_what_is_no_http_is_refused_and_harms_nobody(server: ServerProcess) -> None:
    path = server.data_dir / "admin.sock"
    with unix_socket.connect(path, LIMIT_S) as raw:
        raw.sendall(b"\x16\x03\x01\x00\xff nonsense\r\n\r\n")
        answer = raw.recv(100)
    connection = http.client.HTTPConnection("x", timeout=LIMIT_S)
    connection.sock = unix_socket.connect(path, LIMIT_S)
    connection.request("GET", "/health/ready")
    status = connection.getresponse().status
    connection.close()

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert 200 == status


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_start_that_fails_leaves_no_socket(tmp_path: Path, workers: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        run = subprocess.run(
            [sys.executable, "ferroxd.py", "serve", "--data-dir", str(tmp_path / "data"), "--bind",
             f"127.0.0.1:{taken.getsockname()[1]}", "--workers", workers],
            cwd=ROOT, capture_output=True, text=True, check=False, timeout=LIMIT_S,
        )  # fmt: skip

    assert 2 == run.returncode
    assert not (tmp_path / "data" / "admin.sock").exists()


def test_settings_are_those_of_all_workers_together(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path / "data", "--workers", "2", "--max-connections", "100")
    try:
        told = command(server, "settings")["settings"]
    finally:
        server.stop()

    assert ["100"] == [one["value"] for one in told if one["name"] == "max_connections"]
