"""What is inside the frozen program: name, version, licence, hash and licence texts of each part.

Two kinds of witnesses are read, both left by build/freeze/toolchain: the reports of pip, which name
each file that was installed and its hash; and Debian's descriptions of the source packages that
musl, CPython and its libraries were built from. Nothing is guessed: what has no licence or no text
stops the release.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, unquote, urlsplit

FROZEN_TOOLS = ("pyinstaller", "staticx")
"""What remains of the freezing environment in the program: two boot loaders."""

LEFT_OUT = ("pycparser",)
"""What pip installs because others ask for it, and build/freeze/ferroxd.spec excludes."""

SOURCE_LICENSES = {
    "libffi": "MIT",
    "musl": "MIT",
    "openssl": "Apache-2.0",
    "python3.13": "Python-2.0.1",
    "sqlite3": "blessing",
    "zlib": "Zlib",
}
"""The licences of the sources by their SPDX names; Debian's own names for them are others."""

SPDX = {
    "Apache 2.0": "Apache-2.0",
    "Apache 2": "Apache-2.0",
    "Apache-2.0": "Apache-2.0",
    "BSD-3-Clause": "BSD-3-Clause",
    "MIT": "MIT",
    "MIT License": "MIT OR Apache-2.0",  # uvloop says so and brings both texts
    "PSF-2.0": "PSF-2.0",
}
"""What older packages write in their free-text licence field."""

PROSE_LICENSES = {
    "hyperframe": "MIT",
    "pyinstaller": "GPL-2.0-or-later WITH Bootloader-exception",
    "staticx": "GPL-2.0-or-later WITH Bootloader-exception",
}
"""Where the licence field is prose: its meaning, confirmed by the texts that are shipped."""


class Component(NamedTuple):
    """One part of the program."""

    name: str
    version: str
    purl: str
    license: str
    sha256: str
    texts: dict[str, bytes]


def installed(
    report: Path, packages: Path, wanted: Callable[[str], bool] = lambda name: name not in LEFT_OUT
) -> Iterator[Component]:
    """The Python packages that pip reported, with the texts they brought to site-packages."""
    for entry in json.loads(report.read_text("utf-8"))["install"]:
        metadata, download = entry["metadata"], entry["download_info"]
        name, version = str(metadata["name"]), str(metadata["version"])
        if not wanted(_normal(name)):
            continue
        file_name = unquote(urlsplit(download["url"]).path).rpartition("/")[2]
        yield Component(
            name,
            version,
            f"pkg:pypi/{_normal(name)}@{quote(version)}?file_name={quote(file_name)}",
            license_of(metadata),
            str(download["archive_info"]["hashes"]["sha256"]),
            _texts(packages, name, version),
        )


def frozen_tools(report: Path, packages: Path) -> Iterator[Component]:
    """The boot loaders among the packages of the freezing environment."""
    return installed(report, packages, FROZEN_TOOLS.__contains__)


def certificates(bundle: Path) -> Component:
    """The CA certificates in the image: Mozilla's, as the package certifi brings them."""
    [folder] = bundle.parents[1].glob("certifi-*.dist-info")
    version = folder.name.removeprefix("certifi-").removesuffix(".dist-info")
    return Component(
        "certifi",
        version,
        f"pkg:pypi/certifi@{version}#certifi/cacert.pem",
        "MPL-2.0",
        hashlib.sha256(bundle.read_bytes()).hexdigest(),
        _texts(bundle.parents[1], "certifi", version),
    )


def sources(toolchain: Path) -> Iterator[Component]:
    """The source packages of Debian that the stages of the toolchain were built from."""
    for path in sorted(toolchain.glob("*/*.dsc")):
        text = path.read_text("utf-8")
        name, version = _field(text, "Source"), _field(text, "Version")
        yield Component(
            name,
            upstream(version),
            f"pkg:deb/debian/{name}@{quote(version)}?arch=source",
            SOURCE_LICENSES[name],
            _original(text),
            {"copyright": path.with_name(f"{name}.copyright").read_bytes()},
        )


def upstream(version: str) -> str:
    """The authors' version in a version of Debian: no epoch, no revision, no repacking mark."""
    bare = version.partition(":")[2] or version
    bare = bare.rpartition("-")[0] or bare
    bare = bare.rpartition("+really")[2]
    return re.split(r"[+~]|\.dfsg", bare)[0]


def _field(text: str, name: str) -> str:
    found = re.search(rf"^{name}: (.+)$", text, re.MULTILINE)
    if not found:
        raise ValueError(f"a source package without the field {name}")
    return found[1].strip()


def _original(text: str) -> str:
    """The SHA-256 of the authors' archive, as Debian signed it."""
    [part] = re.findall(r"^Checksums-Sha256:\n((?: .+\n)+)", text, re.MULTILINE)
    [digest] = re.findall(r"^ ([0-9a-f]{64}) \d+ \S+\.orig\.tar\.\w+$", part, re.MULTILINE)
    return str(digest)


def license_of(metadata: Mapping[str, Any]) -> str:
    """The licence of a Python package as an SPDX expression."""
    name = _normal(str(metadata["name"]))
    if name in PROSE_LICENSES:
        return PROSE_LICENSES[name]
    if expression := metadata.get("license_expression"):
        return str(expression)
    if (text := str(metadata.get("license", ""))) not in SPDX:
        raise ValueError(f"{name} has the licence {text!r}: give it its SPDX name in {__name__}")
    return SPDX[text]


def _texts(packages: Path, name: str, version: str) -> dict[str, bytes]:
    """The licence files beside the metadata of an installed package, by their path there."""
    wanted = re.compile(r"licen[cs]e|copying|notice|authors", re.IGNORECASE)
    for folder in packages.glob("*.dist-info"):
        if (_normal(folder.name), version) == (_normal(f"{name}-{version}.dist-info"), version):
            found = {
                path.relative_to(folder).as_posix().removeprefix("licenses/"): path.read_bytes()
                for path in sorted(folder.rglob("*"))
                if path.is_file() and wanted.search(path.relative_to(folder).as_posix())
            }
            if found:
                return found
    raise ValueError(f"{name} {version} brings no licence text to {packages}")


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
