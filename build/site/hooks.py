"""What mkdocs does differently for our pages: the same files are read in the repository, too.

- A link that leaves docs/ (`../tests/crash/test_crash.py`) is a relative link in the repository. On
  the site it leads to the repository's address where that is known, and else names the file.
- CHANGELOG.md and CONTRIBUTING.md lie at the top of the tree and are pages of the site.
- What follows the language of a fenced block says how tests run it (tests/documentation/story.py);
  readers do not see it, nor the blocks in comments.
- Drawings are put into their page, so that they follow its colours.
- The foot of each page names the version.
- Nothing is fetched from elsewhere when a page is looked at; a build that would is refused.

https://www.mkdocs.org/user-guide/configuration/#hooks
"""

import posixpath
import re
import runpy
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

AT_THE_TOP = {"changelog.md": "CHANGELOG.md", "contributing.md": "CONTRIBUTING.md"}
"""Pages of the site that are files at the top of the tree."""

_FENCE = re.compile(r"^( *)(```+|~~~+)(\S*)[^\n]*\n.*?^\1\2 *$", re.MULTILINE | re.DOTALL)
_LANGUAGE = re.compile(r"^( *(?:```+|~~~+)\S*)[^\n]*")
_COMMENT = re.compile(r"<!--.*?-->\n*", re.DOTALL)
_LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)\s]+)\)")
_DRAWING = re.compile(r'<img alt="([^"]*)" src="([^"]*diagrams/[^"]+\.svg)" ?/?>')
_STYLE = re.compile(r"<style>.*?</style>\s*", re.DOTALL)
_FETCHED = re.compile(
    r"""<(?:script|img|iframe|source)\b[^>]*\bsrc=["']?((?:https?:)?//[^"'\s>]+)"""
    r"""|<link\b(?![^>]*rel=["']?(?:canonical|next|prev))[^>]*\bhref=["']?((?:https?:)?//[^"'\s>]+)"""
    r"""|(?:@import|url\()\s*["']?((?:https?:)?//[^"')\s]+)"""
)


def on_config(config: Any) -> Any:
    """Name the version below each page; lead to the repository if it is known where that is."""
    version = runpy.run_path(str(ROOT / "ferrox" / "__init__.py"))["__version__"]
    config.copyright = f"ferrox {version} · Apache-2.0"
    config.edit_uri = "edit/main/docs/" if config.repo_url else None
    return config


def on_files(files: Any, config: Any) -> Any:
    """Add the pages that lie at the top of the tree."""
    from mkdocs.structure.files import File

    for name, source in AT_THE_TOP.items():
        files.append(File.generated(config, name, abs_src_path=str(ROOT / source)))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:
    """Make of a page of the repository one of the site."""
    source = AT_THE_TOP.get(page.file.src_uri, f"docs/{page.file.src_uri}")
    if page.edit_url and page.file.src_uri in AT_THE_TOP:
        page.edit_url = f"{config.repo_url.rstrip('/')}/edit/main/{source}"
    return published(markdown, source, page.file.src_uri, config.repo_url)


def on_page_content(html: str, page: Any, config: Any, files: Any) -> str:
    """Put drawings into the page."""
    folder = (Path(config.docs_dir) / page.file.src_uri).parent
    return _DRAWING.sub(lambda found: drawing(folder / found[2], found[1]), html)


def on_post_build(config: Any) -> None:
    """Refuse a site that needs another one."""
    from mkdocs.exceptions import PluginError

    for path in sorted(Path(config.site_dir).rglob("*")):
        if path.suffix in {".html", ".css"}:
            elsewhere = fetched(path.read_text("utf-8"))
            if elsewhere:
                raise PluginError(f"{path} is not whole without {', '.join(elsewhere)}")


def fetched(text: str) -> list[str]:
    """What a browser would fetch from other sites to show this page or style sheet."""
    return [next(filter(None, found)) for found in _FETCHED.findall(text)]


def published(markdown: str, source: str, name: str, repository: str | None) -> str:
    """The Markdown of the site: `source` is where it lies in the tree, `name` what it is called."""
    pieces = []
    position = 0
    text = _COMMENT.sub("", markdown)
    for block in _FENCE.finditer(text):
        pieces.append(_relinked(text[position : block.start()], source, name, repository))
        pieces.append(_LANGUAGE.sub(r"\1", block[0], count=1))
        position = block.end()
    pieces.append(_relinked(text[position:], source, name, repository))
    return "".join(pieces)


def _relinked(text: str, source: str, name: str, repository: str | None) -> str:
    def leading(found: re.Match[str]) -> str:
        words, target = found.groups()
        if re.match(r"[a-z]+:|#", target):
            return found[0]
        path, _, anchor = target.partition("#")
        place = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
        page = {at: page for page, at in AT_THE_TOP.items()}.get(place)
        if place.startswith("docs/"):
            page = place.removeprefix("docs/")
        if page is not None:
            inside = posixpath.relpath(page, posixpath.dirname(name) or ".")
            return f"[{words}]({inside}{'#' if anchor else ''}{anchor})"
        if not (ROOT / place).exists():
            return found[0]  # mkdocs complains of it
        if repository:
            return f"[{words}]({repository.rstrip('/')}/blob/main/{place})"
        return words if place in words else f"{words} (`{place}`)"

    return _LINK.sub(leading, text)


def drawing(path: Path, words: str) -> str:
    """An SVG file as a part of the page, coloured by the page's own style sheet."""
    svg = _STYLE.sub("", path.read_text("utf-8")).strip()
    return f'<figure class="drawing" role="img" aria-label="{words}">{svg}</figure>'
