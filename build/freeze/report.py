"""Prints what the frozen program consists of, by size: report.py ONE_FILE STATIC_FILE."""

import os
import sys
from collections import defaultdict
from pathlib import PurePath

from PyInstaller.archive.readers import CArchiveReader


def main() -> None:
    """One line per component, the largest first; sizes as they stand in the file."""
    one_file, static_file = sys.argv[1:]
    archive = CArchiveReader(one_file)
    packed: dict[str, int] = defaultdict(int)
    unpacked: dict[str, int] = defaultdict(int)

    def count(component: str, packed_bytes: int, unpacked_bytes: int) -> None:
        packed[component] += packed_bytes
        unpacked[component] += unpacked_bytes

    for name, (_, packed_bytes, unpacked_bytes, _, kind) in archive.toc.items():
        if kind == "z":
            modules = archive.open_embedded_archive(name)
            for module, (_, _, module_bytes) in modules.toc.items():
                count(f"{_component(module)} (Python)", module_bytes, 0)
        else:
            count(_component(name.replace("/", ".")), packed_bytes, unpacked_bytes)
    total = os.path.getsize(one_file)
    count("launcher and tables", total - sum(packed.values()), 0)
    count("static launcher and loader", os.path.getsize(static_file) - total, 0)
    for component in sorted(packed, key=packed.__getitem__, reverse=True):
        print(f"{packed[component]:>10,} {unpacked[component]:>12,}  {component}")
    print(f"{os.path.getsize(static_file):>10,} {sum(unpacked.values()):>12,}  all")


def _component(name: str) -> str:
    head = PurePath(name.split(".", maxsplit=1)[0]).name
    return "standard library" if head in sys.stdlib_module_names else head


if __name__ == "__main__":
    main()
