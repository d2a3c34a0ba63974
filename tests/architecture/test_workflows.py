"""What runs on GitHub is what runs here: steps are scripts of this repository, and may do little.

https://docs.github.com/en/actions/reference/security/secure-use
"""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from build.bench import options
from tests.architecture.source import ROOT, name_of
from tests.fuzz import table

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
REQUIREMENTS = {path.stem for path in (ROOT / "build" / "requirements").glob("*.txt")}
PINNED = re.compile(r"[a-z0-9-]+/[a-z0-9-]+@[0-9a-f]{40}").fullmatch
WRITES = {
    "docs.yml": {"publish": {"pages", "id-token"}},
    "release.yml": {"publish": {"contents", "packages", "id-token", "attestations"}},
}
"""Who may write what; everybody else may read the source and nothing besides."""

ARGUMENTS = {
    "audit": [rf"(?:{'|'.join(map(re.escape, sorted(REQUIREMENTS)))})"],
    "check": [],
    "freeze": ["--report", "--container"],
    "fuzz": [r"[0-9]+|\$SECONDS_IN_ALL", rf"(?:{'|'.join(table.NAMES)})"],
    "publish": [r"\$\{GITHUB_REF_NAME#v\}", "release", "--image", r"ghcr\.io/\$\{GITHUB_.*\}"],
    "release": [r"\$\{GITHUB_REF_NAME#v\}", "--arm64|--output", r"(?:arm64|dist)/[a-z.-]+"],
    "site": [],
    "test": [r"tests/[a-z_/.]+"],
}
"""What each script may be told: patterns of its arguments."""


def document(path: Path) -> dict[Any, Any]:
    found = yaml.safe_load(path.read_text("utf-8"))
    assert isinstance(found, dict)
    return found


def jobs(path: Path) -> dict[str, dict[str, Any]]:
    return dict(document(path)["jobs"])


def steps(path: Path) -> Iterator[dict[str, Any]]:
    for job in jobs(path).values():
        yield from job["steps"]


BY_NAME = pytest.mark.parametrize("path", WORKFLOWS, ids=name_of)


def test_the_workflows_are_those_that_were_meant() -> None:
    names = [path.name for path in WORKFLOWS]

    assert ["checks.yml", "docs.yml", "fuzz.yml", "release.yml"] == names


@BY_NAME
def test_a_step_is_an_action_or_one_script_of_this_repository(path: Path) -> None:
    for step in steps(path):
        assert ("run" in step) != ("uses" in step)
        if "run" not in step:
            continue
        script, *arguments = shlex.split(step["run"])
        folder, _, name = script.partition("/")
        assert ("scripts", True) == (folder, (ROOT / script).exists())
        for argument in arguments if name != "bench" else []:  # what it is told is read below
            assert any(re.fullmatch(form, argument) for form in ARGUMENTS[name]), argument
        tests = [ROOT / argument for argument in arguments if argument.startswith("tests/")]
        assert [] == [one for one in tests if not one.exists()]


@BY_NAME
def test_what_is_measured_can_be_measured(path: Path) -> None:
    commands = [shlex.split(step["run"]) for step in steps(path) if "run" in step]
    asked = [options.parse(rest) for script, *rest in commands if script == "scripts/bench"]

    assert [[kind.name for kind in options.kinds(one)] for one in asked] == (
        [["baseline", "ferrox"]] if path.name == "checks.yml" else []
    )


