"""admin/handlers/every.py: every module of handlers is imported by name."""

from pathlib import Path

from ferrox.admin.handlers import every

NOT_HANDLERS = {"__init__", "every", "iam"}


def test_every_module_is_named() -> None:
    folder = Path(every.__file__).parent
    modules = {path.stem for path in folder.glob("*.py")} - NOT_HANDLERS

    assert modules | {"HANDLERS"} == set(every.__all__)
