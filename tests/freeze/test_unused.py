"""Of the cache of the toolchain goes what nobody has used for a month, and nothing else."""

import os
from pathlib import Path

import pytest

from build.freeze import unused

NOW_S = 1_790_000_000
DAY_S = 24 * 3600
KEY = "0123456789abcdef"


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    made = tmp_path / "freeze"
    made.mkdir()
    return made


def make(folder: Path, days: float | None) -> Path:
    """A folder that was used so many days ago; None for one that was never finished."""
    (folder / "lib").mkdir(parents=True)
    (folder / "lib" / "libc.so").write_bytes(b"ELF")
    if days is not None:
        mark = folder / unused.MARK
        mark.touch()
        os.utime(mark, (NOW_S - days * DAY_S,) * 2)
    return folder


@pytest.mark.parametrize(("days", "is_left"), [(0, True), (29, True), (31, False), (None, False)])
def test_a_stage_stays_for_a_month_after_its_last_use(
    cache: Path, days: float | None, is_left: bool
) -> None:
    stage = make(cache / f"python-{KEY}", days)

    removed = unused.remove_unused(cache, NOW_S)

    assert is_left == stage.exists()
    assert ([] if is_left else [stage]) == removed


@pytest.mark.parametrize(("days", "is_left"), [(0, True), (31, False), (None, False)])
def test_a_toolchain_goes_as_its_stages_do_and_takes_none_with_it(
    cache: Path, days: float | None, is_left: bool
) -> None:
    stage = make(cache / f"musl-{KEY}", 1)
    toolchain = make(cache.parent / f"toolchain-{KEY}", days)
    (toolchain / "musl").symlink_to(stage)

    unused.remove_unused(cache, NOW_S)

    assert is_left == toolchain.exists()
    assert (stage / "lib" / "libc.so").exists()


def test_what_is_no_folder_of_the_toolchain_stays(cache: Path) -> None:
    strangers = [
        make(cache / "log", None),
        make(cache / "my-notes", 100),
        make(cache / f"Python-{KEY}", 100),
        make(cache.parent / f"python-{KEY}", 100),
        make(cache.parent / "toolchain-of-mine", 100),
    ]
    (cache / f"link-{KEY}").symlink_to(strangers[0])
    (cache / f"file-{KEY}").touch()

    assert [] == unused.remove_unused(cache, NOW_S)
    assert all((folder / "lib" / "libc.so").exists() for folder in strangers)
    assert (cache / f"link-{KEY}").is_symlink()
    assert (cache / f"file-{KEY}").exists()


def test_the_command_takes_its_time_from_the_clock(
    cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = make(cache / f"python-{KEY}", 1), cache / f"zlib-{KEY}"
    os.utime(old / unused.MARK, (0, 0))
    (make(new, None) / unused.MARK).touch()

    unused.main([str(cache)])

    assert [new] == list(cache.iterdir())
    assert f"ferrox: removed python-{KEY}, unfinished or long unused\n" == capsys.readouterr().err
