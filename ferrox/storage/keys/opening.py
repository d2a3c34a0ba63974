"""Opening the key ring of a server: from what its settings give to keys that seal."""

from ferrox.errors import StartError
from ferrox.storage.identities.identities import Identities
from ferrox.storage.keys.master_key import Given, has_master_key, root_seal
from ferrox.storage.keys.ring import Ring
from ferrox.storage.keys.server_keys import ServerKeys


def open_ring(identities: Identities, given: Given | None, now_ms: int) -> Ring:
    """The ring under a master key; the first time it makes the first keys. Blocks.

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
    return Ring(ServerKeys(identities, root_seal(identities, given), now_ms))
