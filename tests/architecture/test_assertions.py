"""A test that asserts nothing proves nothing."""

import ast
from pathlib import Path

import pytest

from tests.architecture.source import TEST_MODULES, Function, functions, name_of, tree_of


@pytest.mark.parametrize("path", TEST_MODULES, ids=name_of)
def test_every_test_asserts_something(path: Path) -> None:
    tree = tree_of(path)
    proving = {one.name for one in functions(tree) if _asserts(one)}

    idle = [
        one.name
        for one in functions(tree)
        if one.name.startswith("test_") and not _asserts(one) and not _calls(one) & proving
    ]

    assert [] == idle


def _asserts(function: Function) -> bool:
    """Whether there is an assertion, an expected exception, or a call named for checking."""
    return any(isinstance(node, ast.Assert) for node in ast.walk(function)) or any(
        name in ("raises", "warns", "run_state_machine_as_test")
        or name.startswith(("assert_", "check_", "expect_"))
        for name in _calls(function)
    )


def _calls(function: Function) -> set[str]:
    called = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
    names = {item.attr for item in called if isinstance(item, ast.Attribute)}
    return names | {item.id for item in called if isinstance(item, ast.Name)}
