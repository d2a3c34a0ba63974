"""A real server whose data are gone with it: what it says, what it leaves, however it ends."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ferrox import frozen
from ferrox.storage import detached_log, ephemeral_folder
from tests.cli.test_server_life import LIMIT_S, environment, expect_one_line, ferroxd
from tests.ephemeral_process import started
from tests.server_process import ROOT

WORKERS = pytest.mark.parametrize("workers", ["1", "2"])


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where the folders lie."""
    path = tmp_path / "place"
    path.mkdir()
    return path


@WORKERS
def test_a_client_needs_no_more_than_what_is_printed(place: Path, workers: str) -> None:
    buckets = ("--seed-bucket", "first", "--seed-bucket", "second:versioned")
    with started(place, "--workers", workers, *buckets) as server:
        s3 = server.s3
        s3.put_object(Bucket="first", Key="k", Body=b"hello")
        body = s3.get_object(Bucket="first", Key="k")["Body"].read()
        listed = [one["Name"] for one in s3.list_buckets()["Buckets"]]
        versioning = s3.get_bucket_versioning(Bucket="second")["Status"]

        ended = server.end()

    assert (b"hello", ["first", "second"], "Enabled") == (body, listed, versioning)
    assert (0, "") == ended[:2]
    assert "ferroxd" in ended[2], "what is for people is on standard error"
    assert "(removed at the end)" in ended[2]
    assert server.variables["AWS_SECRET_ACCESS_KEY"] not in ended[2]
    assert [] == list(place.iterdir())


@WORKERS
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_nothing_is_left_of_a_server_that_is_told_to_stop(
    place: Path, workers: str, number: signal.Signals
) -> None:
    with started(place, "--workers", workers) as server:
        during = list(place.iterdir())

        status, _, logged = server.end(number)

    assert 0 == status, logged
    assert "Traceback" not in logged
    assert 1 == len(during)
    assert [] == list(place.iterdir())


@WORKERS
def test_a_server_ends_with_who_holds_its_input(place: Path, workers: str) -> None:
    options = ("--workers", workers, "--stop-with-stdin")
    with started(place, *options, stdin=subprocess.PIPE) as server:
        assert server.process.stdin is not None
        server.process.stdin.write("what is said there does not matter\n")
        server.process.stdin.flush()
        still_there = server.s3.list_buckets()["Buckets"]

        status, _, logged = server.wait()  # which closes it

    assert (0, []) == (status, still_there), logged
    assert [] == list(place.iterdir())


def test_a_server_that_is_to_follow_no_pipe_is_refused() -> None:
    expect_one_line(ferroxd("--stop-with-stdin"), "standard input is no pipe")


@WORKERS
def test_what_a_killed_server_leaves_goes_with_the_next_start(place: Path, workers: str) -> None:
    with started(place, "--workers", workers) as killed:
        killed.end(signal.SIGKILL)
    left = list(place.iterdir())

    with started(place) as server:
        during = list(place.iterdir())
        server.end()

    assert (1, 1) == (len(left), len(during))
    assert left != during
    assert [] == list(place.iterdir())


def test_two_at_once_do_not_disturb_each_other(place: Path) -> None:
    with started(place, "--seed-bucket", "mine") as first:
        with started(place, "--seed-bucket", "yours") as second:
            listed = [
                [one["Name"] for one in server.s3.list_buckets()["Buckets"]]
                for server in (first, second)
            ]
            second.end()
        survivor = first.s3.list_buckets()["Buckets"][0]["Name"]
        first.end()

    assert [["mine"], ["yours"]] == listed
    assert "mine" == survivor
    assert [] == list(place.iterdir())


def test_a_stop_before_it_serves_leaves_nothing_either(place: Path) -> None:
    """Whoever ends a start that takes too long does so at any moment of it."""
    command = [sys.executable, "ferroxd.py", "--ephemeral", "--ephemeral-dir", str(place)]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    deadline_s = time.monotonic() + LIMIT_S
    while not list(place.glob(f"{ephemeral_folder.PREFIX}*/{frozen.LOCK_NAME}")):
        assert time.monotonic() < deadline_s
    process.terminate()
    _, logged = process.communicate(timeout=LIMIT_S)

    assert process.returncode in {0, 128 + signal.SIGTERM}
    assert b"Traceback" not in logged
    assert [] == list(place.iterdir())


ENDING = """
import sys
from pathlib import Path
from ferrox.cli import ephemeral
from ferrox.config import Config

def start(settings):
    print("the last words", file=sys.stderr)
    {how}

settings = Config(data_dir=Path("unused"), ephemeral_dir=Path(sys.argv[1]))
sys.exit(ephemeral.serve(settings, start))
"""


@pytest.mark.parametrize("how", ["return 0", "return 1", "raise RuntimeError", "1 / 0"])
def test_the_log_of_one_in_the_background_goes_only_if_all_was_well(place: Path, how: str) -> None:
    path, file = detached_log.make(place, {}, 0)
    with file:
        subprocess.run(
            [sys.executable, "-c", ENDING.format(how=how), str(place)],
            cwd=ROOT,
            env=environment({detached_log.VARIABLE: str(path)}),
            stderr=file,
            check=False,
        )

    assert ([] if how == "return 0" else [path]) == list(place.iterdir())
    assert how == "return 0" or path.read_text().startswith("the last words\n")


def test_a_start_that_is_refused_leaves_nothing(place: Path) -> None:
    where = ("--ephemeral", "--ephemeral-dir", str(place))

    refused = ferroxd(*where, "--seed-bucket", "Not-A-Bucket")
    taken = ferroxd(*where, "--data-dir", str(place / "data"))

    expect_one_line(refused, "no bucket can be called 'Not-A-Bucket'")
    expect_one_line(taken, "data_dir is given with ephemeral")
    assert [] == list(place.iterdir())


def test_without_a_place_of_its_own_it_lies_where_there_is_room() -> None:
    with started(None) as server:
        folder = Path(server.variables["FERROX_ADMIN_URL"].removeprefix("unix://")).parents[1]
        server.end()

    assert _chosen() == str(folder.parent)
    assert re.fullmatch(re.escape(ephemeral_folder.PREFIX) + "[0-9a-f]{8}", folder.name)
    assert not folder.exists()


def _chosen() -> str:
    return str(ephemeral_folder.choice(ephemeral_folder.places(os.environ)))


def test_commands_find_the_server_by_what_it_printed(place: Path) -> None:
    with started(place, "--seed-bucket", "seen") as server:
        listed = ferroxd("bucket", "list", "--json", env=server.variables)
        server.end()

    assert ["seen"] == [bucket["name"] for bucket in json.loads(listed.stdout)["buckets"]]


def test_commands_with_the_settings_of_a_server_find_it_if_it_is_alone(place: Path) -> None:
    """As in a container that has the settings in its environment."""
    settings = {"FERROX_EPHEMERAL": "on", "FERROX_EPHEMERAL_DIR": str(place)}
    with started(place, "--seed-bucket", "seen") as server:
        alone = ferroxd("bucket", "list", env=settings)
        with started(place):
            one_of_two = ferroxd("bucket", "list", env=settings)
        server.end()
    nobody = ferroxd("bucket", "list", env=settings)

    assert "seen" in alone.stdout, alone.stderr
    expect_one_line(one_of_two, "2 ephemeral servers are running", str(place))
    expect_one_line(nobody, "no ephemeral servers are running", str(place))
