"""What a busy server tells, scraped once for all tests."""

from collections.abc import Iterator

import pytest

from tests.grafana.live_server import busy_server, scrape
from tests.server_process import ServerProcess


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server of which everything has something to tell."""
    with busy_server(tmp_path_factory.mktemp("busy")) as running:
        yield running


@pytest.fixture(scope="session")
def text(server: ServerProcess) -> str:
    """What it tells."""
    return scrape(server)
