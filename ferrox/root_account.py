"""The root account of a server: its key pair, given or made at the first start; the master key."""

from typing import NamedTuple

from ferrox import ids
from ferrox import log as logs
from ferrox.clock import SystemClock
from ferrox.config import Config
from ferrox.errors import Fault, StartError
from ferrox.identity import Account
from ferrox.storage.identities.identities import Identities
from ferrox.storage.identities.root import RootCredentials
from ferrox.storage.keys.master_key import Given, given_master_key
from ferrox.storage.keys.opening import open_ring


class Root(NamedTuple):
    """The roots of this server: its first account, and what objects are sealed under.

    secret      says in words where the secret key of the account is
    master_key  what encrypted objects need, if it was given
    """

    credentials: RootCredentials
    secret: str
    account: Account
    master_key: Given | None = None


def find(config: Config, identities: Identities) -> Root:
    """The roots, whose secret key is in no log line from now on; StartError."""
    if config.master_passphrase is not None:
        logs.hide(config.master_passphrase)
    try:
        identities.unlock()
        credentials, secret = _credentials(config, identities)
        account = identities.root_account()
    except Fault as fault:
        raise StartError(str(fault)) from fault
    logs.hide(credentials.secret_access_key)
    if config.sse_master_key is not None:
        logs.hide(config.sse_master_key)
    master_key = given_master_key(config)
    # The wrong one ends the start here.
    open_ring(identities, master_key, SystemClock().now_ms(), config.region)
    return Root(credentials, secret, account, master_key)


def _credentials(config: Config, identities: Identities) -> tuple[RootCredentials, str]:
    """The root key pair, and where its secret is, in words."""
    if config.access_key is not None and config.secret_key is not None:
        return RootCredentials(config.access_key, config.secret_key), "as given in the settings"
    stored = identities.root_credentials()
    if stored is not None:
        sealed = f"printed at the first start; sealed in {config.data_dir / 'settings.db'}"
        return stored, sealed
    made = RootCredentials(ids.access_key_id(), ids.secret_access_key())
    return made, f"{made.secret_access_key}   (shown only this once)"


def keep(config: Config, identities: Identities, credentials: RootCredentials) -> None:
    """Save a pair that was made just now.

    Not before the listener is up: a start that fails shows nobody the secret, and a pair that was
    saved is never shown again.
    """
    if config.access_key is not None and config.secret_key is not None:
        return
    try:
        if identities.root_credentials() is None:
            identities.save_root_credentials(credentials)
    except Fault as fault:
        raise StartError(str(fault)) from fault
