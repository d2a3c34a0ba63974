"""What is inside, read from the witnesses of a toolchain."""

from importlib import metadata
from pathlib import Path

import certifi
import pytest

from build.release import components
from tests.release import toolchain


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return toolchain.make(tmp_path)


def test_a_package_is_known_by_the_file_that_was_installed(folder: Path) -> None:
    packages = folder / "packages"

    [alpha] = components.installed(
        packages / "serve.json", packages / "lib" / "python3.13" / "site-packages"
    )

    assert ("alpha", "1.0", "Apache-2.0", "a" * 64) == (
        alpha.name, alpha.version, alpha.license, alpha.sha256,
    )  # fmt: skip
    wheel = "alpha-1.0-cp313-cp313-musllinux_1_2.whl"
    assert f"pkg:pypi/alpha@1.0?file_name={wheel}" == alpha.purl
    assert {"LICENSE": b"the licence of alpha", "vendor/COPYING": b"more of alpha"} == alpha.texts


def test_of_the_freezing_tools_only_the_loaders_are_inside(folder: Path) -> None:
    packages = folder / "packages"

    [tool] = components.frozen_tools(packages / "freeze.json", packages / "tools")

    assert ("pyinstaller", "GPL-2.0-or-later WITH Bootloader-exception") == (
        tool.name, tool.license,
    )  # fmt: skip


def test_a_source_package_is_known_by_its_authors_archive(folder: Path) -> None:
    [musl] = components.sources(folder)

    assert ("musl", "1.2.5", "MIT", "d" * 64) == (
        musl.name, musl.version, musl.license, musl.sha256,
    )  # fmt: skip
    assert "pkg:deb/debian/musl@1.2.5-3.1?arch=source" == musl.purl
    assert {"copyright": b"the licence of musl"} == musl.texts


def test_an_unknown_licence_stops_the_release(folder: Path) -> None:
    report = folder / "packages" / "serve.json"
    text = report.read_text().replace("Apache 2.0", "see website")
    report.write_text(text)

    with pytest.raises(ValueError, match="alpha has the licence 'see website'"):
        list(components.installed(report, folder / "packages"))


def test_a_missing_licence_text_stops_the_release(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="brings no licence text"):
        list(components.installed(folder / "packages" / "serve.json", tmp_path))


@pytest.mark.parametrize(
    ("debian", "authors"),
    [
        ("1.2.5-3.1~deb13u1", "1.2.5"),
        ("3.13.5-2+deb13u5", "3.13.5"),
        ("1:1.3.dfsg+really1.3.1-1", "1.3.1"),
        ("3.46.1-7+deb13u2", "3.46.1"),
        ("2.0+dfsg-1", "2.0"),
    ],
)
def test_the_authors_version_is_found_in_debians(debian: str, authors: str) -> None:
    assert authors == components.upstream(debian)


def test_the_certificates_of_the_image_are_told_with_their_licence() -> None:
    part = components.certificates(Path(certifi.where()))

    assert ("certifi", "MPL-2.0") == (part.name, part.license)
    assert any(b"Mozilla" in text or b"MPL" in text for text in part.texts.values())


def test_every_package_the_server_runs_with_has_a_licence_this_module_knows() -> None:
    """Read from the packages of this environment: they are the versions that are frozen, too."""
    lock = Path(__file__).parents[2] / "build" / "requirements" / "serve.txt"
    names = [line.partition("==")[0] for line in lock.read_text().splitlines() if "==" in line]

    found = {
        components.license_of({**metadata.metadata(name).json, "name": name}) for name in names
    }

    assert {"Apache-2.0", "MIT", "Zlib"} <= found
