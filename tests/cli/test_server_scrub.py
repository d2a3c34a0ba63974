"""A real server's scrub: damage is found and told, and a pass outlives the server that began it."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.server_process import ROOT, ServerProcess

LIMIT_S = 60.0
COUNT = 12
BODY = bytes(range(256)) * 4096  # a mebibyte


@pytest.fixture
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    running = ServerProcess(tmp_path / "data", "--workers", request.param, "--scrub-rate", "2MiB")
    yield running
    running.stop()


def ferroxd(server: ServerProcess, *words: str) -> Any:
    """What a command beside the server prints."""
    run = subprocess.run(
        [sys.executable, "ferroxd.py", *words, "--json", "--data-dir", str(server.data_dir)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=LIMIT_S,
    )  # fmt: skip
    assert 0 == run.returncode, run.stderr
    return json.loads(run.stdout)


def until(condition: Callable[[], bool], what: str) -> None:
    """Wait for something that nobody tells."""
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < deadline, what
        threading.Event().wait(0.05)


def fill(server: ServerProcess) -> Any:
    s3 = boto3.client(
        "s3", endpoint_url=server.endpoint, region_name="us-east-1",
        aws_access_key_id=server.access_key, aws_secret_access_key=server.secret_key,
    )  # fmt: skip
    s3.create_bucket(Bucket="photos")
    for number in range(COUNT):
        s3.put_object(Bucket="photos", Key=f"k{number}", Body=BODY + bytes([number]))
    return s3


def last_pass(server: ServerProcess) -> Any:
    return ferroxd(server, "scrub", "status")["passes"][0]


def begin(server: ServerProcess) -> None:
    """Have a pass begin, and see it done with a blob."""
    ferroxd(server, "scrub", "run")
    until(
        lambda: (
            (ferroxd(server, "scrub", "status")["progress"] or {"done": 0})["done"] > len(BODY) + 1
        ),
        "it does not begin",
    )


@pytest.mark.parametrize("server", ["2"], indirect=True, ids=["two workers"])
def test_a_pass_outlives_a_server_that_stops_or_is_killed(server: ServerProcess) -> None:
    fill(server)
    begin(server)
    server.restart()
    stopped = last_pass(server)
    begin(server)
    server.kill()
    server.restart()
    killed = last_pass(server)
    ferroxd(server, "scrub", "run")
    until(lambda: bool(last_pass(server)["ended"]), "it does not end")

    done = last_pass(server)
    assert {1} == {one["number"] for one in (stopped, killed, done)}
    assert [None, None] == [stopped["ended"], killed["ended"]]
    assert 0 < stopped["blobs"] < COUNT
    assert stopped["blobs"] <= killed["blobs"]
    assert (COUNT, COUNT * (len(BODY) + 1), 0) == (
        done["blobs"], done["done_bytes"], done["problems"],
    )  # fmt: skip
    assert [] == ferroxd(server, "scrub", "findings")["findings"]


@pytest.mark.parametrize("server", ["1"], indirect=True, ids=["alone"])
def test_damage_is_found_told_and_forgotten_when_the_object_is_put_anew(
    server: ServerProcess,
) -> None:
    s3 = fill(server)
    path = min((server.data_dir / "blobs").glob("*/*/*"), key=lambda path: path.name)
    with path.open("r+b") as file:
        file.seek(300_000)
        file.write(b"\0\0\0")
    ferroxd(server, "scrub", "run")
    until(lambda: "damaged: " in server.log, "nothing is found")

    (finding,) = ferroxd(server, "scrub", "findings")["findings"]
    holders = [(one["bucket"], one["key"]) for one in finding["needed_by"]]
    s3.put_object(Bucket="photos", Key="k0", Body=BODY)

    assert f"segment 1 of blob {path.name} fails its CRC-32C" == finding["problem"]
    assert [("photos", "k0")] == holders
    assert [] == ferroxd(server, "scrub", "findings")["findings"]
    assert 1 == server.log.count("damaged: ")
