"""The file of the audit log: whole lines whatever happens, and rotation that everybody follows."""

import errno
import json
import os
import resource
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from ferrox.accounting.audit_file import AuditFile

PROCESSES = 4
LINES = 400


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "audit.log"


@pytest.fixture
def few_bytes() -> Iterator[int]:
    """A limit to the size of files, which fails writes as a full disk does."""
    former = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, former[1]))
    yield 100
    resource.setrlimit(resource.RLIMIT_FSIZE, former)
    signal.signal(signal.SIGXFSZ, handler)


def names(path: Path) -> list[str]:
    return sorted(one.name for one in path.parent.iterdir())


def test_lines_are_appended_to_what_is_there_and_nobody_else_may_read_them(path: Path) -> None:
    path.write_bytes(b"before\n")
    file = AuditFile(path)

    file.append(b"one\n")
    file.append(b"two\n")
    file.close()

    assert b"before\none\ntwo\n" == path.read_bytes()


def test_a_new_file_is_the_operators_alone(path: Path) -> None:
    file = AuditFile(path)
    file.append(b"one\n")
    file.close()

    assert 0o600 == path.stat().st_mode & 0o777


def test_a_file_is_rotated_before_it_grows_too_large(path: Path) -> None:
    file = AuditFile(path, max_bytes=10, keep=2)
    for number in range(5):
        file.append(b"%d345\n" % number)
        file.append(b"%d9\n" % number)
    file.close()

    assert ["audit.log", "audit.log.1", "audit.log.2"] == names(path)
    assert b"4345\n49\n" == path.read_bytes()
    assert b"3345\n39\n" == path.with_name("audit.log.1").read_bytes()
    assert b"2345\n29\n" == path.with_name("audit.log.2").read_bytes()


def test_a_line_that_is_longer_than_a_file_may_be_gets_one_of_its_own(path: Path) -> None:
    file = AuditFile(path, max_bytes=10, keep=5)
    for line in (b"1\n", b"x" * 50 + b"\n", b"2\n"):
        file.append(line)
    file.close()

    assert b"2\n" == path.read_bytes()
    assert 51 == path.with_name("audit.log.1").stat().st_size
    assert b"1\n" == path.with_name("audit.log.2").read_bytes()


def test_without_a_limit_nothing_is_rotated(path: Path) -> None:
    file = AuditFile(path)
    for _ in range(100):
        file.append(b"x" * 100 + b"\n")
    file.close()

    assert ["audit.log"] == names(path)


@pytest.mark.parametrize("is_replaced", [False, True])
def test_a_file_that_somebody_moved_away_is_opened_anew(path: Path, is_replaced: bool) -> None:
    file = AuditFile(path)
    file.append(b"one\n")
    path.rename(path.with_name("moved"))
    if is_replaced:
        path.write_bytes(b"made by somebody else\n")

    file.append(b"two\n")
    file.close()

    assert b"one\n" == path.with_name("moved").read_bytes()
    assert path.read_bytes().endswith(b"two\n")


def test_what_cannot_be_written_whole_is_not_written(path: Path, few_bytes: int) -> None:
    file = AuditFile(path)
    file.append(b"x" * 89 + b"\n")

    with pytest.raises(OSError, match="No space left") as caught:
        file.append(b"y" * 50 + b"\n")
    file.append(b"z" * 9 + b"\n")
    file.close()

    assert errno.ENOSPC == caught.value.errno
    assert b"x" * 89 + b"\n" + b"z" * 9 + b"\n" == path.read_bytes()


def test_a_file_that_cannot_be_opened_is_an_error_until_it_can(tmp_path: Path) -> None:
    path = tmp_path / "absent" / "audit.log"
    file = AuditFile(path)

    with pytest.raises(FileNotFoundError):
        file.append(b"one\n")
    path.parent.mkdir()
    file.append(b"two\n")
    file.close()

    assert b"two\n" == path.read_bytes()


def test_what_is_no_file_is_written_to_and_never_rotated(path: Path) -> None:
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    file = AuditFile(path, max_bytes=1, keep=1)

    file.append(b"one\n")
    file.append(b"two\n")
    received = os.read(reader, 100)
    file.close()
    os.close(reader)

    assert b"one\ntwo\n" == received
    assert ["audit.log"] == names(path)


def test_lines_of_several_processes_are_whole_and_none_is_lost_while_files_are_rotated(
    path: Path,
) -> None:
    def work(number: int) -> None:
        file = AuditFile(path, max_bytes=20_000, keep=1000)
        for line in range(LINES):
            record = {"by": number, "line": line, "pad": "x" * (line % 500)}
            file.append(json.dumps(record).encode() + b"\n")

    pids = []
    for number in range(PROCESSES):
        pid = os.fork()
        if not pid:
            try:
                work(number)
                os._exit(0)
            finally:
                os._exit(1)
        pids.append(pid)
    statuses = [os.waitpid(pid, 0)[1] for pid in pids]

    files = list(path.parent.iterdir())
    found = [json.loads(line) for one in files for line in one.read_text().splitlines()]
    assert [0] * PROCESSES == statuses
    assert {(n, line) for n in range(PROCESSES) for line in range(LINES)} == {
        (one["by"], one["line"]) for one in found
    }
    assert PROCESSES * LINES == len(found)
    assert 10 < len(files)
    assert 20_000 >= max(one.stat().st_size for one in files)
