"""cli/admin_place.py: which server a command asks."""

from pathlib import Path

import pytest

from ferrox.cli import admin_place
from ferrox.cli.admin_client import Place
from ferrox.errors import StartError


def place(*words: str) -> Place:
    parser = admin_place.Parser(prog="ferroxd x")
    admin_place.add_options(parser)
    given = vars(parser.parse_args(words))
    found = admin_place.taken(given)
    assert {} == given
    return found


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("URL", "CLIENT_CERTIFICATE", "CLIENT_KEY", "CA"):
        monkeypatch.delenv(f"FERROX_ADMIN_{name}", raising=False)
    monkeypatch.delenv("FERROX_DATA_DIR", raising=False)
    monkeypatch.chdir(tmp_path)


def test_options_and_environment_say_where(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FERROX_DATA_DIR", "/srv/other")
    by_environment = place()
    by_option = place("--data-dir", "/srv/data")
    by_url = place("--admin-url", "https://h:1", "--certificate", "c", "--key", "k", "--ca", "a")

    assert Place(Path("/srv/other")) == by_environment
    assert Place(Path("/srv/data")) == by_option
    assert Place(Path(), "https://h:1", "c", "k", "a") == by_url


def test_a_directory_that_was_said_beats_an_address_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FERROX_ADMIN_URL", "https://h:1")

    assert Place(Path("/srv/data")) == place("--data-dir", "/srv/data")
    assert "https://h:1" == place().url


def test_what_is_not_understood_is_one_line() -> None:
    with pytest.raises(StartError, match="unrecognized arguments: --nothing; see ferroxd x --help"):
        place("--nothing")
