"""`ferroxd selftest` as a whole: its report, its exit status, and that no check is lost."""

import builtins
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from ferrox.cli import selftest
from ferrox.cli.selftest import Check

ROOT = Path(__file__).parents[2]
LIMIT_S = 100.0


def test_every_check_passes_here(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "ferroxd.py", "selftest"], cwd=ROOT, env={"TMPDIR": str(tmp_path)},
        capture_output=True, text=True, check=False, timeout=LIMIT_S,
    )  # fmt: skip
    *checks, last = run.stdout.splitlines()

    assert (0, "") == (run.returncode, run.stderr), run.stdout
    assert f"{selftest.CHECK_COUNT} of {selftest.CHECK_COUNT} checks passed" == last
    assert [] == [line for line in checks if not re.fullmatch(r"ok   .+  \([0-9.]+ ms\)", line)]
    assert [] == list(tmp_path.iterdir()), "something was left behind"


def test_the_number_of_checks_is_the_one_that_is_written_down() -> None:
    names = [check.name for check in selftest.every_check()]

    assert selftest.CHECK_COUNT == len(names) == len(set(names))


def test_every_module_of_the_tree_is_imported() -> None:
    files = [path.relative_to(ROOT).with_suffix("") for path in (ROOT / "ferrox").rglob("*.py")]
    names = {".".join(path.parts).removesuffix(".__init__") for path in files}

    assert names - {"ferrox"} == set(selftest.modules())


def test_every_package_that_is_required_is_imported() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

    required = {re.split(r"[ >=;]", line)[0] for line in project["dependencies"]}

    assert set() == required - set(selftest.PACKAGES)


def _fine(_: Path) -> None: ...


def _broken(_: Path) -> None:
    raise ValueError("of two\nlines")


def test_a_failure_is_one_line_and_exit_status_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    checks = [Check("works", _fine), Check("does not", _broken)]
    monkeypatch.setattr(selftest, "every_check", lambda: iter(checks))
    monkeypatch.setattr(selftest, "CHECK_COUNT", 2)

    status = selftest.run([])
    works, fails, last = capsys.readouterr().out.splitlines()

    assert 1 == status
    assert works.startswith("ok   works  (")
    assert "FAIL does not: ValueError: of two lines" == fails
    assert "1 of 2 checks passed" == last


def test_a_check_that_was_lost_is_exit_status_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(selftest, "every_check", lambda: iter([Check("works", _fine)]))
    monkeypatch.setattr(selftest, "CHECK_COUNT", 2)

    assert 1 == selftest.run([])
    assert capsys.readouterr().out.endswith("1 of 2 checks passed\n")


@pytest.fixture
def _incomplete(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program from which a package was left out."""
    found = builtins.__import__

    def import_module(name: str, *rest: Any, **more: Any) -> Any:
        if name == "ferrox.cli.selftest_checks":
            raise ImportError("No module named 'anycrc'")
        return found(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", import_module)
    monkeypatch.setattr(selftest, "PACKAGES", {"anycrc": ("no_such_module",)})


@pytest.mark.usefixtures("_incomplete")
def test_a_library_that_is_missing_is_a_line_of_the_report(
    capsys: pytest.CaptureFixture[str],
) -> None:
    status = selftest.run([])
    output = capsys.readouterr().out

    assert 1 == status
    assert "FAIL import of the packages it is built on: ModuleNotFoundError:" in output
    assert output.endswith(f"1 of {selftest.CHECK_COUNT} checks passed\n")
