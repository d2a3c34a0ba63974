import dataclasses
import socket
from pathlib import Path

import pytest

from ferrox import app
from ferrox.config import Address, Config
from ferrox.errors import StartError
from ferrox.storage.identities.identities import Identities
from ferrox.storage.identities.root import RootCredentials
from ferrox.storage.settings import Settings


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return dataclasses.replace(Config(), data_dir=tmp_path, bind=Address("127.0.0.1", 0))


@pytest.fixture
def identities(tmp_path: Path) -> Identities:
    return Identities(Settings(tmp_path / "settings.db"), tmp_path / "settings.key")


def test_a_pair_is_made_once_and_its_secret_shown_once(
    config: Config, identities: Identities
) -> None:
    made, first_words = app._credentials(config, identities)
    app.keep(config, identities, made)
    stored, later_words = app._credentials(config, identities)

    assert made == stored
    assert made.secret_access_key in first_words
    assert made.secret_access_key not in later_words


def test_a_pair_that_is_given_counts_and_is_never_shown(
    config: Config, identities: Identities
) -> None:
    given = dataclasses.replace(config, access_key="AKIAGIVEN", secret_key="hush-hush")

    credentials, words = app._credentials(given, identities)
    app.keep(given, identities, credentials)

    assert RootCredentials("AKIAGIVEN", "hush-hush") == credentials
    assert "hush" not in words
    assert identities.root_credentials() is None


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
