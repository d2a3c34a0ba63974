"""scripts/publish with a skopeo and a gh that only note what they are asked."""

import os
import subprocess
from pathlib import Path

import pytest

from build.release import publish, signature
from tests.architecture.source import ROOT

VERSION = "1.2.3"
NOTE = """#!/bin/sh
echo "${0##*/} $*" >>"$ASKED"
[ "$1" != copy ] || [ "$3" != --digestfile ] || printf sha256:0123 >"$4"
[ "$1" != login ] || cat >>"$ASKED"
"""


@pytest.fixture
def released(tmp_path: Path) -> Path:
    folder = tmp_path / "release"
    folder.mkdir()
    contents = {f"ferroxd-{VERSION}-image.tar": b"image", "NOTES.md": b"# notes"}
    for name, data in contents.items():
        (folder / name).write_bytes(data)
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    (folder / "SHA256SUMS").write_bytes(publish.checksums(contents))
    signature.sign(folder / "SHA256SUMS", {"FERROX_SIGNING_KEY_FILE": str(key)})
    return folder


def published(folder: Path, *arguments: str) -> tuple[int, list[str], str]:
    """Exit status, what was asked of the programs, and what the steps after it are told."""
    programs = folder.parent / "bin"
    programs.mkdir()
    for name in ("skopeo", "gh"):
        (programs / name).write_text(NOTE)
        (programs / name).chmod(0o755)
    asked, output = folder.parent / "asked", folder.parent / "output"
    asked.touch()
    output.touch()
    done = subprocess.run(
        [ROOT / "scripts" / "publish", VERSION, folder, *arguments],
        env={
            "PATH": f"{programs}:{os.environ['PATH']}", "HOME": str(folder.parent),
            "ASKED": str(asked), "GITHUB_OUTPUT": str(output), "GH_TOKEN": "hidden ",
        },
        capture_output=True, check=False,
    )  # fmt: skip
    return done.returncode, asked.read_text().splitlines(), output.read_text()


def test_an_image_is_pushed_under_its_version_and_a_release_has_every_file(released: Path) -> None:
    status, asked, told = published(released, "--image", "ghcr.io/somebody/ferrox")

    archive = f"oci-archive:ferroxd-{VERSION}-image.tar docker://ghcr.io/somebody/ferrox"
    assert 0 == status
    assert [
        "skopeo login --username token --password-stdin ghcr.io",
        f"hidden skopeo copy --all --digestfile digest {archive}:{VERSION}",
        f"skopeo copy --all {archive}:latest",
        f"gh release create v{VERSION} --verify-tag --title ferroxd {VERSION} --notes-file NOTES.md"
        f" SHA256SUMS SHA256SUMS.sig allowed_signers NOTES.md ferroxd-{VERSION}-image.tar",
    ] == asked
    assert "image=ghcr.io/somebody/ferrox\ndigest=sha256:0123\n" == told


def test_without_the_name_of_an_image_none_is_pushed(released: Path) -> None:
    status, asked, _ = published(released)

    assert (0, 1) == (status, len(asked))


@pytest.mark.parametrize("name", [f"ferroxd-{VERSION}-image.tar", "SHA256SUMS", "SHA256SUMS.sig"])
def test_what_is_not_as_it_was_signed_is_not_published(released: Path, name: str) -> None:
    (released / name).write_bytes((released / name).read_bytes()[:-2] + b"x")

    status, asked, _ = published(released, "--image", "ghcr.io/somebody/ferrox")

    assert (True, []) == (status != 0, asked)


def test_what_is_not_signed_is_not_published(released: Path) -> None:
    (released / "SHA256SUMS.sig").unlink()

    status, asked, _ = published(released)

    assert (1, []) == (status, asked)
