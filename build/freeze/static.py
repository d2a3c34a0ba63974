"""Turns PyInstaller's one file into a static one with staticx: static.py PROGRAM OUTPUT.

Only what makes the outcome the same every time is added here: staticx puts the owner, the mode and
the time of its temporary copies into the archive.
"""

import os
import sys
import tarfile

from staticx import api, archive


class _ReproducibleTar(tarfile.TarFile):
    def addfile(self, tarinfo: tarfile.TarInfo, fileobj=None) -> None:  # type: ignore[no-untyped-def] # as inherited
        tarinfo.uid = tarinfo.gid = 0
        tarinfo.uname = tarinfo.gname = ""
        tarinfo.mode = 0o755
        tarinfo.mtime = int(os.environ["SOURCE_DATE_EPOCH"])
        super().addfile(tarinfo, fileobj)


def main() -> None:
    """Wrap a program with its loader."""
    program, output = sys.argv[1:]
    archive.tarfile.open = _ReproducibleTar.open
    # Nearly all of it is compressed: doing so again saves 5 % and doubles the time of a start.
    api.generate(program, output, compress=False)


if __name__ == "__main__":
    main()