@BY_NAME
def test_actions_are_pinned_by_commit_and_say_their_version(path: Path) -> None:
    lines = [line for line in path.read_text("utf-8").splitlines() if "uses:" in line]

    assert len(lines) == sum("uses" in step for step in steps(path))
    assert [] == [line for line in lines if not re.search(r"@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line)]
    assert [] == [s["uses"] for s in steps(path) if "uses" in s and not PINNED(s["uses"])]


def test_an_action_has_one_version_everywhere() -> None:
    used = {step["uses"] for path in WORKFLOWS for step in steps(path) if "uses" in step}

    assert len({name.partition("@")[0] for name in used}) == len(used)


@BY_NAME
def test_a_workflow_may_read_and_few_jobs_may_more(path: Path) -> None:
    writing = {
        name: {scope for scope, level in job["permissions"].items() if level == "write"}
        for name, job in jobs(path).items()
        if "permissions" in job
    }

    assert {"contents": "read"} == document(path)["permissions"]
    assert WRITES.get(path.name, {}) == writing


@BY_NAME
def test_jobs_end_and_do_not_run_twice_at_once(path: Path) -> None:
    without_end = [name for name, job in jobs(path).items() if "timeout-minutes" not in job]

    assert {"group", "cancel-in-progress"} == document(path)["concurrency"].keys()
    assert [] == without_end


@BY_NAME
def test_what_strangers_send_runs_without_secrets(path: Path) -> None:
    text = path.read_text("utf-8")
    triggers = document(path)[True]  # YAML takes the word "on" for a truth value

    assert not {"pull_request_target", "workflow_run", "issue_comment"} & set(triggers)
    assert "pull_request" not in triggers or "secrets." not in text
    checkouts = [s for s in steps(path) if s.get("uses", "").startswith("actions/checkout@")]
    assert [] == [s for s in checkouts if s["with"].get("persist-credentials") is not False]


@BY_NAME
def test_nothing_that_others_may_choose_becomes_part_of_a_command(path: Path) -> None:
    assert [] == [step["run"] for step in steps(path) if "${{" in step.get("run", "")]


def test_the_tests_run_on_every_version_of_python_that_is_supported() -> None:
    matrix = jobs(ROOT / ".github" / "workflows" / "checks.yml")["tests"]["strategy"]["matrix"]

    assert ["3.11", "3.12", "3.13", "3.14"] == matrix["python"]


def test_what_a_step_takes_from_a_file_is_there() -> None:
    inputs = [step.get("with", {}) for path in WORKFLOWS for step in steps(path)]
    files = {value for one in inputs for name, value in one.items() if name.endswith("-file")}

    assert files
    assert set() == {name for name in files if not (ROOT / name).exists()}


def test_dependabot_looks_where_there_is_something() -> None:
    found = document(ROOT / ".github" / "dependabot.yml")
    places = {
        "github-actions": ".github/workflows",
        "docker": "Dockerfile.scratch",
        "npm": "package-lock.json",
        "gomod": "go.mod",
        "pip": "serve.txt",
    }

    missing = [
        entry
        for entry in found["updates"]
        if not (ROOT / entry["directory"].strip("/") / places[entry["package-ecosystem"]]).exists()
    ]

    assert 2 == found["version"]
    assert [] == missing


FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))


def test_issues_have_forms_and_weaknesses_another_place() -> None:
    assert ["bug.yml", "config.yml", "feature.yml"] == [path.name for path in FORMS]
    config = document(ROOT / ".github" / "ISSUE_TEMPLATE" / "config.yml")
    assert config["blank_issues_enabled"] is False
    assert any("security" in link["url"] for link in config["contact_links"])
    bug = (ROOT / ".github" / "ISSUE_TEMPLATE" / "bug.yml").read_text("utf-8")
    assert [] == [w for w in ("ferroxd version", "ferroxd explain", "request id") if w not in bug]


@pytest.mark.parametrize("path", [one for one in FORMS if one.name != "config.yml"], ids=name_of)
def test_a_form_has_what_github_wants_of_one(path: Path) -> None:
    form = document(path)
    ids = [part["id"] for part in form["body"] if "id" in part]

    assert {"name", "description", "labels", "body"} == form.keys()
    assert len(ids) == len(set(ids))
    for part in form["body"]:
        assert part["type"] in {"checkboxes", "dropdown", "input", "markdown", "textarea"}
        assert "label" in part["attributes"] or part["type"] == "markdown"
