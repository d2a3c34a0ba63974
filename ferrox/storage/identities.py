"""Who may sign in: the root account's key pair, its secret sealed."""

import secrets
from pathlib import Path
from typing import NamedTuple

from ferrox.crypto.sealing import Seal
from ferrox.errors import SealBroken
from ferrox.storage.key_file import load_or_create_key_file
from ferrox.storage.settings import Settings

_TABLE = "credentials"
_ACCOUNTS = "accounts"
_ROOT = "root"
_CONTEXT = "root secret access key"


class RootCredentials(NamedTuple):
    """The key pair of the root account."""

    access_key_id: str
    secret_access_key: str

    def __repr__(self) -> str:
        """Name the key, never the secret."""
        return f"RootCredentials({self.access_key_id!r})"


class RootAccount(NamedTuple):
    """The account that everything belongs to as long as there is only one.

    account_id    12 digits, as ARNs have them
    canonical_id  64 hexadecimal digits, as Owner elements have them
    """

    account_id: str
    canonical_id: str


class Identities:
    """The identities kept in the settings."""

    def __init__(self, settings: Settings, key_path: Path) -> None:
        self._settings = settings
        self._key_path = key_path
        self._seal: Seal | None = None

    def root_credentials(self) -> RootCredentials | None:
        """The stored key pair, or None before the first one was saved. Blocks.

        raises  SealBroken when the key file is not the one the secret was sealed under
        """
        document = self._settings.get(_TABLE, _ROOT)
        if document is None:
            return None
        access_key_id = document["access_key_id"]
        try:
            secret = self._sealing().open(document["sealed_secret"], _context(access_key_id))
        except SealBroken as broken:
            raise SealBroken(f"{broken} (the key is {self._key_path})") from None
        return RootCredentials(access_key_id, secret.decode())

    def save_root_credentials(self, credentials: RootCredentials) -> None:
        """Store the key pair; it is durable on return. Blocks."""
        access_key_id, secret = credentials
        sealed = self._sealing().seal(secret.encode(), _context(access_key_id))
        document = {"access_key_id": access_key_id, "sealed_secret": sealed}
        self._settings.put(_TABLE, _ROOT, document)

    def root_account(self) -> RootAccount:
        """The first account, which the start-up key pair is the root of; made when first asked."""
        document = self._settings.get(_ACCOUNTS, _ROOT)
        if document is None:
            document = {
                "account_id": f"{secrets.randbelow(10**12):012}",
                "canonical_id": secrets.token_hex(32),
            }
            self._settings.put(_ACCOUNTS, _ROOT, document)
        return RootAccount(document["account_id"], document["canonical_id"])

    def _sealing(self) -> Seal:
        if self._seal is None:
            self._seal = Seal(load_or_create_key_file(self._key_path))
        return self._seal


def _context(access_key_id: str) -> str:
    return f"{_CONTEXT} of {access_key_id}"
