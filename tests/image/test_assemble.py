"""scripts/image with programs that are none, but say for which machine they would be."""

import io
import json
import tarfile
from pathlib import Path

import pytest

from build.image import assemble

AMD64, ARM64 = 62, 183


def elf(path: Path, machine: int) -> Path:
    """A file that begins like a program for this machine."""
    path.write_bytes(b"\x7fELF\x02\x01\x01" + bytes(11) + machine.to_bytes(2, "little") + b"code")
    return path


@pytest.fixture(autouse=True)
def _epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")
    monkeypatch.setenv("FERROX_REVISION", "abc")


def test_the_archive_is_written_and_is_a_function_of_the_program(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program = elf(tmp_path / "ferroxd", AMD64)
    outputs = [tmp_path / "one.tar", tmp_path / "new" / "two.tar"]

    statuses = [
        assemble.main(["--binary", str(program), "--output", str(output)]) for output in outputs
    ]

    assert [0, 0] == statuses
    assert outputs[0].read_bytes() == outputs[1].read_bytes()
    assert "amd64" in capsys.readouterr().out


def test_a_program_for_arm64_makes_it_an_image_for_both(tmp_path: Path) -> None:
    programs = {
        "--binary": elf(tmp_path / "ferroxd", AMD64),
        "--arm64": elf(tmp_path / "ferroxd-arm64", ARM64),
        "--output": tmp_path / "image.tar",
    }

    assert 0 == assemble.main([word for pair in programs.items() for word in map(str, pair)])
    with tarfile.open(fileobj=io.BytesIO((tmp_path / "image.tar").read_bytes())) as tar:
        file = tar.extractfile("index.json")
        assert file is not None
        [top] = json.load(file)["manifests"]
    assert top["mediaType"].endswith("image.index.v1+json")


def test_a_program_for_another_machine_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program, output = elf(tmp_path / "ferroxd", ARM64), tmp_path / "image.tar"

    status = assemble.main(["--binary", str(program), "--output", str(output)])

    assert (1, False) == (status, output.exists())
    assert "is a program for arm64, not for amd64" in capsys.readouterr().err


def test_a_missing_program_is_told_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = assemble.main(["--binary", str(tmp_path / "none"), "--output", str(tmp_path / "i")])

    assert 1 == status
    assert 1 == len(capsys.readouterr().err.splitlines())
