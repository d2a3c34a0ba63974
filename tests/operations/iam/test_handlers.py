from pathlib import Path

from ferrox.operations.iam import handlers


def test_every_module_that_handles_something_is_imported() -> None:
    operations = Path(handlers.__file__).parents[1]
    handling = {
        path.stem
        for folder in ("iam", "sts")
        for path in (operations / folder).glob("*.py")
        if "\n@handles(" in path.read_text("utf-8")
    }

    assert handling == set(handlers.__all__) - {"HANDLERS"}
