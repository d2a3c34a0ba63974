"""Identities of a data directory that no server uses, for commands of an operator."""

import contextlib
from collections.abc import Iterator

from ferrox.config import Config
from ferrox.crypto.passphrase import Passphrase
from ferrox.errors import Fault, StartError
from ferrox.storage.data_dir import DataDir
from ferrox.storage.identities.identities import Identities
from ferrox.storage.identities.root import RootCredentials
from ferrox.storage.identities.rotation import Rotation, Target
from ferrox.storage.key_file import passphrase_of
from ferrox.storage.settings import Settings


@contextlib.contextmanager
def opened(config: Config) -> Iterator[Identities]:
    """The identities for the length of a block; StartError if a server has them."""
    if not (config.data_dir / "settings.db").exists():
        raise StartError(f"there is no data directory at {config.data_dir.absolute()}")
    directory = DataDir.open(config.data_dir)
    try:
        with contextlib.closing(Settings(directory.settings_path)) as settings:
            passphrase = passphrase_of(config)
            yield Identities(settings, directory.settings_key_path, passphrase=passphrase)
    finally:
        directory.close()


def root_credentials(config: Config) -> RootCredentials | None:
    """The stored key pair of the root, also beside a server; None if there is none. Fault."""
    directory = DataDir(config.data_dir, lock_fd=-1)  # only its paths are asked for
    if not directory.settings_path.exists():
        return None
    with contextlib.closing(Settings(directory.settings_path)) as settings:
        key_path, passphrase = directory.settings_key_path, passphrase_of(config)
        return Identities(settings, key_path, passphrase=passphrase).root_credentials()


def rotate_key(config: Config, to: Target = None) -> Rotation:
    """Seal every secret anew, under the outer key that settings ask for; StartError.

    So a key file gives way to a passphrase that is in the settings now.

    to  another outer key: a passphrase that takes the place of the one in the settings, or a key
        file, after which the settings must not have one any more
    """
    given = passphrase_of(config)
    with opened(config) as identities:
        try:
            return identities.rotate_key_now(to or _wanted(identities, given))
        except Fault as fault:
            raise StartError(str(fault)) from fault


def _wanted(identities: Identities, given: Passphrase | None) -> Passphrase | None:
    """The passphrase of the settings, unless secrets are under one already."""
    return given if identities.is_under_key_file() else None
