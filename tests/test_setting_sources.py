"""setting_sources.py: what is said of settings, and where."""

from pathlib import Path

import pytest

from ferrox import setting_kinds as kinds
from ferrox.errors import StartError
from ferrox.setting import Setting
from ferrox.setting_sources import gather

SETTINGS = (
    Setting("name", None, kinds.Kind("text", str), "", "", ("OLD_NAME",), is_secret=False),
    Setting("size", 1, kinds.Kind("size", kinds.whole(0, 9)), "", "", (), is_secret=True),
    Setting(
        "hosts", (), kinds.Kind("names", kinds.domains, is_list=True), "", "", (), is_secret=False
    ),
)


def test_what_is_said_nowhere_is_not_there() -> None:
    assert ({}, {}) == gather(SETTINGS, {}, {"FERROX_NAME": ""}, None)


def test_each_place_is_told(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('name = "c"\nhosts = ["x", "y"]\n')

    values, sources = gather(SETTINGS, {"size": ["1", "2"]}, {"OLD_NAME": "b"}, file)

    assert {"name": "b", "size": 2, "hosts": ("x", "y")} == values
    expected = {"name": "environment variable OLD_NAME", "size": "--size", "hosts": f"file {file}"}
    assert expected == sources


def test_the_file_can_be_named_by_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("size = 3\n")

    assert {"size": 3} == gather(SETTINGS, {}, {"FERROX_CONFIG": str(file)}, None).values


def test_a_secret_is_not_repeated_in_a_complaint() -> None:
    with pytest.raises(StartError, match="size: the value from --size: not a whole number") as said:
        gather(SETTINGS, {"size": ["secret"]}, {}, None)

    assert "secret" not in str(said.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nam = 1", "unknown setting 'nam'"),
        ("size = [1]", "size has the wrong type"),
        ("=", "(at "),
        pytest.param("size = " + "[" * 5000, "nested too deeply", id="nested"),
    ],
)
def test_a_file_that_cannot_be_understood_is_named(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(text)

    with pytest.raises(StartError) as said:
        gather(SETTINGS, {}, {}, file)

    assert str(file) in str(said.value)
    assert words in str(said.value)
