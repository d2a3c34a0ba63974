"""Which server a command asks: the options that say so, and the environment."""

import argparse
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from ferrox.cli.admin_client import Place
from ferrox.config import Config, load
from ferrox.errors import StartError

_OPTIONS = (
    ("--data-dir", "DIR", "data directory of the server, which has its socket (FERROX_DATA_DIR)"),
    ("--config", "FILE", "file of settings that names the data directory (FERROX_CONFIG)"),
    ("--admin-url", "URL", "where to ask, https://HOST:9444 or unix://PATH (FERROX_ADMIN_URL)"),
    ("--certificate", "FILE", "certificate to show there (FERROX_ADMIN_CLIENT_CERTIFICATE)"),
    ("--key", "FILE", "its key (FERROX_ADMIN_CLIENT_KEY)"),
    ("--ca", "FILE", "authority of the server's certificate (FERROX_ADMIN_CA)"),
)
"""Options that say which server is asked: option, placeholder, help."""

OPTIONS = tuple(option for option, _, _ in _OPTIONS)


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are one line."""

    def error(self, message: str) -> NoReturn:
        """Complain."""
        raise StartError(f"{message}; see {self.prog} --help")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Have a command take the options."""
    group = parser.add_argument_group("which server")
    for option, placeholder, meaning in _OPTIONS:
        group.add_argument(option, metavar=placeholder, dest=_name(option), help=meaning)


def taken(given: dict[str, Any]) -> Place:
    """Take what was said out of the values of a command line; where to ask. StartError."""
    return named({option: given.pop(_name(option)) for option in OPTIONS})


def named(given: Mapping[str, str | None]) -> Place:
    """Where to ask, as options, by what they are called, and the environment say. StartError"""
    environ = os.environ
    data_dir, config = given.get("--data-dir"), given.get("--config")
    url = given.get("--admin-url") or ("" if data_dir else environ.get("FERROX_ADMIN_URL", ""))
    if url:
        return Place(
            Path(),
            url,
            given.get("--certificate") or environ.get("FERROX_ADMIN_CLIENT_CERTIFICATE", ""),
            given.get("--key") or environ.get("FERROX_ADMIN_CLIENT_KEY", ""),
            given.get("--ca") or environ.get("FERROX_ADMIN_CA", ""),
        )
    settings = load(
        {"data_dir": [data_dir]} if data_dir else {}, environ, Path(config) if config else None
    )
    return Place(_ephemeral_data_dir(settings) if settings.ephemeral else settings.data_dir)


def _name(option: str) -> str:
    return "place_" + option.strip("-").replace("-", "_")


def _ephemeral_data_dir(settings: Config) -> Path:
    """Where the only ephemeral server of this user has its data. StartError if it is not alone."""
    from ferrox.storage import ephemeral_folder

    asked = settings.ephemeral_dir
    places = ephemeral_folder.places(os.environ) if asked is None else [asked]
    found = ephemeral_folder.living(places)
    if len(found) != 1:
        named = " or ".join(map(str, places))
        raise StartError(
            f"{len(found) or 'no'} ephemeral servers are running in {named}; "
            "--admin-url says which one is asked"
        )
    return ephemeral_folder.data_path(found[0])
