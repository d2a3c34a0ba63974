"""Whoever types what README and docs/ say gets what they say."""

from pathlib import Path

import pytest

from tests.documentation.blocks import Block, blocks_of
from tests.documentation.reader import Reader
from tests.server_process import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
PLAYED = [page for page in PAGES if any(set(b.marks) & {"run", "serve"} for b in blocks_of(page))]


def name_of(page: Path) -> str:
    """The page, as tests are called after it."""
    return page.relative_to(ROOT).as_posix()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("page", PLAYED, ids=name_of)
def test_a_page_can_be_followed_from_top_to_bottom(page: Path, tmp_path: Path) -> None:
    blocks = list(blocks_of(page))

    with Reader(tmp_path) as reader:
        reader.read(blocks)

    assert blocks


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_block_says_what_it_is_and_whether_it_can_be_run(page: Path) -> None:
    assert [] == [mistake for block in blocks_of(page) for mistake in block.mistakes]


def test_no_fence_is_left_open() -> None:
    odd = [
        name_of(page)
        for page in PAGES
        if sum(line.lstrip().startswith("```") for line in page.read_text("utf-8").splitlines())
        != 2 * len(list(blocks_of(page)))
    ]

    assert [] == odd


def test_pages_are_played_at_all() -> None:
    played = {name_of(page) for page in PLAYED}

    assert {"README.md", "docs/quick-start.md", "docs/clients.md"} <= played


def test_reasons_for_not_running_a_block_are_few() -> None:
    """A reason is one of a kind that cannot be helped, said in the words of the others."""
    marked: list[Block] = [block for page in PAGES for block in blocks_of(page)]
    left = [block for block in marked if "no-run" in block.marks]
    run = [block for block in marked if set(block.marks) & {"run", "serve"}]

    assert len(run) > len(left)
