"""`scripts/image`: the container image as an OCI archive, made without any engine.

The program is a ready file or folder, frozen by scripts/freeze. The archive is a function of the
program, of this repository and of SOURCE_DATE_EPOCH.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import certifi

from build.image import archive, dockerfile, layer
from ferrox import __version__

ROOT = Path(__file__).parents[2]
ELF_MACHINES = {62: "amd64", 183: "arm64"}  # e_machine: EM_X86_64, EM_AARCH64


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the archive, say what is in it."""
    options = _parser().parse_args(arguments)
    programs = {"amd64": options.binary, "arm64": options.arm64}
    try:
        data = assemble(
            {name: path for name, path in programs.items() if path},
            certificates=Path(options.certificates).read_bytes(),
            revision=os.environ.get("FERROX_REVISION", ""),
            epoch_s=int(os.environ["SOURCE_DATE_EPOCH"]),
        )
    except (OSError, ValueError) as error:
        print(f"scripts/image: {error}", file=sys.stderr)
        return 1
    output = Path(options.output)
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_bytes(data)
    print(f"{output}: {len(data):,} bytes, {' and '.join(n for n in programs if programs[n])}")
    return 0


def assemble(
    programs: dict[str, Path], *, certificates: bytes, revision: str, epoch_s: int
) -> bytes:
    """The archive of an image for each architecture that a program is given for."""
    config = dockerfile.configuration(
        (ROOT / "Dockerfile.scratch").read_text("utf-8"),
        {"VERSION": __version__, "REVISION": revision},
    )
    surroundings = list(layer.surroundings(ROOT / "build" / "image" / "etc", certificates))
    images = []
    for architecture, path in programs.items():
        _require_architecture(path, architecture)
        content = layer.pack([*surroundings, *layer.program(path)], epoch_s)
        images.append(archive.Image(architecture, [content], config))
    return archive.archive(images, f"ferroxd:{__version__}", epoch_s)


def _require_architecture(path: Path, wanted: str) -> None:
    """A program of another machine would only be noticed by whoever runs the image."""
    with (path / "ferroxd" if path.is_dir() else path).open("rb") as file:
        head = file.read(20)
    machine = int.from_bytes(head[18:20], "little")
    found = ELF_MACHINES.get(machine) if head[:4] == b"\x7fELF" else None
    if found != wanted:
        raise ValueError(f"{path} is a program for {found or 'no known machine'}, not for {wanted}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/image", description=__doc__)
    parser.add_argument(
        "--binary", metavar="PATH", type=Path, default=ROOT / "dist" / "ferroxd-folder",
        help="the program for amd64, file or folder (default: dist/ferroxd-folder)",
    )  # fmt: skip
    parser.add_argument(
        "--arm64", metavar="PATH", type=Path, help="the same for arm64, if there is one"
    )
    parser.add_argument(
        "--output", metavar="FILE", default=ROOT / "dist" / "ferroxd-image.tar",
        help="where the archive goes (default: dist/ferroxd-image.tar)",
    )  # fmt: skip
    parser.add_argument(
        "--certificates", metavar="FILE", default=certifi.where(),
        help="the CA certificates (default: those of the pinned certifi package)",
    )  # fmt: skip
    return parser


if __name__ == "__main__":
    sys.exit(main())
