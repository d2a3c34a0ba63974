"""The source tree, as the tests of its shape read it."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "ferrox"
TESTS = ROOT / "tests"
MODULES = sorted(PACKAGE.rglob("*.py"))
TEST_MODULES = sorted(TESTS.rglob("test_*.py"))

Function = ast.FunctionDef | ast.AsyncFunctionDef


def name_of(path: Path) -> str:
    """The path as a person writes it."""
    return path.relative_to(ROOT).as_posix()


def tree_of(path: Path) -> ast.Module:
    """The module, parsed."""
    return ast.parse(path.read_text("utf-8"), str(path))


def functions(tree: ast.AST) -> Iterator[Function]:
    """Every function and method, however deep."""
    for node in ast.walk(tree):
        if isinstance(node, Function):
            yield node


def imports(tree: ast.AST) -> set[str]:
    """Every dotted name that is imported, wherever in the module that happens."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names
