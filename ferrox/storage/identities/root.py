"""The root of the first account: the account itself, and the key pair that a server starts with."""

import secrets
from typing import NamedTuple

from ferrox.clock import Clock
from ferrox.identity import Account
from ferrox.storage.identities.key_ring import KeyRing
from ferrox.storage.identities.transaction import Tx
from ferrox.storage.settings import Change, Settings

NAME = "root"
"""What the first account is called where documents show an owner, until it is named otherwise."""

CREDENTIALS = "credentials"
ACCOUNTS = "accounts"
ROOT = "root"


class RootCredentials(NamedTuple):
    """The key pair of the root of the first account."""

    access_key_id: str
    secret_access_key: str

    def __repr__(self) -> str:
        """Name the key, never the secret."""
        return f"RootCredentials({self.access_key_id!r})"


def context(access_key_id: str) -> str:
    """What the secret of that pair is sealed for."""
    return f"root secret access key of {access_key_id}"


def load_credentials(settings: Settings, ring: KeyRing) -> RootCredentials | None:
    """The stored pair, or None before the first one was saved; SealBroken."""
    document = settings.get(CREDENTIALS, ROOT)
    if document is None:
        return None
    access_key_id = document["access_key_id"]
    secret = ring.open(document["sealed_secret"], context(access_key_id))
    return RootCredentials(access_key_id, secret.decode())


def save_credentials(settings: Settings, ring: KeyRing, credentials: RootCredentials) -> None:
    """Store the pair; it is durable on return."""
    access_key_id, secret = credentials
    with settings.changing() as change:
        sealed = ring.seal(secret.encode(), context(access_key_id))
        document = {"access_key_id": access_key_id, "sealed_secret": sealed}
        change.put(CREDENTIALS, ROOT, document)


def account_id(settings: Settings) -> str | None:
    """The number of the first account, if it was made."""
    document = settings.get(ACCOUNTS, ROOT)
    return None if document is None else str(document["account_id"])


def adopt_account(change: Change, account: Account) -> bool:
    """Have an account as the first one, unless there is one; whether it is the first."""
    document = change.get(ACCOUNTS, ROOT)
    if document is None:
        document = {"account_id": account.account_id, "canonical_id": account.canonical_id}
        change.put(ACCOUNTS, ROOT, document)
    return bool(document["account_id"] == account.account_id)


def make_account(settings: Settings, clock: Clock) -> Account:
    """Make the first account, or the record of one that was made before there were others."""
    with settings.changing() as change:
        document = change.get(ACCOUNTS, ROOT)
        if document is None:
            document = {
                "account_id": f"{secrets.randbelow(10**12):012}",
                "canonical_id": secrets.token_hex(32),
            }
            change.put(ACCOUNTS, ROOT, document)
        tx = Tx(change)
        account = tx.account(document["account_id"])
        if account is None:
            account = Account(**document, display_name=NAME, created_ms=clock.now_ms())
            tx.put(account)
        return account
