"""Small is a habit: the tail is held, the average follows."""

import statistics
from pathlib import Path

import pytest

from tests.architecture.source import MODULES, functions, name_of, tree_of

MODULE_LINES = 500
FUNCTION_LINES = 60
MEDIAN_FUNCTION_LINES = 15


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_fits_in_the_head(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= MODULE_LINES


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_function_fits_on_the_screen(path: Path) -> None:
    lengths = {one.name: _lines(one.lineno, one.end_lineno) for one in functions(tree_of(path))}

    assert {} == {name: lines for name, lines in lengths.items() if lines > FUNCTION_LINES}


def test_most_functions_are_short() -> None:
    lengths = [
        _lines(one.lineno, one.end_lineno) for path in MODULES for one in functions(tree_of(path))
    ]

    assert statistics.median(lengths) <= MEDIAN_FUNCTION_LINES


def _lines(first: int, last: int | None) -> int:
    return (last or first) - first + 1
