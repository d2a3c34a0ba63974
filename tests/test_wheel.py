"""`pip install` of the source: the distribution is complete, and the installed command serves."""

import email
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import venv
import zipfile
from collections.abc import Mapping
from pathlib import Path

import boto3
import pytest

from ferrox import __version__
from tests.server_process import ROOT, ServerProcess

LIMIT_S = 100
NOT_SOURCE = shutil.ignore_patterns(
    ".git",
    ".venv*",
    ".*_cache",
    ".hypothesis",
    ".wheel",
    "*.egg-info",
    "__pycache__",
    "data",
    "dist",
)
BUILD_SDIST = "import setuptools.build_meta as m, sys; print(m.build_sdist(sys.argv[1]))"


def run(*command: str | Path, cwd: Path, env: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd, env=env, capture_output=True, text=True, timeout=LIMIT_S, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{command}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done.stdout


def pip_wheel(what: Path, out: Path) -> None:
    """What `pip install` does first, without the network."""
    run(
        sys.executable, "-m", "pip", "wheel", "--quiet", "--no-index", "--no-deps",
        "--no-build-isolation", "--no-cache-dir", "--wheel-dir", out, what, cwd=out,
    )  # fmt: skip


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the source, because building leaves traces in it."""
    copy = tmp_path_factory.mktemp("copy") / "source"
    shutil.copytree(ROOT, copy, ignore=NOT_SOURCE)
    return copy


@pytest.fixture(scope="module")
def sdist(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution."""
    out = tmp_path_factory.mktemp("sdist")
    run(sys.executable, "-c", BUILD_SDIST, out, cwd=source)
    [made] = out.iterdir()
    return made


@pytest.fixture(scope="module")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, made of the source distribution alone and without the network."""
    out = tmp_path_factory.mktemp("wheel")
    pip_wheel(sdist, out)
    [made] = out.iterdir()
    return made


@pytest.fixture(scope="module")
def ferroxd(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command of the wheel in a new environment that sees the libraries of this one."""
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, symlinks=True)
    python = home / "bin" / "python"
    run(
        sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-index",
        "--no-deps", "--no-compile", wheel, cwd=home,
    )  # fmt: skip
    [packages] = home.glob("lib/python*/site-packages")
    (packages / "libraries.pth").write_text(sysconfig.get_path("platlib") + "\n", "utf-8")
    return home / "bin" / "ferroxd"


def clean(**more: str) -> dict[str, str]:
    """An environment without anything that would let the source tree be found."""
    return {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **more}


def test_the_source_distribution_holds_what_is_needed_to_test_and_to_freeze(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    top = {"CHANGELOG.md", "CONTRIBUTING.md", "Dockerfile.scratch", "LICENSE", "README.md"}

    assert top | {"MANIFEST.in", "SECURITY.md", "ferroxd.py", "pyproject.toml"} <= names
    assert {"ferrox/app.py", "scripts/test", "tests/conftest.py", "build/image/layer.py"} <= names
    assert {"docs/decisions/0001-layers-without-io.md", "build/requirements/serve.txt"} <= names
    assert [] == [name for name in names if "__pycache__" in name]


def test_installing_from_the_tree_leaves_the_recipes_alone(source: Path, tmp_path: Path) -> None:
    """setuptools wrote its copies of the modules to build/lib, among the recipes."""
    before = set(source.rglob("*"))

    pip_wheel(source, tmp_path)

    new = {path.relative_to(source).parts[0] for path in set(source.rglob("*")) - before}
    assert {".wheel", "ferroxd.egg-info"} >= new


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    package = {path.relative_to(ROOT).as_posix() for path in (ROOT / "ferrox").rglob("*.py")}
    information = f"ferroxd-{__version__}.dist-info/"

    assert package | {"ferroxd.py"} == {name for name in names if not name.startswith(information)}
    assert f"{information}licenses/LICENSE" in names


def test_the_wheel_says_what_it_is_and_needs(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        text = archive.read(f"ferroxd-{__version__}.dist-info/METADATA").decode()
    said = email.message_from_string(text)
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

    assert ("ferroxd", __version__, "Apache-2.0", declared["requires-python"]) == (
        said["Name"], said["Version"], said["License-Expression"], said["Requires-Python"],
    )  # fmt: skip
    assert ("text/markdown", declared["description"]) == (
        said["Description-Content-Type"], said["Summary"],
    )  # fmt: skip
    assert [item.replace("'", '"') for item in declared["dependencies"]] == [
        item.replace("'", '"') for item in said.get_all("Requires-Dist", [])
    ]
    assert str(said.get_payload()).startswith("# ferrox\n")


def test_the_installed_command_is_the_installed_program(ferroxd: Path, tmp_path: Path) -> None:
    assert f"ferroxd {__version__}\n" == run(ferroxd, "version", cwd=tmp_path, env=clean())

    code = "import ferrox; print(ferrox.__file__)"
    python = ferroxd.with_name("python")

    assert str(ferroxd.parents[1]) in run(python, "-c", code, cwd=tmp_path, env=clean())


def test_the_installed_command_serves(ferroxd: Path, tmp_path: Path) -> None:
    server = ServerProcess(tmp_path / "data", program=[str(ferroxd)])
    try:
        client = boto3.client(
            "s3", endpoint_url=server.endpoint, region_name="us-east-1",
            aws_access_key_id=server.access_key, aws_secret_access_key=server.secret_key,
        )  # fmt: skip
        client.create_bucket(Bucket="installed")
        client.put_object(Bucket="installed", Key="key", Body=b"bytes")
        found = client.get_object(Bucket="installed", Key="key")["Body"].read()
        client.close()
        health = run(ferroxd, "health", server.endpoint, cwd=tmp_path, env=clean())
    finally:
        server.stop()

    assert b"bytes" == found
    assert f"{server.endpoint}: ready\n" == health
