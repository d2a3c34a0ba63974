"""Server keys: the key encryption keys of SSE-S3, and how one takes the place of another.

Each is a document `kek/N` of settings.db, sealed under the root key; the greatest N is the one that
wraps new data keys. A data key names its KEK as `s3/N`.

When a new KEK takes over, requests are under way that began under the former one, in this process
and in others, and their bytes get a name when they have all arrived. (Uploads in parts are no
exception: each part comes under the KEK of its own request, and is counted from then on.) So there
are two periods, which begin with the successor:

    NAMED_FOR_MS  bytes under the former KEK still get names
    KEPT_FOR_MS   then it may be removed, if nothing is under it

The hour between them is longer than any transaction takes: between the question whether a KEK may
still be named and the commit that names it the KEK is not removed.
"""

import asyncio
import secrets
from collections.abc import Mapping
from typing import Any, NamedTuple

from ferrox.crypto.envelope import KEK_BYTES, KeyEncryptionKey
from ferrox.crypto.sealing import Seal
from ferrox.errors import Fault
from ferrox.storage.identities.identities import Identities
from ferrox.storage.identities.transaction import Tx
from ferrox.storage.keys.master_key import TABLE

PREFIX = "s3/"
"""What ids of these keys begin with."""

NAMED_FOR_MS = 23 * 60 * 60 * 1000
KEPT_FOR_MS = 24 * 60 * 60 * 1000

DOCUMENT = "kek/"
"""What names of their documents begin with."""


class ServerKey(NamedTuple):
    """What may be known of a KEK; its bytes are elsewhere."""

    kek_id: str
    created_ms: int
    is_current: bool


class ServerKeys:
    """The KEKs of SSE-S3 under one root key."""

    def __init__(self, identities: Identities, root: Seal, now_ms: int) -> None:
        """Take the keys that there are, and make the first. Blocks."""
        self._identities = identities
        self._root = root
        self._open: dict[int, KeyEncryptionKey] = {}
        if not self._numbers():
            self.make_now(now_ms)

    def current(self) -> KeyEncryptionKey:
        """The one that wraps new data keys."""
        return self._kek(self._numbers()[-1])

    def find(self, kek_id: str) -> KeyEncryptionKey:
        """The one of this id; Fault if there is none."""
        number = kek_id.removeprefix(PREFIX)
        if not number.isdecimal():
            raise Fault(f"{kek_id} is no key of this server")
        return self._kek(int(number))

    def former(self) -> list[str]:
        """The ids of those that wrap nothing new, the oldest first."""
        return [f"{PREFIX}{number}" for number in self._numbers()[:-1]]

    def known(self) -> list[ServerKey]:
        """All of them, the oldest first."""
        documents = self._identities.documents(TABLE, DOCUMENT)
        numbers = self._numbers()
        return [
            ServerKey(
                f"{PREFIX}{number}",
                documents[f"{DOCUMENT}{number}"]["created_ms"],
                number == numbers[-1],
            )
            for number in numbers
        ]

    def may_be_named(self, kek_id: str, now_ms: int) -> bool:
        """Whether new bytes under this one may get a name."""
        return self._is_succeeded_less_than(NAMED_FOR_MS, kek_id, now_ms)

    def is_kept(self, kek_id: str, now_ms: int) -> bool:
        """Whether bytes under this one may still get a name, or just did."""
        return self._is_succeeded_less_than(KEPT_FOR_MS, kek_id, now_ms)

    async def make(self, now_ms: int) -> str:
        """Make another one, which wraps from now on; its id."""
        return await asyncio.to_thread(self.make_now, now_ms)

    async def remove(self, kek_id: str) -> None:
        """Remove one that wraps nothing any more; never the current one."""
        await asyncio.to_thread(self.remove_now, kek_id)

    def make_now(self, now_ms: int) -> str:
        """Make another one, which wraps from now on; its id. Blocks."""

        def write(tx: Tx) -> str:
            numbers = sorted(map(_number, tx.documents(TABLE, DOCUMENT)))
            name = f"{DOCUMENT}{numbers[-1] + 1 if numbers else 1}"
            wrapped = self._root.seal(secrets.token_bytes(KEK_BYTES), name)
            tx.put_document(TABLE, name, {"key": wrapped, "created_ms": now_ms})
            return PREFIX + name.removeprefix(DOCUMENT)

        return self._identities.change_now(write)

    def remove_now(self, kek_id: str) -> None:
        """Remove one that wraps nothing any more; never the current one. Blocks."""
        if kek_id not in self.former():
            raise ValueError(f"{kek_id} is in use, or gone")
        name = DOCUMENT + kek_id.removeprefix(PREFIX)
        self._identities.change_now(lambda tx: tx.delete_document(TABLE, name))
        self._open.pop(_number(name), None)

    def _kek(self, number: int) -> KeyEncryptionKey:
        kek = self._open.get(number)
        if kek is None:
            name = f"{DOCUMENT}{number}"
            document = self._identities.document(TABLE, name)
            if document is None:
                raise Fault(f"key {PREFIX}{number} is gone, and something is sealed under it")
            key = self._root.open(document["key"], name)
            kek = self._open[number] = KeyEncryptionKey(f"{PREFIX}{number}", key)
        return kek

    def _is_succeeded_less_than(self, period_ms: int, kek_id: str, now_ms: int) -> bool:
        keys = self.known()
        at = next((at for at, key in enumerate(keys) if key.kek_id == kek_id), None)
        if at is None:
            return False
        return keys[at].is_current or now_ms - keys[at + 1].created_ms < period_ms

    def _numbers(self) -> list[int]:
        return sorted(map(_number, self._identities.documents(TABLE, DOCUMENT)))


def resealed(name: str, document: Mapping[str, Any], former: Seal, root: Seal) -> dict[str, Any]:
    """A document whose key is under another root key."""
    key = root.seal(former.open(document["key"], name), name)
    return {**document, "key": key}


def _number(name: str) -> int:
    return int(name.removeprefix(DOCUMENT))
