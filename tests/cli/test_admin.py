"""cli/admin.py: an authority and what it issues, never over something that is there."""

import stat
from pathlib import Path

import pytest
from asn1crypto import pem, x509

from ferrox.cli.main import main

NAMES = ("admin", "ca", "read-only", "server")


def certificate(path: Path) -> x509.Certificate:
    return x509.Certificate.load(pem.unarmor(path.read_bytes())[2])


def test_an_authority_issues_what_a_start_needs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "new" / "pki"

    status = main(["admin", "init-pki", "--names", "s3.example.com, 10.0.0.1", str(folder)])

    told = capsys.readouterr().out
    files = sorted(path.name for path in folder.iterdir())
    modes = {stat.S_IMODE(path.stat().st_mode) for path in folder.glob("*.key")}
    units = [certificate(folder / f"{name}.crt").subject.native for name in NAMES]
    assert 0 == status
    assert [f"{name}.{kind}" for name in NAMES for kind in ("crt", "key")] == files
    assert {0o600} == modes
    assert ["admin", None, "read-only", None] == [
        unit.get("organizational_unit_name") for unit in units
    ]
    server = certificate(folder / "server.crt")
    assert ["s3.example.com", "10.0.0.1"] == server.subject_alt_name_value.native
    assert f"--admin-client-ca {folder}/ca.crt" in told
    assert "--admin-url https://s3.example.com:9444" in told


def test_without_names_it_is_this_machine(tmp_path: Path) -> None:
    assert 0 == main(["admin", "init-pki", str(tmp_path / "pki")])

    names = certificate(tmp_path / "pki" / "server.crt").subject_alt_name_value.native
    assert {"localhost", "127.0.0.1", "::1"} <= set(names)


@pytest.mark.parametrize("name", ["server.key", "read-only.crt", "ca.key"])
def test_what_is_there_is_never_overwritten(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_text("mine")

    status = main(["admin", "init-pki", str(tmp_path)])

    assert 2 == status
    assert f"{name} is there already; nothing was made" in capsys.readouterr().err
    assert {name: "mine"} == {path.name: path.read_text() for path in tmp_path.iterdir()}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["init-pki"], "usage: ferroxd admin init-pki"),
        (["make-pki", "x"], "usage: ferroxd admin init-pki"),
        (["init-pki", "a", "b"], "usage: ferroxd admin init-pki"),
        (["init-pki", "a", "--days", "1"], "unknown option --days"),
        (["init-pki", "a", "--names"], "option --names needs a value"),
        (["init-pki", "a", "--names", "not a name"], "is neither a host name nor an IP address"),
    ],
)
def test_what_is_not_understood_is_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)

    status = main(["admin", *arguments])

    assert 2 == status
    assert words in capsys.readouterr().err
    assert [] == list(tmp_path.iterdir())


def test_a_place_that_cannot_be_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")

    status = main(["admin", "init-pki", str(tmp_path / "file" / "pki")])

    assert 2 == status
    assert "Not a directory" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["--help"], ["init-pki", "-h"]])
def test_help(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == main(["admin", *arguments])
    assert "usage: ferroxd admin init-pki" in capsys.readouterr().out
