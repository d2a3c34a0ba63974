"""scripts/release with a program that only knows its version."""

import hashlib
import io
import json
import platform
import subprocess
import tarfile
from pathlib import Path

import pytest

from build.release import publish
from build.release.components import Component
from ferrox import __version__
from tests.release import toolchain

HERE = "amd64" if platform.machine() == "x86_64" else "arm64"
PROGRAM = f"ferroxd-{__version__}-linux-{HERE}"
ARCHIVE = f"ferroxd-{__version__}-licenses.tar.gz"
BILL = f"ferroxd-{__version__}-sbom.cdx.json"


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")
    monkeypatch.delenv("FERROX_SIGNING_KEY", raising=False)
    monkeypatch.delenv("FERROX_SIGNING_KEY_FILE", raising=False)


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "ferroxd"
    path.write_text(f"#!/bin/sh\necho ferroxd {__version__}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def parts(tmp_path: Path) -> list[Component]:
    folder = tmp_path / "toolchain"
    folder.mkdir()
    return publish.inside(toolchain.make(folder), with_image=False)


def test_a_release_is_whole_and_its_checksums_are_right(
    program: Path, parts: list[Component], tmp_path: Path
) -> None:
    image = tmp_path / "image.tar"
    image.write_bytes(b"image")
    output = tmp_path / "out"

    publish.publish(__version__, {HERE: program}, image, parts, output)

    image_name = f"ferroxd-{__version__}-image.tar"
    expected = {PROGRAM, ARCHIVE, BILL, image_name, "NOTES.md", "SHA256SUMS"}
    assert expected == {path.name for path in output.iterdir()}
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"],
        cwd=output, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (0, len(expected) - 1) == (done.returncode, done.stdout.count(": OK\n"))
    assert 0o755 == (output / PROGRAM).stat().st_mode & 0o777


def test_the_bill_has_the_hash_of_the_program_and_names_every_part(
    program: Path, parts: list[Component], tmp_path: Path
) -> None:
    publish.publish(__version__, {HERE: program}, None, parts, tmp_path / "out")

    bill = json.loads((tmp_path / "out" / BILL).read_bytes())
    [file] = bill["metadata"]["component"]["components"]
    assert hashlib.sha256(program.read_bytes()).hexdigest() == file["hashes"][0]["content"]
    assert {"alpha", "musl", "pyinstaller"} == {part["name"] for part in bill["components"]}


def test_the_licence_archive_has_the_texts_of_every_part(
    program: Path, parts: list[Component], tmp_path: Path
) -> None:
    publish.publish(__version__, {HERE: program}, None, parts, tmp_path / "out")

    with tarfile.open(fileobj=io.BytesIO((tmp_path / "out" / ARCHIVE).read_bytes())) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {
        "LICENSE", "README", "alpha-1.0/LICENSE", "alpha-1.0/vendor/COPYING",
        "musl-1.2.5/copyright", "pyinstaller-6.0/LICENSE", "pyinstaller-6.0/vendor/COPYING",
    } == names  # fmt: skip


def test_the_same_release_is_the_same_bytes(
    program: Path, parts: list[Component], tmp_path: Path
) -> None:
    outputs = [tmp_path / "one", tmp_path / "two"]

    for output in outputs:
        publish.publish(__version__, {HERE: program}, None, parts, output)

    first, second = (
        {path.name: path.read_bytes() for path in output.iterdir()} for output in outputs
    )
    assert first == second


def test_another_version_than_that_of_the_source_is_refused(
    program: Path, parts: list[Component], tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match="the source is version"):
        publish.publish("99.0", {HERE: program}, None, parts, tmp_path / "out")


def test_a_program_of_another_version_is_refused(
    program: Path, parts: list[Component], tmp_path: Path
) -> None:
    program.write_text("#!/bin/sh\necho ferroxd 0.0.1\n")

    with pytest.raises(ValueError, match=r"says 'ferroxd 0\.0\.1' of itself"):
        publish.publish(__version__, {HERE: program}, None, parts, tmp_path / "out")


def test_the_notes_tell_what_was_run_and_what_was_not() -> None:
    text = publish.notes(__version__, ["amd64", "arm64"], ["amd64"])

    assert "- linux-amd64: built, and run where it was released." in text
    assert "- linux-arm64: cross-built and never run" in text
    assert "- linux-arm64: not in this release" in publish.notes(__version__, ["amd64"], [])
    of_image = publish.notes(__version__, ["amd64"], [], ["arm64"])
    assert "- linux-arm64: in the image and nowhere else, and no test has run it." in of_image
    assert "The server `ferroxd`" in text


def test_the_command_says_what_it_made_and_that_it_is_not_signed(
    program: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "toolchain"
    folder.mkdir()
    toolchain.make(folder)
    option = "--binary" if HERE == "amd64" else "--arm64"

    status = publish.main(
        [__version__, option, str(program), "--toolchain", str(folder),
         "--output", str(tmp_path / "out")]
    )  # fmt: skip

    said = capsys.readouterr().out
    assert 0 == status
    assert PROGRAM in said
    assert "Not signed" in said
