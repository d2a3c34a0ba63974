"""The seal of session tokens: under a key of its own, so that sessions can be ended all at once.

The key is random and lies in settings.db, itself sealed; it is made when the first token is. To
rotate the sealing key leaves it as it is, and sessions go on; to replace it ends every session.
"""

import base64
import secrets

from ferrox.crypto.sealing import KEY_BYTES, Seal
from ferrox.errors import SealBroken
from ferrox.storage.identities.key_ring import TABLE, KeyRing, place
from ferrox.storage.settings import Change, Document, Settings

_NAME = "sessions"
_FIELD = "sealed_key"
_PLACE = place(TABLE, _NAME, _FIELD)


class SessionSeal:
    """Seals and opens, as a Seal does, under the key that all processes have."""

    def __init__(self, settings: Settings, ring: KeyRing) -> None:
        self._settings = settings
        self._ring = ring
        self._opened: tuple[str, Seal] | None = None

    def seal(self, plaintext: bytes, context: str) -> str:
        """Return a text that only this key and the same context can open. The first one blocks."""
        document = self._settings.get(TABLE, _NAME) or self._make()
        return self._seal(document).seal(plaintext, context)

    def open(self, sealed: str, context: str) -> bytes:
        """Return what was sealed; SealBroken."""
        document = self._settings.get(TABLE, _NAME)
        if document is None:
            raise SealBroken("no session token was ever sealed here")
        return self._seal(document).open(sealed, context)

    def renew(self) -> Document:
        """Make the key, or another one, with which every session ends. Blocks."""
        with self._settings.changing() as change:
            return self._put(change)

    def _make(self) -> Document:
        """Make the key, unless another process just has."""
        with self._settings.changing() as change:
            return change.get(TABLE, _NAME) or self._put(change)

    def _put(self, change: Change) -> Document:
        key = base64.b64encode(secrets.token_bytes(KEY_BYTES))
        document = {_FIELD: self._ring.seal(key, _PLACE)}
        change.put(TABLE, _NAME, document)
        return document

    def _seal(self, document: Document) -> Seal:
        sealed = document[_FIELD]
        opened = self._opened
        if opened is None or opened[0] != sealed:
            key = self._ring.open(sealed, _PLACE)
            opened = self._opened = sealed, Seal(base64.b64decode(key))
        return opened[1]
