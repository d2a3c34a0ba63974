"""Rotation: every secret is sealed anew under a new key, in one transaction.

While it runs nobody changes anything, and everybody goes on reading; cut short, it has not
happened. Afterwards nothing in the files is sealed under the former key any more, which stays in
the ring until the next time for a secret that was sealed at this very moment.
"""

import contextlib
from typing import Literal, NamedTuple

from ferrox.crypto.passphrase import Passphrase
from ferrox.errors import Fault, StartError
from ferrox.storage.data_dir import sync_directory
from ferrox.storage.identities import root
from ferrox.storage.identities.key_ring import SEALED, KeyRing, place
from ferrox.storage.settings import Change, Document, Settings

Target = Passphrase | Literal["key file"] | None
"""The outer key after a rotation: that of a passphrase as it is now, a key file, or the same."""


class Rotation(NamedTuple):
    """What came of it.

    secret_count  how many were sealed anew
    unreadable    where there are some that do not open; they are left as they are
    """

    secret_count: int
    unreadable: tuple[str, ...]


def rotate(settings: Settings, ring: KeyRing, to: Target = None) -> Rotation:
    """Seal everything anew, under another outer key if one is given. Blocks for a ms a secret.

    raises  Fault or StartError when the ring does not open under its outer key: nothing changed
    """
    count, unreadable = 0, []
    outer = ring.outer_keys.of_passphrase(to) if isinstance(to, Passphrase) else None
    with settings.changing() as change:
        if to == "key file" and not ring.is_under_key_file():
            outer = ring.outer_keys.of_new_key_file()
        ring.renew(change, outer)
        for table in settings.tables():
            for name, document in change.scan(table):
                try:
                    count += _reseal(change, ring, table, name, document)
                except (Fault, StartError):
                    unreadable.append(f"{table}/{name}")
    settings.erase_history()
    if not ring.is_under_key_file():
        path = ring.outer_keys.key_path
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
            sync_directory(path.parent)
    return Rotation(count, tuple(unreadable))


def _reseal(change: Change, ring: KeyRing, table: str, name: str, document: Document) -> int:
    """Seal the secrets of one document anew; return how many it has."""
    fields = [field for field in document if field.startswith(SEALED)]
    for field in fields:
        context = place(table, name, field)
        if table == root.CREDENTIALS:
            context = root.context(document["access_key_id"])
        document[field] = ring.seal(ring.open(document[field], context), context)
    if fields:
        change.put(table, name, document)
    return len(fields)
