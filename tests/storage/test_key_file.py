"""The key file: made once, private, and never silently replaced."""

import os
from pathlib import Path

import pytest

from ferrox.config import Config
from ferrox.crypto.passphrase import Derivation
from ferrox.errors import StartError
from ferrox.storage.key_file import (
    KEY_BYTES,
    load_key_file,
    load_or_create_key_file,
    passphrase_of,
    read_passphrase,
    replace_key_file,
)


def test_the_key_is_made_once(tmp_path: Path) -> None:
    path = tmp_path / "settings.key"

    first = load_or_create_key_file(path)

    assert len(first) == KEY_BYTES
    assert first == load_or_create_key_file(path) == path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_key_that_others_could_read_is_closed_to_them(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "settings.key"
    key = load_or_create_key_file(path)
    path.chmod(0o640)

    assert key == load_or_create_key_file(path)

    assert path.stat().st_mode & 0o777 == 0o600
    assert "could be read by others" in caplog.text


def test_a_readable_key_of_somebody_else_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "settings.key"
    load_or_create_key_file(path)
    path.chmod(0o644)
    somebody_else = path.stat().st_uid + 1
    monkeypatch.setattr(os, "geteuid", lambda: somebody_else)

    with pytest.raises(StartError, match="belongs to somebody else"):
        load_or_create_key_file(path)


@pytest.mark.parametrize("length", [0, KEY_BYTES - 1, KEY_BYTES + 1])
def test_a_key_of_the_wrong_length_is_refused(tmp_path: Path, length: int) -> None:
    path = tmp_path / "settings.key"
    path.write_bytes(bytes(length))
    path.chmod(0o600)

    with pytest.raises(StartError, match="is damaged"):
        load_or_create_key_file(path)


def test_a_missing_key_is_not_made_by_those_who_load_it(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="is missing: nothing else opens what it sealed"):
        load_key_file(tmp_path / "settings.key")


def test_a_key_can_be_replaced(tmp_path: Path) -> None:
    path = tmp_path / "settings.key"
    first = load_or_create_key_file(path)

    second = replace_key_file(path)

    assert first != second == load_key_file(path)
    assert 0o600 == path.stat().st_mode & 0o777


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_a_passphrase_is_the_only_line_of_a_file(tmp_path: Path, end: bytes) -> None:
    file = tmp_path / "passphrase"
    file.write_bytes(" grün horse ".encode() + end)

    assert " grün horse ".encode() == bytes(read_passphrase(file))


@pytest.mark.parametrize("text", [b"", b"short", b"two lines\nof text", b"x" * 1025, b"x" * 9000])
def test_what_cannot_be_a_passphrase_is_refused(tmp_path: Path, text: bytes) -> None:
    file = tmp_path / "passphrase"
    file.write_bytes(text)

    with pytest.raises(StartError, match="does not hold a line of 8 to 1024 bytes"):
        read_passphrase(file)


def test_a_passphrase_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"^passphrase file .*/none cannot be read: No such file"):
        read_passphrase(tmp_path / "none")


def test_the_settings_give_a_passphrase_or_a_file_or_neither(tmp_path: Path) -> None:
    file = tmp_path / "passphrase"
    file.write_text("correct horse\n")
    quick = Derivation(bytes(16), passes=1, memory_kib=64, lanes=1)

    given = passphrase_of(Config(master_passphrase="correct horse"))
    read = passphrase_of(Config(master_passphrase_file=file))

    assert given is not None
    assert read is not None
    assert given.key(quick) == read.key(quick)
    assert passphrase_of(Config()) is None
    with pytest.raises(StartError, match="give only one"):
        passphrase_of(Config(master_passphrase="correct horse", master_passphrase_file=file))
