"""Pages of the repository become pages of the site, which needs no other site."""

from pathlib import Path

import pytest

from build.site import hooks

FORGE = "https://forge.example.com/us/ferrox/"


def page(markdown: str, source: str = "docs/tls.md", repository: str | None = FORGE) -> str:
    """What becomes of a page."""
    return hooks.published(markdown, source, source.removeprefix("docs/").lower(), repository)


@pytest.mark.parametrize(
    ("source", "link", "expected"),
    [
        ("docs/tls.md", "[a](admin.md#roles)", "[a](admin.md#roles)"),
        ("docs/tls.md", "[a](#names)", "[a](#names)"),
        ("docs/tls.md", "[a](https://example.com/a)", "[a](https://example.com/a)"),
        ("docs/tls.md", "[a](../scripts/site)", f"[a]({FORGE}blob/main/scripts/site)"),
        ("docs/decisions/0011-tls.md", "[a](../tls.md)", "[a](../tls.md)"),
        ("docs/decisions/0011-tls.md", "[a](../../CHANGELOG.md)", "[a](../changelog.md)"),
        ("docs/tls.md", "[a](../CONTRIBUTING.md)", "[a](contributing.md)"),
        ("CONTRIBUTING.md", "[a](docs/tls.md#names)", "[a](tls.md#names)"),
        ("CONTRIBUTING.md", "[a](LICENSE)", f"[a]({FORGE}blob/main/LICENSE)"),
    ],
)
def test_links_lead_to_the_same_place_as_in_the_repository(
    source: str, link: str, expected: str
) -> None:
    assert expected == page(link, source)


def test_a_link_to_nothing_is_left_for_mkdocs_to_complain_of() -> None:
    assert "[a](../nowhere.py)" == page("[a](../nowhere.py)")


def test_files_are_named_where_nobody_knows_an_address_of_the_repository() -> None:
    assert "the test (`LICENSE`)" == page("[the test](../LICENSE)", repository=None)
    assert "`LICENSE`" == page("[`LICENSE`](../LICENSE)", repository=None)


def test_what_tests_need_to_know_of_a_block_is_not_shown() -> None:
    written = (
        '```sh run\naws s3 ls\n```\n\n```sh no-run="docker"\nls\n```\n```text output\nx\n```\n'
    )

    assert "```sh\naws s3 ls\n```\n\n```sh\nls\n```\n```text\nx\n```\n" == page(written)


def test_nothing_in_a_block_is_taken_for_a_link() -> None:
    block = "```sh\necho [a](../LICENSE)\n```\n"

    assert block == page(block)


def test_comments_and_the_blocks_in_them_are_not_shown() -> None:
    assert "one\n\ntwo\n" == page(
        "one\n\n<!--\n```sh run\naws s3 mb s3://photos\n```\n-->\n\ntwo\n"
    )


def test_a_drawing_leaves_its_own_colours_behind(tmp_path: Path) -> None:
    path = tmp_path / "a.svg"
    path.write_text('<svg><style>.box { fill: red }</style><rect class="box"/></svg>\n')

    html = hooks.drawing(path, "a box")

    assert '<svg><rect class="box"/></svg>' in html
    assert 'aria-label="a box"' in html


@pytest.mark.parametrize(
    "text",
    [
        '<script src="https://example.com/a.js"></script>',
        "<img alt=x src=//example.com/a.png>",
        '<link rel="stylesheet" href="https://example.com/a.css">',
        '<link href="https://fonts.example.com" rel="preconnect">',
        "@import 'https://example.com/a.css';",
        "src: url(https://example.com/a.woff2)",
    ],
)
def test_what_would_be_fetched_from_elsewhere_is_found(text: str) -> None:
    assert 1 == len(hooks.fetched(text))


@pytest.mark.parametrize(
    "text",
    [
        '<a href="https://example.com/">x</a>',
        '<script src="assets/a.js"></script>',
        '<link rel="canonical" href="https://example.com/">',
        "src: url(data:image/svg+xml;charset=utf-8,abc)",
    ],
)
def test_links_and_files_of_the_site_itself_are_not(text: str) -> None:
    assert [] == hooks.fetched(text)
