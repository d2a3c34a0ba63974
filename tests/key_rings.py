"""Keys under a master key, and a server in this process that has them."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from ferrox.crypto.sealing import Seal
from ferrox.operations.encryption_rules import EncryptionRules
from ferrox.storage.identities.identities import Identities
from ferrox.storage.keys.kms_keys import KmsKeys
from ferrox.storage.keys.kms_records import KmsKey
from ferrox.storage.keys.ring import Ring
from ferrox.storage.keys.server_keys import ServerKeys
from ferrox.storage.settings import Settings
from tests.in_process import ROOT, InProcess


@contextlib.contextmanager
def opened(folder: Path) -> Iterator[Ring]:
    """A ring with keys of its own, in this folder."""
    settings = Settings(folder / "keys.db")
    identities = Identities(settings, folder / "keys.key")
    yield Ring(ServerKeys(identities, Seal(bytes(32)), 1))
    settings.close()


def give_keys(s3: InProcess) -> KmsKeys:
    """Have a server encrypt; return its keys of KMS."""
    identities, root = s3.store.identities, Seal(bytes(32))
    keys = KmsKeys(identities, root, s3.region)
    ring = Ring(ServerKeys(identities, root, 1), keys)
    s3.services.encryption = EncryptionRules(ring, takes_keys_in_the_open=True)
    s3.store.key_ring = ring
    return keys


async def make_key(keys: KmsKeys, account_id: str = ROOT.account_id) -> KmsKey:
    """Make a key."""
    return await keys.change(lambda tx: keys.make(tx, account_id, 1))
