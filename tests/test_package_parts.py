"""Parts of packages that are not run."""

import sys
from pathlib import Path

import pytest

from ferrox import package_parts


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    name = "a_package_that_fails"
    folder = tmp_path / name
    folder.mkdir()
    (folder / "__init__.py").write_text("raise ZeroDivisionError\n")
    (folder / "part.py").write_text("VALUE = 42\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, f"{name}.part", raising=False)
    return name


def test_a_part_is_imported_and_the_package_is_not_run(package: str) -> None:
    with package_parts.not_run(package):
        from a_package_that_fails.part import (  # type: ignore[import-not-found] # of this test
            VALUE,
        )

    assert 42 == VALUE
    assert package not in sys.modules


def test_a_package_that_was_run_already_stays_as_it_is() -> None:
    import json

    with package_parts.not_run("json"):
        assert sys.modules["json"] is json

    assert sys.modules["json"] is json


def test_a_package_that_is_not_there_is_missed_where_it_is_imported() -> None:
    with pytest.raises(ModuleNotFoundError), package_parts.not_run("no_such_package"):
        import no_such_package.part  # type: ignore[import-not-found] # noqa: F401 - it is not there
