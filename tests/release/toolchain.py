"""A toolchain's folder with the witnesses that a release reads, and nothing that could compile."""

import json
from pathlib import Path
from typing import Any

DIGESTS = {"alpha": "a" * 64, "pycparser": "0" * 64, "pyinstaller": "b" * 64, "altgraph": "c" * 64}
SOURCE = """\
-----BEGIN PGP SIGNED MESSAGE-----
Format: 3.0 (quilt)
Source: {name}
Version: {version}
Checksums-Sha1:
 0123456789012345678901234567890123456789 100 {name}_1.orig.tar.gz
Checksums-Sha256:
 {digest} 100 {name}_1.orig.tar.gz
 {other} 10 {name}_1.orig.tar.gz.asc
 {other} 20 {name}_1-1.debian.tar.xz
Files:
 01234567890123456789012345678901 100 {name}_1.orig.tar.gz
"""


def make(folder: Path) -> Path:
    """A package inside, one that is left out, one tool of two whose loader stays, a source."""
    packages = folder / "packages"
    libraries, tools = packages / "lib" / "python3.13" / "site-packages", packages / "tools"
    _install(libraries, "alpha", "1.0")
    _install(tools, "pyinstaller", "6.0")
    _install(tools, "altgraph", "0.1")
    _report(
        packages / "serve.json",
        _entry("alpha", "1.0", license="Apache 2.0"),
        _entry("pycparser", "3.12", license="BSD-3-Clause"),
    )
    prose = "GPLv2-or-later with a special exception"
    _report(
        packages / "freeze.json",
        _entry("pyinstaller", "6.0", license=prose),
        _entry("altgraph", "0.1", license="its own"),
    )
    musl = folder / "musl"
    musl.mkdir()
    text = SOURCE.format(name="musl", version="1.2.5-3.1", digest="d" * 64, other="e" * 64)
    (musl / "musl_1.2.5-3.1.dsc").write_text(text)
    (musl / "musl.copyright").write_text("the licence of musl")
    return folder


def _install(packages: Path, name: str, version: str) -> None:
    information = packages / f"{name}-{version}.dist-info"
    (information / "licenses" / "vendor").mkdir(parents=True)
    (information / "licenses" / "LICENSE").write_text(f"the licence of {name}")
    (information / "licenses" / "vendor" / "COPYING").write_text(f"more of {name}")
    (information / "METADATA").write_text("no licence")


def _entry(name: str, version: str, **license_fields: str) -> dict[str, Any]:
    return {
        "metadata": {"name": name, "version": version, **license_fields},
        "download_info": {
            "url": f"https://mirror.invalid/{name}-{version}-cp313-cp313-musllinux_1_2.whl",
            "archive_info": {"hashes": {"sha256": DIGESTS[name]}},
        },
    }


def _report(path: Path, *entries: dict[str, Any]) -> None:
    path.write_text(json.dumps({"install": entries}))
