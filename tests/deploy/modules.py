"""What modules of Terraform declare and refer to, as far as their text tells without Terraform.

https://developer.hashicorp.com/terraform/language/syntax/configuration
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.deploy.recipes import BUILD, in_environment

TERRAFORM = BUILD / "terraform"
_NOT_CODE = re.compile(r"#[^\n]*")
_REFERENCE = re.compile(
    r"(?<![\w.\"/-])(?:(?P<kind>var|local|module|data|ephemeral)|(?P<type>(?:aws|helm|terraform)_\w+))"
    r"\.(?P<first>\w+)(?:\.(?P<second>\w+))?"
)
_TEMPLATE = re.compile(r'templatefile\("([^"]+)", \{(.*?)\n? *\}\)', re.DOTALL)


def unquoted(name: str) -> str:
    """Labels and texts come with their quotes."""
    return name.strip('"')


@dataclass(frozen=True)
class Module:
    """A folder of files that make one module."""

    folder: Path
    blocks: dict[str, list[dict[str, Any]]]
    text: str

    def labelled(self, kind: str) -> dict[str, Any]:
        """Blocks with one label: variables, outputs, calls of modules."""
        return {
            unquoted(name): body
            for block in self.blocks.get(kind, [])
            for name, body in block.items()
        }

    def typed(self, kind: str) -> set[str]:
        """Blocks with two labels, as TYPE.NAME."""
        return {
            f"{unquoted(type_)}.{unquoted(name)}"
            for block in self.blocks.get(kind, [])
            for type_, named in block.items()
            for name in named
        }

    @property
    def locals(self) -> set[str]:
        return {
            name
            for block in self.blocks.get("locals", [])
            for name in block
            if not name.startswith("__")
        }

    @property
    def declared(self) -> set[str]:
        """All that can be referred to."""
        return {
            *(f"var.{name}" for name in self.labelled("variable")),
            *(f"local.{name}" for name in self.locals),
            *(f"module.{name}" for name in self.labelled("module")),
            *(f"data.{name}" for name in self.typed("data")),
            *(f"ephemeral.{name}" for name in self.typed("ephemeral")),
            *self.typed("resource"),
        }

    @property
    def referred(self) -> set[str]:
        """All that is referred to."""
        found = set()
        for match in _REFERENCE.finditer(self.text):
            kind = match["kind"]
            if kind in {"data", "ephemeral"}:
                found.add(f"{kind}.{match['first']}.{match['second']}")
            else:
                found.add(f"{kind or match['type']}.{match['first']}")
        return found

    @property
    def templates(self) -> Iterator[tuple[Path, set[str]]]:
        """Templates that are rendered, and what each is given."""
        for path, given in _TEMPLATE.findall(self.text):
            names = set(re.findall(r"(?:^|[{,\n]) *(\w+) +=", given))
            yield self.folder / path.removeprefix("${path.module}/"), names

    @property
    def files(self) -> Iterator[Path]:
        """Files that are read as they are."""
        for path in re.findall(r'\bfile\("([^"]+)"\)', self.text):
            whole = path.replace("${path.module}", str(self.folder))
            yield Path(whole.replace("${local.systemd}", str(self.folder / "../../systemd")))


def modules() -> list[Module]:
    """Every module there is."""
    files = sorted(TERRAFORM.rglob("*.tf"))
    read = in_environment("terraform", [str(file) for file in files])
    return [
        made_of(folder, {file: read[str(file)] for file in files if file.parent == folder})
        for folder in sorted({file.parent for file in files})
    ]


def made_of(folder: Path, files: dict[Path, dict[str, Any]]) -> Module:
    blocks: dict[str, list[dict[str, Any]]] = {}
    for content in files.values():
        for kind, some in content.items():
            blocks.setdefault(kind, []).extend(some)
    text = "\n".join(_NOT_CODE.sub("", file.read_text("utf-8")) for file in files)
    return Module(folder, blocks, text)
