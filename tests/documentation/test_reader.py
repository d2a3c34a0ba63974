"""The reader stumbles where a page is wrong: else its tests would prove nothing."""

from pathlib import Path

import pytest

from tests.documentation.blocks import Block, blocks_of
from tests.documentation.reader import Reader, Stumbled

SERVER = "```sh serve\nferroxd --workers 1 --data-dir /srv/ferrox/data --bind :9000\n```\n"


def page(folder: Path, text: str) -> list[Block]:
    """The blocks of a page with this text."""
    path = folder / "page.md"
    path.write_text(text, "utf-8")
    return list(blocks_of(path))


def run(*commands: str, marks: str = "run") -> str:
    """Blocks that are run."""
    return "".join(f"```sh {marks}\n{command}\n```\n" for command in commands)


def test_a_page_is_followed_with_one_server_after_the_other(tmp_path: Path) -> None:
    health = "curl -sf http://localhost:9000/health/ready -o ready.json && test -s ready.json"
    told = run("export COLOUR=red; mkdir sub; cd sub; alias say=echo", "say $COLOUR ${PWD##*/}")
    text = f"{SERVER}{run(health)}{SERVER}{run(health)}{told}```text output\nred …b\n```\n"

    with Reader(tmp_path) as reader:
        reader.read(page(tmp_path, text))

    assert "red sub\n" == reader.output


@pytest.mark.parametrize(
    "text",
    [
        run("false"),
        run("false; true"),
        run("true", marks="run fails"),
        run("echo $missing"),
        run("echo one") + "```text output\ntwo\n```\n",
        run("curl -sf http://localhost:9000/health/nowhere"),
        "```sh serve\nferroxd --no-such-option 1\n```\n",
        "```python run\nimport sys\nsys.exit(1)\n```\n",
    ],
)
def test_what_does_not_work_as_written_is_noticed(tmp_path: Path, text: str) -> None:
    blocks = page(tmp_path, SERVER + text)

    with pytest.raises(Stumbled), Reader(tmp_path) as reader:
        reader.read(blocks)


@pytest.mark.parametrize(
    ("text", "mistakes"),
    [
        ("```sh run\n```\n", 0),
        ("```sh\n```\n", 1),
        ('```sh no-run=""\n```\n', 1),
        ('```sh no-run="needs a cluster"\n```\n', 0),
        ("```sh run serve\n```\n", 1),
        ("```\n```\n", 1),
        ("```json\n```\n", 0),
    ],
)
def test_blocks_have_to_say_what_becomes_of_them(tmp_path: Path, text: str, mistakes: int) -> None:
    [block] = page(tmp_path, text)

    assert mistakes == len(block.mistakes)
