"""The files of build/terraform agree with one another and with ferroxd; needs no Terraform."""

import re
from pathlib import Path

import pytest

from tests.deploy.modules import TERRAFORM, Module, made_of, modules, unquoted
from tests.deploy.recipes import in_environment, understood

_WORDS = frozenset({"for", "in", "endfor", "if", "else", "endif", "null"})
FOLDERS = sorted({file.parent for file in TERRAFORM.rglob("*.tf")})


@pytest.fixture(scope="module")
def every() -> dict[Path, Module]:
    return {module.folder: module for module in modules()}


def name_of(folder: Path) -> str:
    return folder.relative_to(TERRAFORM).as_posix()


@pytest.mark.parametrize("folder", FOLDERS, ids=name_of)
def test_what_is_referred_to_is_declared_and_the_other_way_round(
    folder: Path, every: dict[Path, Module]
) -> None:
    module = every[folder]
    kinds = {"var", "local", "data", "ephemeral"}
    kept = {name for name in module.declared if name.partition(".")[0] in kinds}

    assert set() == module.referred - module.declared
    assert set() == kept - module.referred


@pytest.mark.parametrize("folder", FOLDERS, ids=name_of)
def test_variables_and_outputs_are_described(folder: Path, every: dict[Path, Module]) -> None:
    module = every[folder]

    for kind in ("variable", "output"):
        for name, body in module.labelled(kind).items():
            assert len(unquoted(body.get("description", ""))) > 10, name
    assert all("type" in body for body in module.labelled("variable").values())


@pytest.mark.parametrize("folder", FOLDERS, ids=name_of)
def test_a_module_that_is_called_is_given_what_it_wants(
    folder: Path, every: dict[Path, Module]
) -> None:
    module = every[folder]

    for name, call in module.labelled("module").items():
        called = every[(folder / unquoted(call["source"])).resolve()]
        given = {key for key in call if not key.startswith("__")} - {"source"}
        wanted = called.labelled("variable")
        assert set() == given - wanted.keys()
        assert set() == {key for key, body in wanted.items() if "default" not in body} - given
        outputs = set(re.findall(rf"\bmodule\.{name}\.(\w+)", module.text))
        assert set() == outputs - called.labelled("output").keys()


@pytest.mark.parametrize("folder", FOLDERS, ids=name_of)
def test_providers_are_named_with_their_oldest_version(
    folder: Path, every: dict[Path, Module]
) -> None:
    module = every[folder]
    [terraform] = module.blocks["terraform"]
    named = {
        key: body
        for block in terraform.get("required_providers", [])
        for key, body in block.items()
        if not key.startswith("__")
    }
    kinds = module.typed("resource") | module.typed("data") | module.typed("ephemeral")
    used = {kind.partition("_")[0] for kind in kinds} - {"terraform"}  # built in

    assert re.fullmatch(r'">= 1\.\d+"', terraform["required_version"])
    assert used <= named.keys()
    assert all(re.match(r'">= ', body["version"]) for body in named.values())


def test_templates_are_given_what_they_use(every: dict[Path, Module]) -> None:
    rendered = [pair for module in every.values() for pair in module.templates]

    assert set(TERRAFORM.rglob("*.tftpl")) == {path for path, _ in rendered}
    assert [(path, used_by(path.read_text("utf-8"))) for path, _ in rendered] == rendered


def used_by(template: str) -> set[str]:
    """The variables in the code of a template."""
    pieces = re.findall(r"(?<!\$)[$%]\{(.*?)\}(?!\")", template)
    code = re.sub(r'"[^"]*"', "", " ".join(pieces).replace("${", ""))
    bound = {name for pair in re.findall(r"for (\w+), (\w+) in", code) for name in pair}
    return set(re.findall(r"\b[a-z]\w*", code)) - bound - _WORDS


def test_files_that_are_read_are_there(every: dict[Path, Module]) -> None:
    found = [file for module in every.values() for file in module.files]

    assert len(found) > 5
    assert [] == [file for file in found if not file.exists()]


def test_ferroxd_knows_the_settings_that_examples_make(every: dict[Path, Module]) -> None:
    calls = [
        (module.folder.name, call["settings"])
        for module in every.values()
        for call in module.labelled("module").values()
        if isinstance(call.get("settings"), dict)
    ]

    assert {"single-node", "kubernetes"} == {folder for folder, _ in calls}
    for _, settings in calls:
        understood({f"FERROX_{key.upper()}": unquoted(value) for key, value in settings.items()})


def test_secrets_are_no_variables_with_values(every: dict[Path, Module]) -> None:
    """Whoever reads the state or the description of a machine learns no key."""
    secret = re.compile(r"(secret_key|passphrase|token|private_key)$")
    named = [
        (name_of(folder), name)
        for folder, module in every.items()
        for name in module.labelled("variable")
        if secret.search(name)
    ]

    assert [] == named


def test_a_reference_that_leads_nowhere_is_found(tmp_path: Path) -> None:
    file = tmp_path / "main.tf"
    file.write_text(
        'variable "a" {\n  type = string\n}\n\n'
        'resource "aws_eip" "b" {\n  # local.comment\n'
        '  tags = { c = "${var.d}-${data.aws_vpc.e.id}" }\n}\n'
    )
    module = made_of(tmp_path, {file: in_environment("terraform", [str(file)])[str(file)]})

    assert {"var.a", "aws_eip.b"} == module.declared
    assert {"var.d", "data.aws_vpc.e"} == module.referred
