"""Removes from the cache of the toolchain what nobody has used for a month: unused.py CACHE.

build/freeze/toolchain touches the mark of each folder that it uses, and holds the cache's lock
while this runs: a folder without a mark is what a build left that was killed.
"""

import re
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path

MARK = ".finished"
_KEPT_S = 30 * 24 * 3600
_STAGE = re.compile(r"[a-z0-9]+-[0-9a-f]{16}")
_TOOLCHAIN = re.compile(r"toolchain-[0-9a-f]{16}")


def main(arguments: Sequence[str]) -> None:
    """The command."""
    [cache] = map(Path, arguments)
    for folder in remove_unused(cache, time.time_ns() / 1e9):
        print(f"ferrox: removed {folder.name}, unfinished or long unused", file=sys.stderr)


def remove_unused(cache: Path, now_s: float) -> list[Path]:
    """Remove stages, and the toolchains beside the cache, which only link to them; say which."""
    named = [
        *(path for path in cache.iterdir() if _STAGE.fullmatch(path.name)),
        *(path for path in cache.parent.iterdir() if _TOOLCHAIN.fullmatch(path.name)),
    ]
    old = [path for path in named if _is_folder(path) and not _is_used(path, now_s)]
    for folder in old:
        shutil.rmtree(folder)
    return old


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _is_used(folder: Path, now_s: float) -> bool:
    try:
        return now_s - (folder / MARK).stat().st_mtime < _KEPT_S
    except FileNotFoundError:
        return False


if __name__ == "__main__":
    main(sys.argv[1:])
