"""The table of fuzz targets: a module in targets/ for each name."""

from importlib import import_module
from pathlib import Path

from tests.fuzz.target import Target

FOLDER = Path(__file__).parent
NAMES = tuple(sorted(path.stem for path in (FOLDER / "targets").glob("[a-z]*.py")))


def load(name: str) -> Target:
    """A target; KeyError for what is none."""
    if name not in NAMES:
        raise KeyError(name)
    found = import_module(f"tests.fuzz.targets.{name}").TARGET
    assert isinstance(found, Target)
    return found


def kept(name: str) -> list[Path]:
    """The inputs that are kept of a target: what reaches all there is, and what once broke it."""
    return sorted([*(FOLDER / "corpus" / name).glob("*"), *(FOLDER / "findings" / name).glob("*")])
