"""The fenced blocks of a page, and what the words after their language say.

    ```sh run              the reader types this: it is run, and has to succeed
    ```sh run fails        it is run, and has to fail
    ```sh run stopped      the server is stopped first, as the page has told its reader to
    ```sh run needs="go"   it is run where there is such a program, else left out with its output
    ```sh serve            a server is started so, in place of the one before
    ```sh no-run="why"     it cannot be run here, and why not
    ```python run          a program that is run
    ```python run with="clients"   with the Python of .venv-clients
    ```text output         lines that the block before has printed; … stands for anything

Blocks of sh and python have to say one of these. What a page takes for granted, such as a bucket
that is there, is made by blocks in comments, which are run like the others and not shown.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

_FENCE = re.compile(r"^( *)(```+)([^\n`]*)\n(.*?)^\1\2 *$", re.MULTILINE | re.DOTALL)
_WORD = re.compile(r'([a-z-]+)(?:="([^"]*)")?(?:\s+|$)')

RUNNABLE = frozenset({"sh", "python"})
LANGUAGES = RUNNABLE | {
    *("dockerfile", "go", "hcl", "html", "http", "ini", "java", "javascript", "json", "promql"),
    *("scala", "sql", "terraform", "text", "toml", "xml", "yaml"),
}
HOW = frozenset({"run", "serve", "no-run"})


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its marks, what is in it, and where it begins."""

    language: str
    marks: Mapping[str, str]
    text: str
    line: int

    @property
    def mistakes(self) -> list[str]:
        """What is wrong with how it is marked."""
        found = []
        if self.language not in LANGUAGES:
            found.append(f"line {self.line}: {self.language!r} is no language that is known here")
        if self.language in RUNNABLE and len(HOW & set(self.marks)) != 1:
            found.append(f"line {self.line}: it has to be marked as one of {sorted(HOW)}")
        if self.marks.get("no-run") == "":
            found.append(f"line {self.line}: no-run says no reason")
        return found


def blocks_of(page: Path) -> Iterator[Block]:
    """Every fenced block of a page, those in comments included."""
    text = page.read_text("utf-8")
    before: Mapping[str, str] = {}
    for found in _FENCE.finditer(text):
        indent, _, info, body = found.groups()
        language, _, rest = info.strip().partition(" ")
        marks = {word: value or "" for word, value in _WORD.findall(rest)}
        body = re.sub(f"^{indent}", "", body, flags=re.MULTILINE)
        block = Block(language, marks, body, text.count("\n", 0, found.start()) + 1)
        if "output" in marks and "needs" in before:
            block = replace(block, marks={**marks, "needs": before["needs"]})
        before = block.marks
        yield block
