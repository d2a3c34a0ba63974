"""Opening the key ring of a server: from what its settings give to keys that seal."""

from ferrox.errors import StartError
from ferrox.storage.identities.identities import Identities
from ferrox.storage.keys.kms_keys import KmsKeys
from ferrox.storage.keys.master_key import Given, has_master_key, root_seal
from ferrox.storage.keys.ring import Ring
from ferrox.storage.keys.server_keys import ServerKeys


def open_ring(identities: Identities, given: Given | None, now_ms: int, region: str) -> Ring:
    """The ring under a master key; the first time it makes the first keys. Blocks.

    region  part of the names of keys of KMS
    raises  StartError when it is not the master key that was given before, or none is given where
            objects need one: a server that could not read them should not say that it is ready
    """
    if given is None:
        if has_master_key(identities):
            raise StartError(
                "this data directory has encrypted objects: give their master key"
                " (sse_master_key_file or sse_passphrase_file)"
            )
        return Ring()
    root = root_seal(identities, given)
    return Ring(ServerKeys(identities, root, now_ms), KmsKeys(identities, root, region))
