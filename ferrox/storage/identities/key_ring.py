"""The key ring: random keys that seal secrets in settings.db, themselves under an outer key.

    outer key      the generated key file, or what Argon2id makes of the master passphrase
    sealing keys   random; one seals, the one before it still opens what it sealed
    secrets        `key id:v1.…` in fields of documents whose names begin with `sealed_`

So another outer key costs a rewritten ring, and another sealing key one transaction in which every
secret is sealed anew (see `rotation`). The ring is one document: it never is half of one and half
of the other. A process reads it when it meets a key id that it does not know, so it goes on through
both; only a passphrase that was changed is read again, from where it was read at first.

Secrets without a key id were sealed under the key file itself, before there was a ring.
"""

import secrets
from collections.abc import Mapping

from ferrox.crypto.sealing import KEY_BYTES, Seal
from ferrox.errors import SealBroken
from ferrox.storage.identities.outer_key import Outer, OuterKeys, is_key_file
from ferrox.storage.settings import Change, Document, Settings

TABLE = "sealing"
RING = "ring"
SEALED = "sealed_"
"""What names of fields begin with that hold a sealed secret."""

_LEGACY = ""
"""The id of the key file as a sealing key."""


class KeyRing:
    """Seals and opens secrets of one settings.db."""

    def __init__(self, settings: Settings, outer_keys: OuterKeys) -> None:
        self.outer_keys = outer_keys
        self._settings = settings
        self._seals: dict[str, Seal] = {}

    def seal(self, secret: bytes, context: str) -> str:
        """Return a text that only the same context can open; the first one makes the ring.

        Blocks; called in the change that writes it, or a rotation may come between.
        """
        with self._settings.changing() as change:
            ring = change.get(TABLE, RING) or self._make(change, self.outer_keys.first(), {})
            key_id = ring["current"]
            return f"{key_id}:{self._seal(key_id).seal(secret, context)}"

    def open(self, sealed: str, context: str) -> bytes:
        """Return what was sealed; SealBroken."""
        key_id, _, text = sealed.rpartition(":")
        try:
            return self._seal(key_id).open(text, context)
        except SealBroken as broken:
            if key_id == _LEGACY:
                broken.args = (f"{broken} (the key is {self.outer_keys.key_path})",)
            raise

    def unlock(self) -> None:
        """See whether the outer key is the right one; Fault or StartError say why not.

        A first passphrase is kept in mind at once: processes that fork now need not derive its key.
        """
        ring = self._settings.get(TABLE, RING)
        if ring is None:
            self.outer_keys.require_expected(self.outer_keys.key_path.exists())
            if self.outer_keys.passphrase is not None:
                self.seal(b"", RING)
            return
        outer = self.outer_keys.behind(ring["outer"])
        self.outer_keys.require_expected(is_key_file(ring["outer"]))
        self._open_key(ring, outer, ring["current"])

    def renew(self, change: Change, outer: Outer | None) -> None:
        """Make another key that seals from now on, and keep the one that did until now.

        This object opens whatever was in the ring before, so that it can be sealed anew.

        outer  what the ring is sealed under from now on; None: what it is sealed under
        """
        ring = change.get(TABLE, RING)
        if ring is None:
            if self.outer_keys.key_path.exists():
                self._seals[_LEGACY] = self.outer_keys.key_file()
            self._make(change, outer or self.outer_keys.first(), {})
            return
        former = self.outer_keys.behind(ring["outer"])
        keys = {key_id: self._open_key(ring, former, key_id) for key_id in ring["keys"]}
        self._seals |= {key_id: Seal(key) for key_id, key in keys.items()}
        current = ring["current"]
        self._make(change, outer or former, {current: keys[current]})

    def is_under_key_file(self) -> bool:
        """Whether the outer key is, or would be, the key file."""
        ring = self._settings.get(TABLE, RING)
        if ring is None:
            return self.outer_keys.passphrase is None or self.outer_keys.key_path.exists()
        return is_key_file(ring["outer"])

    def _make(self, change: Change, outer: Outer, kept: Mapping[str, bytes]) -> Document:
        """Write a ring with a new key, and those that are kept."""
        current = secrets.token_hex(4)
        keys = {**kept, current: secrets.token_bytes(KEY_BYTES)}
        ring = {
            "outer": outer.words,
            "current": current,
            "keys": {
                key_id: outer.seal.seal(key, _context(key_id)) for key_id, key in keys.items()
            },
        }
        change.put(TABLE, RING, ring)
        self._seals[current] = Seal(keys[current])
        return ring

    def _seal(self, key_id: str) -> Seal:
        seal = self._seals.get(key_id)
        if seal is None:
            seal = self._seals[key_id] = self._find_seal(key_id)
        return seal

    def _find_seal(self, key_id: str) -> Seal:
        if key_id == _LEGACY:
            return self.outer_keys.key_file()
        ring = self._settings.get(TABLE, RING)
        if ring is None or key_id not in ring["keys"]:
            raise SealBroken("a secret is sealed under a key that is gone")
        return Seal(self._open_key(ring, self.outer_keys.behind(ring["outer"]), key_id))

    def _open_key(self, ring: Document, outer: Outer, key_id: str) -> bytes:
        try:
            return outer.seal.open(ring["keys"][key_id], _context(key_id))
        except SealBroken:
            raise SealBroken(self.outer_keys.refusal(outer)) from None


def place(table: str, name: str, field: str) -> str:
    """The context of a secret in a field of a document."""
    return f"{field} of {table}/{name}"


def _context(key_id: str) -> str:
    return f"sealing key {key_id}"
