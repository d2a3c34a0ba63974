"""The command line as an operator sees it: output, exit status, one line for each mistake."""

import subprocess
import sys
from pathlib import Path

import pytest

from ferrox import __version__
from ferrox.cli import serve
from ferrox.cli.main import ASKING, OTHERS, USAGE, main
from ferrox.errors import StartError

ROOT = Path(__file__).parents[2]


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["version"])

    assert (0, f"ferroxd {__version__}\n") == (status, capsys.readouterr().out)


def test_help_names_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["--help"])
    output = capsys.readouterr().out

    assert 0 == status
    assert all(word in output for word in ("serve", "health", "selftest", "version"))


@pytest.mark.parametrize(
    "arguments",
    [
        ["frobnicate"],
        ["serve", "--frobnicate", "1"],
        ["--frobnicate"],
        ["serve", "stray"],
        ["serve", "--bind"],
        ["serve", "--bind", "nowhere"],
        ["serve", "--bind=nowhere"],
        ["serve", "--config", "/does/not/exist.toml"],
        ["serve", "--access-key", "alice"],
        ["health", "ftp://x"],
        ["health", "http://x:99999"],
        ["health", "a", "b"],
        ["selftest", "quickly"],
        ["version", "now"],
    ],
)
def test_a_mistake_is_one_line_and_exit_status_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("FERROX_SECRET_KEY", "MINIO_ROOT_PASSWORD"):
        monkeypatch.delenv(name, raising=False)

    status = main(arguments)
    output = capsys.readouterr()

    assert (2, "", 1) == (status, output.out, output.err.count("\n"))
    assert output.err.startswith("ferroxd: ")


@pytest.mark.parametrize(
    ("command", "guess"),
    [
        ("start", "; do you mean serve?"),
        ("server", "; do you mean serve?"),
        ("users", "; do you mean user?"),
        ("backups", "; do you mean backup?"),
        ("frobnicate", ""),
    ],
)
def test_what_may_have_been_meant_is_said(
    command: str, guess: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main([command])

    assert f"ferroxd: unknown command {command}{guess}; see ferroxd --help\n" == (
        capsys.readouterr().err
    )


def test_every_command_can_be_guessed() -> None:
    named = {line.split()[1 + line.startswith("usage:")] for line in USAGE.splitlines()[1:14]}
    words = {word for name in named for word in name.split("|")}

    assert set() == words - ASKING - OTHERS - {"[serve]"}


@pytest.mark.parametrize("command", ["health", "selftest", "version"])
def test_a_command_without_options_of_its_own_has_its_help_in_the_list_of_all(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status = main([command, "--help"])

    assert (0, True) == (status, f"ferroxd {command}" in capsys.readouterr().out)


def test_options_without_a_command_mean_serve(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []

    def run(arguments: list[str]) -> int:
        seen.append(arguments)
        return 0

    monkeypatch.setattr(serve, "run", run)

    assert [0, 0, 0] == [main(["--bind", "x:1"]), main(["serve", "--bind", "x:1"]), main([])]
    assert [["--bind", "x:1"], ["--bind", "x:1"], []] == seen


def test_an_interrupt_has_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_arguments: list[str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(serve, "run", interrupted)

    assert 130 == main(["serve"])


def test_a_start_error_of_many_lines_becomes_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(_arguments: list[str]) -> int:
        raise StartError("the data directory\n  is in use")

    monkeypatch.setattr(serve, "run", refuse)

    assert 2 == main(["serve"])
    assert "ferroxd: the data directory is in use\n" == capsys.readouterr().err


def test_the_version_is_told_without_loading_the_server() -> None:
    code = (
        "import sys; from ferrox.cli.main import main; status = main(['version']);"
        "heavy = {'aiohttp', 'sqlite3', 'asyncio', 'ssl'} & set(sys.modules);"
        "sys.exit(status or ', '.join(heavy) or 0)"
    )

    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert (0, "") == (run.returncode, run.stderr)


def test_a_frozen_program_does_what_only_that_needs_before_anything_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[str] = []
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr("ferrox.frozen.enter", lambda: seen.append("entered"))

    assert 2 == main(["frobnicate"])
    assert ["entered"] == seen
