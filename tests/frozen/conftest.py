"""The frozen program in its two forms, and servers of it."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.frozen.program import FILE, FrozenServer, Program, in_its_root

VARIABLE = "FERROX_FROZEN"


@pytest.fixture(scope="session")
def dist() -> Path:
    """What scripts/freeze made."""
    named = os.environ.get(VARIABLE)
    if not named:
        pytest.fail(f"{VARIABLE} must name the directory that scripts/freeze made (dist)")
    return Path(named).resolve()


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """A TMPDIR that belongs to one test."""
    made = tmp_path / "tmp"
    made.mkdir()
    return made


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root directory with nothing in it but the one-folder form and its loader."""
    return tmp_path_factory.mktemp("root")


@pytest.fixture(params=["file", "folder"])
def program(request: pytest.FixtureRequest) -> Program:
    """The program in each of its forms."""
    found: Program = request.getfixturevalue(f"{request.param}_program")
    return found


@pytest.fixture
def folder_program(dist: Path, root: Path, tmp_path: Path, scratch: Path) -> Program:
    """The one that is a folder and unpacks nothing."""
    return in_its_root(dist, root, tmp_path, scratch)


@pytest.fixture
def file_program(dist: Path, scratch: Path) -> Program:
    """The one file that unpacks itself."""
    return Program(dist / FILE, scratch)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., FrozenServer]]:
    """Starts servers, each on its own data; whatever is left of them at the end is killed."""
    servers: list[FrozenServer] = []

    def start_one(program: Program, *options: str) -> FrozenServer:
        servers.append(FrozenServer(program, tmp_path / f"data-{len(servers)}", *options))
        return servers[-1]

    yield start_one
    for server in servers:
        server.kill_family()
