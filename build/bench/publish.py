"""Puts the result of a run into docs/performance.md, between two marks; the text around stays."""

from pathlib import Path

from build.bench import tables
from build.bench.result import Result
from build.bench.servers import ROOT

PAGE = ROOT / "docs" / "performance.md"
BEGIN = "<!-- scripts/bench --publish writes from here -->"
END = "<!-- to here -->"


def replaced(page: str, text: str) -> str:
    """The page with another text between the marks."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError("the page lacks the marks that say where the table goes")
    return f"{before}{BEGIN}\n\n{text}\n{END}{after}"


def publish(result: Result, page: Path = PAGE) -> None:
    """Write the page anew."""
    page.write_text(replaced(page.read_text("utf-8"), tables.document(result)), "utf-8")
