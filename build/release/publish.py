"""`scripts/release`: everything that is published of one version, in one folder.

The programs under their published names, the container image, the bill of materials, the licence
texts, notes that say honestly what was run where, SHA256SUMS over all of it, and a signature over
that when there is a key. The folder is a function of its input and of SOURCE_DATE_EPOCH.
"""

import argparse
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import certifi

from build.image.archive import gzipped
from build.image.layer import Entry, pack
from build.release import bom, components, signature
from build.release.components import Component
from ferrox import __version__

ROOT = Path(__file__).parents[2]
MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the folder, name every file in it."""
    options = _parser().parse_args(arguments)
    programs = {"amd64": options.binary, "arm64": options.arm64}
    try:
        files = publish(
            options.version,
            {name: path for name, path in programs.items() if path},
            options.image,
            inside(options.toolchain, with_image=bool(options.image)),
            options.output or ROOT / "dist" / f"release-{options.version}",
            in_image=("arm64",) if options.arm64_in_image else (),
        )
    except (OSError, ValueError, KeyError) as error:
        print(f"scripts/release: {error}", file=sys.stderr)
        return 1
    for path in files:
        print(f"{path.stat().st_size:12,}  {path}")
    if not any(path.suffix == ".sig" for path in files):
        print(
            "Not signed: neither FERROX_SIGNING_KEY_FILE nor FERROX_SIGNING_KEY is set. "
            "ssh-keygen -t ed25519 makes a key."
        )
    return 0


def inside(toolchain: Path, *, with_image: bool) -> list[Component]:
    """Every part of what is released that somebody else wrote."""
    packages = toolchain / "packages"
    [libraries] = packages.glob("lib/python3*/site-packages")
    parts = [
        *components.installed(packages / "serve.json", libraries),
        *components.frozen_tools(packages / "freeze.json", packages / "tools"),
        *components.sources(toolchain),
    ]
    return [*parts, components.certificates(Path(certifi.where()))] if with_image else parts


def publish(
    version: str,
    programs: Mapping[str, Path],
    image: Path | None,
    parts: Sequence[Component],
    output: Path,
    *,
    in_image: Sequence[str] = (),
) -> list[Path]:
    """Fill the folder, which is made anew, and return its files.

    in_image  architectures that the image has, and no program
    """
    if version != __version__:
        raise ValueError(f"the source is version {__version__}, not {version}")
    if not programs:
        raise ValueError("nothing to release: give a program with --binary or --arm64")
    epoch_s = int(os.environ["SOURCE_DATE_EPOCH"])
    released = {f"ferroxd-{version}-linux-{name}": path for name, path in programs.items()}
    contents = {name: path.read_bytes() for name, path in released.items()}
    run_here = [name for name, path in programs.items() if _proves_its_version(name, path, version)]
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in contents.items()}
    contents |= {
        f"ferroxd-{version}-sbom.cdx.json": bom.document(version, digests, parts, epoch_s),
        f"ferroxd-{version}-licenses.tar.gz": licenses(version, parts, epoch_s),
        "NOTES.md": notes(version, list(programs), run_here, in_image).encode(),
    }
    if image:
        contents[f"ferroxd-{version}-image.tar"] = image.read_bytes()
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True)
    for name, data in contents.items():
        (output / name).write_bytes(data)
        (output / name).chmod(0o755 if name in released else 0o644)
    sums = output / "SHA256SUMS"
    sums.write_bytes(checksums(contents))
    return [*sorted(output / name for name in contents), sums, *signature.sign(sums, os.environ)]


def checksums(contents: Mapping[str, bytes]) -> bytes:
    """What `sha256sum --check` reads."""
    lines = [f"{hashlib.sha256(contents[name]).hexdigest()}  {name}\n" for name in sorted(contents)]
    return "".join(lines).encode()


def licenses(version: str, parts: Sequence[Component], epoch_s: int) -> bytes:
    """The archive of the licence texts, with a list of them at its top."""
    top = f"ferroxd-{version}-licenses"
    entries = [Entry(f"{top}/LICENSE", 0o644, (ROOT / "LICENSE").read_bytes())]
    lines = [
        "What ferroxd is made of. The Apache-2.0 text is in LICENSE.",
        "",
        "ferroxd Apache-2.0",
    ]
    for part in sorted(parts, key=lambda part: part.purl):
        folder = f"{part.name}-{part.version}"
        lines.append(f"{part.name} {part.version} {part.license}")
        entries += [
            Entry(f"{top}/{folder}/{name}", 0o644, text) for name, text in part.texts.items()
        ]
    entries.append(Entry(f"{top}/README", 0o644, ("\n".join(lines) + "\n").encode()))
    return gzipped(pack(entries, epoch_s))


def notes(
    version: str,
    architectures: Sequence[str],
    run_here: Sequence[str],
    in_image: Sequence[str] = (),
) -> str:
    """What changed, for which machines there is a file, and which of them was run."""
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    found = re.search(
        rf"^## \[{re.escape(version)}\].*?\n(.*?)(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL
    )
    if not found:
        raise ValueError(f"CHANGELOG.md says nothing of {version}")
    lines = [f"# ferroxd {version}", "", found[1].strip(), "", "## Files", ""]
    for name in MACHINES:
        if name in in_image:
            state = "in the image and nowhere else, and no test has run it"
        elif name not in architectures:
            state = "not in this release: no program was built for it"
        elif name in run_here:
            state = "built, and run where it was released"
        else:
            state = "cross-built and never run by the release script: treat it as untested"
        lines.append(f"- linux-{name}: {state}.")
    lines += ["- macOS, Windows: no frozen program; `pip install` of the source works.", ""]
    return "\n".join(lines)


def _proves_its_version(architecture: str, path: Path, version: str) -> bool:
    """Run the program if this machine can; False when it cannot, ValueError when it lies."""
    if platform.machine() != MACHINES[architecture]:
        return False
    done = subprocess.run(
        [path.resolve(), "version"], capture_output=True, text=True, timeout=60, check=False
    )
    if done.stdout.split() != ["ferroxd", version]:
        raise ValueError(f"{path} says {done.stdout.strip() or done.stderr.strip()!r} of itself")
    return True


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/release", description=__doc__)
    parser.add_argument("version", metavar="VERSION")
    parser.add_argument("--binary", metavar="FILE", type=Path)
    parser.add_argument("--arm64", metavar="FILE", type=Path)
    parser.add_argument("--arm64-in-image", action="store_true")
    parser.add_argument("--image", metavar="FILE", type=Path)
    parser.add_argument("--toolchain", metavar="DIR", type=Path, required=True)
    parser.add_argument("--output", metavar="DIR", type=Path)
    return parser


if __name__ == "__main__":
    sys.exit(main())
