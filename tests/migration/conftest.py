"""Two servers, which the tests of a file share: each test has buckets of its own."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.migration.sides import Command, client
from tests.server_process import ServerProcess, serving


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """Where everything comes from."""
    folder = tmp_path_factory.mktemp("source")
    with serving(folder / "data", "--workers", "1", *_OPEN) as server:
        yield server


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """Where everything goes."""
    folder = tmp_path_factory.mktemp("target")
    with serving(folder / "data", "--workers", "1") as server:
        yield server


_OPEN = ("--default-object-ownership", "ObjectWriter", "--default-public-access-block", "off")
"""The source is of the world in which access control lists were in force."""


@pytest.fixture
def there(source: ServerProcess) -> Any:
    """A client of the source."""
    return client(source.endpoint, source.access_key, source.secret_key)


@pytest.fixture
def here(target: ServerProcess) -> Any:
    """A client of the target."""
    return client(target.endpoint, target.access_key, target.secret_key)


@pytest.fixture
def command(tmp_path: Path, source: ServerProcess, target: ServerProcess) -> Command:
    """The command, with the key pairs of both."""
    return Command(tmp_path, target, (source.access_key, source.secret_key))
