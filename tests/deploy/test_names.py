"""Whatever recipe names a setting, an option or a command of ferroxd names one that there is."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ferrox.cli.main import USAGE
from ferrox.config import SETTINGS
from tests.deploy.recipes import BUILD
from tests.server_process import ROOT

FOLDERS = ("helm", "systemd", "compose", "terraform")
VARIABLES = {name for setting in SETTINGS for name in (setting.environment, *setting.aliases)} | {
    "FERROX_CONFIG"
}
OF_OTHERS = {"FERROX_TERRAFORM_PLUGINS", "FERROX_PORT"}
"""What scripts/test looks at, and what Kubernetes would call the port of a service."""
COMMANDS = {word for words in re.findall(r"ferroxd ([a-z|-]+)", USAGE) for word in words.split("|")}
_COMMAND = re.compile(r"(?:/|\bsudo -u ferrox )ferroxd ([a-z-]+)")


def recipes() -> Iterator[Path]:
    """Every file that is deployed, or says how."""
    for folder in FOLDERS:
        for path in sorted((BUILD / folder).rglob("*")):
            if path.is_file() and path.suffix not in {".pyc", ".sum"} and "tool" not in path.parts:
                yield path
    yield ROOT / "Dockerfile.scratch"


RECIPES = list(recipes())


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", RECIPES, ids=name_of)
def test_every_variable_is_one_that_ferroxd_looks_at(path: Path) -> None:
    text = path.read_text("utf-8")
    named = set(re.findall(r"\bFERROX_[A-Z0-9]+(?:_[A-Z0-9]+)*\b(?!_)", text))

    assert set() == named - VARIABLES - OF_OTHERS


@pytest.mark.parametrize("path", RECIPES, ids=name_of)
def test_every_command_is_one_of_ferroxd(path: Path) -> None:
    named = set(_COMMAND.findall(path.read_text("utf-8")))

    assert set() == named - COMMANDS


def test_names_are_found_at_all() -> None:
    texts = [path.read_text("utf-8") for path in RECIPES]

    assert 100 > len(RECIPES) > 50
    assert {"serve", "backup", "status", "selftest"} <= {
        word for text in texts for word in _COMMAND.findall(text)
    }
    assert sum("FERROX_DATA_DIR" in text for text in texts) > 3
