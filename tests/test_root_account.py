import dataclasses
from pathlib import Path

import pytest

from ferrox import root_account
from ferrox.config import Config
from ferrox.storage.identities.identities import Identities
from ferrox.storage.identities.root import RootCredentials
from ferrox.storage.settings import Settings


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return dataclasses.replace(Config(), data_dir=tmp_path)


@pytest.fixture
def identities(tmp_path: Path) -> Identities:
    return Identities(Settings(tmp_path / "settings.db"), tmp_path / "settings.key")


def test_a_pair_is_made_once_and_its_secret_shown_once(
    config: Config, identities: Identities
) -> None:
    made, first_words = root_account._credentials(config, identities)
    root_account.keep(config, identities, made)
    stored, later_words = root_account._credentials(config, identities)

    assert made == stored
    assert made.secret_access_key in first_words
    assert made.secret_access_key not in later_words


def test_a_pair_that_is_given_counts_and_is_never_shown(
    config: Config, identities: Identities
) -> None:
    given = dataclasses.replace(config, access_key="AKIAGIVEN", secret_key="hush-hush")

    credentials, words = root_account._credentials(given, identities)
    root_account.keep(given, identities, credentials)

    assert RootCredentials("AKIAGIVEN", "hush-hush") == credentials
    assert "hush" not in words
    assert identities.root_credentials() is None
