"""The file system of the image."""

import io
import random
import tarfile
from pathlib import Path

import pytest

from build.image import layer
from build.image.layer import Entry

EPOCH_S = 1_790_000_000


def members(tar: bytes) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        return {member.name: member for member in archive}


def test_the_same_entries_make_the_same_bytes_in_any_order() -> None:
    entries = [Entry(f"d/{number}", 0o644, b"x" * number) for number in range(20)]
    shuffled = random.Random(7).sample(entries, len(entries))

    assert layer.pack(entries, EPOCH_S) == layer.pack(shuffled, EPOCH_S)


def test_a_directory_comes_before_what_is_in_it() -> None:
    entries = [Entry("a/b", 0o644, b""), Entry("a-b", 0o644, b""), Entry("a", 0o755)]

    assert ["a", "a/b", "a-b"] == list(members(layer.pack(entries, EPOCH_S)))


def test_nothing_of_the_machine_that_packed_is_left() -> None:
    packed = members(layer.pack([Entry("f", 0o600, b"data", owner=5)], EPOCH_S))["f"]

    assert (5, 5, "", "", EPOCH_S, 0o600, 4) == (
        packed.uid, packed.gid, packed.uname, packed.gname, packed.mtime, packed.mode, packed.size,
    )  # fmt: skip


def test_a_program_of_one_file_is_called_ferroxd_whatever_its_name_was(tmp_path: Path) -> None:
    program = tmp_path / "ferroxd-1.2.3-linux-amd64"
    program.write_bytes(b"program")

    assert [Entry("ferroxd", 0o755, b"program")] == list(layer.program(program))


def test_a_program_of_many_files_is_laid_out_at_the_root(tmp_path: Path) -> None:
    (tmp_path / "_internal").mkdir(mode=0o700)
    (tmp_path / "ferroxd").write_bytes(b"program")
    (tmp_path / "ferroxd").chmod(0o711)
    (tmp_path / "_internal" / "lib.so").write_bytes(b"library")
    (tmp_path / "_internal" / "lib.so").chmod(0o600)
    (tmp_path / "_internal" / "link").symlink_to("lib.so")

    assert {
        Entry("ferroxd", 0o755, b"program"),
        Entry("_internal", 0o755),
        Entry("_internal/lib.so", 0o644, b"library"),
        Entry("_internal/link", 0o777, target="lib.so"),
    } == set(layer.program(tmp_path))


def test_a_folder_without_the_program_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="holds no ferroxd"):
        list(layer.program(tmp_path))


def test_the_user_of_the_image_owns_the_data_and_everybody_may_use_tmp(tmp_path: Path) -> None:
    (tmp_path / "passwd").write_text("root:x:0:0:root:/:/\n")

    packed = members(layer.pack(layer.surroundings(tmp_path, b"certificates"), EPOCH_S))

    assert (layer.USER, layer.USER, 0o700) == (
        packed["data"].uid, packed["data"].gid, packed["data"].mode,
    )  # fmt: skip
    assert (0, 0o1777) == (packed["tmp"].uid, packed["tmp"].mode)
    assert {
        "data", "tmp", "etc", "etc/passwd", "etc/ssl", "etc/ssl/certs", layer.CERTIFICATES,
    } == set(packed)  # fmt: skip
