"""The frozen program from its start to its end, however that comes."""

import fcntl
import os
import re
import resource
import signal
import socket
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from ferrox import __version__
from ferrox.cli import selftest
from ferrox.frozen import LOCK_NAME
from tests.clients import witness
from tests.clients.payloads import sha256
from tests.clients.tool import Tool, environment
from tests.frozen.program import (
    CLONE_NEWNS,
    LIMIT_S,
    MS_PRIVATE_ALL,
    FrozenServer,
    Program,
    require_root,
    system,
)

Start = Callable[..., FrozenServer]
"""Takes the program, and options of the server."""

CLONE_NEWNET = 0x4000_0000  # unshare(2)
MS_NOEXEC = 8  # mount(2)
SIOCSIFFLAGS = 0x8914  # netdevice(7)
IFF_UP = 1

NOT_IN_IT = {
    "ferrox.cli.api_reference",
    "ferrox.cli.format_reference",
    "ferrox.cli.metrics_reference",
    "ferrox.cli.reference",
    "ferrox.cli.settings_reference",
    "ferrox.storage.metadata.tables",
}
"""What writes pages of the documentation and is no part of the program."""


# Commands
def test_the_program_tests_itself(program: Program) -> None:
    run = program("selftest")

    assert (0, "") == (run.returncode, run.stderr), run.stdout
    assert run.stdout.endswith(f"{selftest.CHECK_COUNT} of {selftest.CHECK_COUNT} checks passed\n")
    assert [] == program.left_behind()


def test_every_module_of_the_source_is_in_it(program: Program) -> None:
    found = re.search(r"the program's ([0-9]+) modules", program("selftest").stdout)

    assert found
    assert len(set(selftest.modules()) - NOT_IN_IT) == int(found[1])


def test_it_tells_its_version(program: Program) -> None:
    run = program("version")

    assert (0, f"ferroxd {__version__}\n", "") == (run.returncode, run.stdout, run.stderr)
    assert [] == program.left_behind()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--frobnicate"],
        ["serve", "--bind", "nowhere"],
        ["serve", "--config", "/does/not/exist.toml"],
        ["serve", "--bind", "127.0.0.1:0", "--data-dir", "{file}"],
        ["frobnicate"],
    ],
)
def test_a_mistake_is_one_line_and_exit_status_2(
    program: Program, arguments: list[str], tmp_path: Path
) -> None:
    (tmp_path / "file").touch()

    run = program(*(word.format(file=tmp_path / "file") for word in arguments))

    assert (2, "", 1) == (run.returncode, run.stdout, run.stderr.count("\n")), run.stderr
    assert run.stderr.startswith("ferroxd: ")
    assert [] == program.left_behind()


def test_health_asks_a_running_server(program: Program, start: Start) -> None:
    server = start(program)

    ready = program("health", server.endpoint)
    server.stop()
    gone = program("health", server.endpoint)

    assert (0, f"{server.endpoint}: ready\n") == (ready.returncode, ready.stdout)
    assert (1, True) == (gone.returncode, "not reachable" in gone.stdout)


# Clients
def test_the_aws_cli_stores_and_fetches(program: Program, start: Start, tmp_path: Path) -> None:
    server = start(program)
    (tmp_path / "home").mkdir()
    aws = Tool(
        "aws", "--endpoint-url", server.endpoint,
        env=environment(tmp_path / "home", server), cwd=tmp_path,
    )  # fmt: skip
    sent = tmp_path / "sent"
    sent.mkdir()
    (sent / "small").write_bytes(b"hello")
    (sent / "large").write_bytes(os.urandom(9_000_000))

    aws("s3", "mb", "s3://bucket")
    aws("s3", "sync", "sent", "s3://bucket/dir")
    aws("s3", "sync", "s3://bucket/dir", "fetched")

    expected = {path.name: sha256(path.read_bytes()) for path in sent.iterdir()}
    fetched = (tmp_path / "fetched").iterdir()
    assert expected == {path.name: sha256(path.read_bytes()) for path in fetched}
    server.stop()
    server.expect_clean_log()


def test_boto3_stores_lists_and_refuses(program: Program, start: Start) -> None:
    server = start(program)
    s3 = witness.client(server)

    s3.create_bucket(Bucket="bucket")
    witness.put_all(s3, "bucket", [f"key/{number:03d}" for number in range(50)])

    assert {f"key/{n:03d}" for n in range(50)} == set(witness.keys(s3, "bucket"))
    assert b"key/007" == witness.read(s3, "bucket", "key/007")
    with pytest.raises(s3.exceptions.NoSuchKey, match="The specified key does not exist"):
        s3.get_object(Bucket="bucket", Key="absent")
    s3.close()
    server.stop()
    server.expect_clean_log()


# Ends
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_orderly_end_is_exit_status_0_and_leaves_nothing(
    program: Program, start: Start, number: signal.Signals
) -> None:
    server = start(program)

    status = server.send(server.pid, number)

    assert 0 == status
    assert [] == program.left_behind()


