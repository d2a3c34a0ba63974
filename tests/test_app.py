import dataclasses
import socket
from pathlib import Path

import pytest

from ferrox import app
from ferrox.config import Address, Config
from ferrox.errors import StartError


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return dataclasses.replace(Config(), data_dir=tmp_path, bind=Address("127.0.0.1", 0))


async def test_a_start_that_fails_before_the_secret_is_shown_keeps_no_pair(config: Config) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        busy = dataclasses.replace(config, bind=Address("127.0.0.1", taken.getsockname()[1]))
        with pytest.raises(StartError, match="cannot listen"):
            async with app.started(busy):
                pass

    async with app.started(config) as server:
        first_words = server.secret
    async with app.started(config) as server:
        later_words = server.secret

    assert "shown only this once" in first_words
    assert "printed at the first start" in later_words
