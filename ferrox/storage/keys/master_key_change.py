"""Another master key: whatever is sealed under the root key is sealed anew, in one transaction.

Those are some keys of 32 bytes each: the KEKs of SSE-S3 and the versions of keys of KMS. No object
is touched. Cut short, nothing has changed; afterwards the former master key opens nothing that is
in the files.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ferrox.crypto.sealing import Seal
from ferrox.errors import StartError
from ferrox.storage.identities.identities import Identities
from ferrox.storage.identities.transaction import Tx
from ferrox.storage.keys import kms_keys, server_keys
from ferrox.storage.keys.master_key import TABLE, Given, has_master_key, new_root, root_seal

Document = Mapping[str, Any]
Resealed = Callable[[str, Document, Seal, Seal], dict[str, Any]]


class Sealed(NamedTuple):
    """Documents that hold keys.

    resealed  one of them by its name, with its keys under the second seal instead of the first
    """

    table: str
    prefix: str
    resealed: Resealed


SEALED = (
    Sealed(TABLE, server_keys.DOCUMENT, server_keys.resealed),
    Sealed(kms_keys.TABLE, kms_keys.DOCUMENT, kms_keys.resealed),
)
"""All documents that are sealed under the root key, beside the word that it is known by."""


def change_master_key(identities: Identities, former: Given, given: Given) -> int:
    """Have another master key from now on; return how many documents were sealed anew. Blocks.

    No server may run: it would go on sealing under the former one.

    raises  StartError when the former is not what it should be, or there is none;
            SealBroken when a key does not open, and then nothing has changed
    """
    if not has_master_key(identities):
        raise StartError("this data directory has no master key that could be changed")
    old = root_seal(identities, former)
    new, root = new_root(given)

    def write(tx: Tx) -> int:
        count = 0
        for table, prefix, resealed in SEALED:
            for name, document in tx.documents(table, prefix).items():
                tx.put_document(table, name, resealed(name, document, old, new))
                count += 1
        tx.put_document(TABLE, root.name, root.document)
        return count

    count = identities.change_now(write)
    identities.erase_history()
    return count
