"""The table in the documentation is replaced, the text around it is not."""

from pathlib import Path

import pytest

from build.bench import publish
from tests.bench.results import result


def test_what_stands_between_the_marks_is_replaced() -> None:
    page = f"# Before\n{publish.BEGIN}\nold\n{publish.END}\nafter\n"

    once = publish.replaced(page, "new")

    assert f"# Before\n{publish.BEGIN}\n\nnew\n{publish.END}\nafter\n" == once
    assert once == publish.replaced(once, "new")


def test_a_page_without_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="marks"):
        publish.replaced("# Page", "new")


def test_the_page_of_the_documentation_can_be_written(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text(publish.PAGE.read_text("utf-8"), "utf-8")

    publish.publish(result(ferrox=[123.4]), page)

    assert "| GET 4 KiB | CPU, µs a request | 123 |" in page.read_text("utf-8")
