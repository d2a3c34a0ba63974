"""The signature over the checksums, verified with the command the README gives."""

import subprocess
from pathlib import Path

import pytest

from build.release import signature


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)
    return path


@pytest.fixture
def sums(tmp_path: Path) -> Path:
    folder = tmp_path / "release"
    folder.mkdir()
    path = folder / "SHA256SUMS"
    path.write_text("0123  ferroxd\n")
    return path


def verify(sums: Path) -> int:
    done = subprocess.run(
        [
            "ssh-keygen", "-Y", "verify", "-f", sums.with_name("allowed_signers"),
            "-I", "ferrox", "-n", "file", "-s", sums.with_name("SHA256SUMS.sig"),
        ],
        input=sums.read_bytes(), capture_output=True, check=False,
    )  # fmt: skip
    return done.returncode


def test_what_was_signed_is_verified_and_what_was_changed_is_not(sums: Path, key: Path) -> None:
    made = signature.sign(sums, {"FERROX_SIGNING_KEY_FILE": str(key)})

    assert ["SHA256SUMS.sig", "allowed_signers"] == [path.name for path in made]
    assert 0 == verify(sums)
    sums.write_text("4567  ferroxd\n")
    assert 0 != verify(sums)


def test_a_key_may_be_given_as_text_and_signs_the_same_bytes(sums: Path, key: Path) -> None:
    [first, _] = signature.sign(sums, {"FERROX_SIGNING_KEY_FILE": str(key)})
    by_file = first.read_bytes()

    [second, _] = signature.sign(sums, {"FERROX_SIGNING_KEY": key.read_text()})

    assert by_file == second.read_bytes()


def test_without_a_key_nothing_is_written(sums: Path) -> None:
    assert [] == signature.sign(sums, {})
    assert [sums] == list(sums.parent.iterdir())


def test_a_key_that_is_none_is_told(sums: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="ssh-keygen could not sign"):
        signature.sign(sums, {"FERROX_SIGNING_KEY_FILE": str(tmp_path / "no-key")})
