"""What the documents say is so: settings, commands, packages, links."""

import os
import re
import tomllib
from pathlib import Path

import pytest

from ferrox import __version__
from ferrox.cli import reference
from ferrox.config import SETTINGS
from tests.architecture.source import PACKAGE, ROOT, name_of

README = (ROOT / "README.md").read_text("utf-8")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
SCRIPTS = sorted((ROOT / "scripts").iterdir())


def shown(path: Path) -> str:
    """A page without its fenced blocks."""
    return re.sub(r"(?ms)^( *)```.*?^\1```$", "", path.read_text("utf-8"))


def anchors(path: Path) -> set[str]:
    """What the headings of a page are linked by, here and on the site."""
    headings = re.findall(r"^#+ (.*)$", shown(path), re.MULTILINE)
    plain = [re.sub(r"[^\w\s-]", "", heading).strip().lower() for heading in headings]
    return {re.sub(r"[-\s]+", "-", heading) for heading in plain}


@pytest.mark.parametrize(
    ("name", "page"),
    [
        ("configuration.md", reference.configuration()),
        ("operations.md", reference.operations()),
        ("admin-api.md", reference.admin_api()),
        ("on-disk-format.md", reference.on_disk_format()),
        ("all-metrics.md", reference.all_metrics()),
        ("openapi.json", reference.openapi()),
    ],
)
def test_the_pages_that_are_tables_of_the_source_are_up_to_date(name: str, page: str) -> None:
    written = (ROOT / "docs" / name).read_text("utf-8")

    assert page == written, "run scripts/docs"


def test_every_script_the_readme_names_exists() -> None:
    named = set(re.findall(r"\bscripts/([a-z]+)", README))

    assert {path.name for path in SCRIPTS} == named


@pytest.mark.parametrize("path", [*SCRIPTS, ROOT / ".ci" / "run"], ids=name_of)
def test_a_script_can_be_run_and_says_what_it_does(path: Path) -> None:
    lines = path.read_text("utf-8").splitlines()

    assert os.access(path, os.X_OK)
    assert (True, True) == (lines[0].startswith("#!/usr/bin/env "), lines[1].startswith("# "))


def test_every_option_the_readme_names_exists() -> None:
    ours = re.findall(r"(?:scripts/serve|ferroxd(?: serve)?) (--[^\n`]*)", README)
    named = {flag for line in ours for flag in re.findall(r"--[a-z0-9-]+", line)}

    assert named
    assert set() == named - {setting.flag for setting in SETTINGS} - {"--config", "--help"}


def test_the_map_of_the_readme_names_every_package_and_no_other() -> None:
    packages = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}

    mapped = set(re.findall(r"^\| `ferrox/([a-z]+)/` \|", README, re.MULTILINE))

    assert packages == mapped


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_links_between_documents_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)", shown(path))

    astray = [
        f"{target}#{anchor}"
        for target, anchor in links
        if not (place := path.parent / target if target else path).exists()
        or (anchor and anchor not in anchors(place))
    ]

    assert [] == astray


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_files_of_the_source_that_pages_name_are_there(path: Path) -> None:
    named = set(
        re.findall(r"`((?:ferrox/|tests/|build/)?[a-z_0-9]+/[a-z_0-9/]*\.py)`", shown(path))
    )

    assert [] == [name for name in named if not any((at / name).exists() for at in (ROOT, PACKAGE))]


def test_the_navigation_of_the_site_has_every_page_once() -> None:
    navigation = (ROOT / "mkdocs.yml").read_text("utf-8").partition("\nnav:\n")[2]
    pages = [path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")]

    named = re.findall(r"- (?:.*: )?(\S+\.md)$", navigation, re.MULTILINE)

    assert sorted([*pages, "changelog.md", "contributing.md"]) == sorted(named)


def test_figures_on_the_first_page_are_those_that_were_measured() -> None:
    first = (ROOT / "docs" / "index.md").read_text("utf-8").partition("## Beside others")[2]
    measured = (ROOT / "docs" / "performance.md").read_text("utf-8")
    table = [line for line in first.partition("## Where to go")[0].splitlines() if "| " in line]

    figures = [figure for line in table[2:] for figure in re.findall(r"\| ([\d,.]+)", line)]

    assert len(figures) > 20
    assert [] == [figure for figure in figures if f"| {figure} " not in measured]


def test_decisions_are_numbered_without_gaps_and_have_their_four_parts() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    parts = ["## Context", "## Decision", "## Consequences", "## What would make us change it"]

    numbers = [int(page.name[:4]) for page in pages]
    incomplete = [page.name for page in pages for part in parts if part not in page.read_text()]

    assert list(range(1, len(pages) + 1)) == numbers
    assert [] == incomplete


def test_the_changelog_speaks_of_this_version() -> None:
    assert f"## [{__version__}]" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_the_readme_names_the_files_of_this_version() -> None:
    named = re.findall(r"(?:ferroxd[-:]|scripts/release )(\d+\.\d+\.\d+)", README)

    assert {__version__} == set(named)


def test_what_the_server_needs_is_declared_once_for_pip_and_once_for_the_lock() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = (ROOT / "build" / "requirements" / "serve.in").read_text("utf-8").splitlines()

    declared = {re.split(r"[ >=;]", line)[0] for line in project["dependencies"]}
    locked = {re.split(r"[ >=;]", line)[0] for line in wanted if not line.startswith("#")}

    assert declared == locked


@pytest.mark.parametrize(
    "path", sorted((ROOT / "build" / "requirements").glob("*.txt")), ids=name_of
)
def test_every_requirement_is_pinned_with_its_hash_and_tells_nothing_of_where(path: Path) -> None:
    text = path.read_text("utf-8")
    requirements = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]

    assert [] == [line for line in requirements if "==" not in line or not line.endswith("\\")]
    assert not re.search(r"https?://|/home/|/root/|--index|--find-links", text)