def test_workers_are_replaced_and_end_with_the_outermost_process(
    program: Program, start: Start
) -> None:
    server = start(program, "--workers", "2")
    before = server.workers
    s3 = witness.client(server)
    s3.create_bucket(Bucket="bucket")

    os.kill(before[0], signal.SIGKILL)
    while set(before) & set(server.workers) != {before[1]} or len(server.workers) != 2:
        pass
    witness.put_all(s3, "bucket", [f"key/{number}" for number in range(20)])
    seen = set(witness.keys(s3, "bucket"))
    s3.close()
    server.send(server.pid, signal.SIGKILL)  # waits until no process holds the terminal any more
    _expect_free(server.port)
    server.restart()
    server.stop()

    assert 2 == len(before)
    assert {f"key/{number}" for number in range(20)} == seen
    assert [] == program.left_behind()


def test_in_one_folder_there_is_one_process_and_nothing_unpacked(
    folder_program: Program, start: Start
) -> None:
    server = start(folder_program, "--workers", "1")

    assert [server.pid] == server.family()
    assert [] == folder_program.left_behind()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGHUP])
def test_the_server_ends_with_its_outermost_launcher(
    file_program: Program, start: Start, number: signal.Signals
) -> None:
    server = start(file_program)
    s3 = witness.client(server)
    s3.create_bucket(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="key", Body=b"acknowledged")
    s3.close()

    server.send(server.pid, number)
    _expect_free(server.port)
    server.restart()

    s3 = witness.client(server)
    assert b"acknowledged" == witness.read(s3, "bucket", "key")
    s3.close()
    server.stop()
    assert [] == file_program.left_behind(), "the next start removes what a killed run left"


@pytest.mark.parametrize("place", [1, 2], ids=["the inner launcher", "the server"])
def test_when_another_of_the_family_is_killed_all_of_it_ends(
    file_program: Program, start: Start, place: int
) -> None:
    server = start(file_program)

    status = server.send(server.family()[place], signal.SIGKILL)
    _expect_free(server.port)

    assert 0 != status
    assert 0 == file_program("version").returncode
    assert [] == file_program.left_behind()


@pytest.mark.parametrize(
    ("limit_bytes", "folder"),
    [(1 << 20, "staticx-"), (11 << 20, "_MEI")],
    ids=["the outer launcher", "the inner launcher"],
)
def test_the_next_start_removes_what_a_launcher_left_that_was_killed_unpacking(
    file_program: Program, limit_bytes: int, folder: str
) -> None:
    """The kernel kills whoever writes a file beyond a limit, at the same byte each time."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, limit_bytes))

    killed = file_program("version", prepare=limit)
    [left] = file_program.left_behind()
    started = file_program("version")

    assert (True, "") == (left.startswith(folder), killed.stdout)
    assert 0 == started.returncode
    assert [] == file_program.left_behind()


def test_the_locks_of_the_launchers_are_held_down_to_the_server(
    file_program: Program, start: Start
) -> None:
    """So a folder stays claimed for as long as anybody lives in it, whoever ends first."""
    server = start(file_program)

    inherited = [Path(f"/proc/{member}/fd") for member in server.family()[-2:]]
    held = [{os.readlink(path) for path in folder.iterdir()} for folder in inherited]

    locks = {str(file_program.scratch / name / LOCK_NAME) for name in file_program.left_behind()}
    assert 2 == len(locks)
    assert all(locks <= files for files in held)
    server.stop()


def test_a_start_does_not_disturb_those_that_run(file_program: Program, start: Start) -> None:
    first = start(file_program)
    claimed = set(file_program.left_behind())

    second = start(file_program)
    both = set(file_program.left_behind())
    s3 = witness.client(first)
    s3.create_bucket(Bucket="bucket")

    assert claimed
    assert claimed < both
    assert all((file_program.scratch / name / LOCK_NAME).read_text() for name in both)
    s3.close()
    for server in (first, second):
        server.stop()
    assert [] == file_program.left_behind()


def _expect_free(port: int) -> None:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen()


# Poor surroundings
def test_no_network_and_no_names_are_needed(program: Program) -> None:
    require_root()

    run = program("selftest", prepare=_leave_the_network)

    assert (0, "") == (run.returncode, run.stderr), run.stdout


def test_a_temporary_directory_without_programs_is_refused_in_words(file_program: Program) -> None:
    require_root()

    def mount() -> None:
        system("unshare", CLONE_NEWNS)
        system("mount", b"none", b"/", None, MS_PRIVATE_ALL, None)
        system("mount", b"tmpfs", bytes(file_program.scratch), b"tmpfs", MS_NOEXEC, None)

    run = file_program("version", prepare=mount)

    assert run.returncode not in (0, 1)
    assert re.search(r"Permission denied|failed to map segment", run.stderr)


def test_a_missing_temporary_directory_is_refused_in_words(file_program: Program) -> None:
    file_program.scratch.rmdir()

    run = subprocess.run(
        [file_program.path, "version"], env={"TMPDIR": "/proc/nowhere"},
        capture_output=True, text=True, timeout=LIMIT_S, check=False,
    )  # fmt: skip

    assert 0 == run.returncode or "/proc/nowhere" in run.stderr


def _leave_the_network() -> None:
    """A network of nothing but the loopback interface."""
    system("unshare", CLONE_NEWNET)
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))
