"""The key file: made once, private, and never silently replaced."""

import os
from pathlib import Path

import pytest

from ferrox.errors import StartError
from ferrox.storage.key_file import KEY_BYTES, load_or_create_key_file


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
