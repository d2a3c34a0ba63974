"""gateway/unix_socket.py: sockets in data directories, however deep; stale ones and live ones."""

import os
import socket
import stat
from pathlib import Path

import pytest

from ferrox.errors import StartError
from ferrox.gateway import unix_socket
from ferrox.gateway.unix_socket import MOST_NAME_BYTES, InUseError, NameTooLongError

LIMIT_S = 10.0


def exchange_a_word(listening: socket.socket, path: Path) -> bytes:
    with unix_socket.connect(path, LIMIT_S) as client:
        listening.setblocking(True)
        with listening.accept()[0] as server:
            server.sendall(b"word")
        return client.recv(4)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "d"
    made.mkdir()
    return made


def deep(folder: Path) -> Path:
    path = folder / ("x" * MOST_NAME_BYTES)
    path.mkdir()
    return path


def test_only_its_owner_can_open_it(folder: Path) -> None:
    path = folder / "admin.sock"
    before = os.umask(0)
    try:
        with unix_socket.listen(path) as listening:
            mode = stat.S_IMODE(path.stat().st_mode)
            word = exchange_a_word(listening, path)
    finally:
        os.umask(before)

    assert (0o600, b"word") == (mode, word)


def test_a_path_may_be_longer_than_the_name_of_a_socket(folder: Path) -> None:
    path = deep(folder) / "admin.sock"
    with unix_socket.listen(path) as listening:
        assert path.is_socket()
        assert b"word" == exchange_a_word(listening, path)


def test_a_path_that_is_too_long_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = deep(folder) / "admin.sock"
    monkeypatch.setattr(os.path, "isdir", lambda _: False)  # as where there is no /proc

    with pytest.raises(NameTooLongError, match="at most 107 bytes, this one has"):
        unix_socket.listen(path)


def test_no_descriptor_is_left_open(folder: Path) -> None:
    path = deep(folder) / "admin.sock"
    before = len(os.listdir("/proc/self/fd"))

    with unix_socket.listen(path) as listening:
        exchange_a_word(listening, path)

    assert before == len(os.listdir("/proc/self/fd"))


def test_the_socket_of_a_server_that_is_gone_is_replaced(folder: Path) -> None:
    path = folder / "admin.sock"
    unix_socket.listen(path).close()  # which leaves the file

    with unix_socket.listen(path) as listening:
        assert b"word" == exchange_a_word(listening, path)


def test_a_socket_that_somebody_listens_at_is_left_alone(folder: Path) -> None:
    path = folder / "admin.sock"
    with unix_socket.listen(path) as listening:
        with pytest.raises(InUseError, match="in use by another"):
            unix_socket.listen(path)

        listening.setblocking(True)
        listening.accept()[0].close()  # who tried
        assert b"word" == exchange_a_word(listening, path)


def test_what_is_no_socket_is_left_alone(folder: Path) -> None:
    path = folder / "admin.sock"
    path.write_text("a diary")

    with pytest.raises(StartError, match="no socket"):
        unix_socket.listen(path)

    assert "a diary" == path.read_text()


def test_a_folder_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="No such file or directory"):
        unix_socket.listen(tmp_path / "none" / "admin.sock")


def test_nobody_listens(folder: Path) -> None:
    with pytest.raises(FileNotFoundError):
        unix_socket.connect(folder / "admin.sock", LIMIT_S)
