"""DocumentCache: the documents of buckets, parsed, for as long as their bucket's revision holds.

Every request reads the row of its bucket anyway, and the row has the revision. So a document is
looked up once in each process after every change of its bucket, whichever process changed it, and
never on behalf of a bucket that has none.
"""

import json
from collections import OrderedDict
from typing import NamedTuple

from ferrox.records import BucketRecord
from ferrox.storage.metadata import buckets
from ferrox.storage.metadata.buckets import Document
from ferrox.storage.metadata.database import Database

LIMIT_BYTES = 16 * 1024 * 1024
"""How much JSON the cache stands for at most; the largest lifecycle is one of some 500 KiB."""

ENTRY_BYTES = 256
"""What an entry costs besides; of a document that does not exist nothing else is kept."""


class _Entry(NamedTuple):
    revision: int
    document: Document | None
    cost_bytes: int


class DocumentCache:
    """The documents asked for last."""

    def __init__(self, database: Database, limit_bytes: int = LIMIT_BYTES) -> None:
        self._database = database
        self._room_bytes = limit_bytes
        self._entries: OrderedDict[tuple[int, str], _Entry] = OrderedDict()

    def find(self, bucket: BucketRecord, name: str) -> Document | None:
        """Return a document as it was when `bucket` was read, or later; the same one each time."""
        if not bucket.revision:
            return None
        key = bucket.bucket_id, name
        entry = self._entries.get(key)
        if entry is not None and entry.revision >= bucket.revision:
            self._entries.move_to_end(key)
            return entry.document
        revision, text = self._database.read(lambda reader: buckets.document_text(reader, *key))
        document = None if text is None else json.loads(text)
        if revision:
            self._keep(key, _Entry(revision, document, ENTRY_BYTES + len(text or "")))
        return document

    def _keep(self, key: tuple[int, str], entry: _Entry) -> None:
        former = self._entries.pop(key, None)
        self._entries[key] = entry
        self._room_bytes += (former.cost_bytes if former else 0) - entry.cost_bytes
        while self._room_bytes < 0:
            _, oldest = self._entries.popitem(last=False)
            self._room_bytes += oldest.cost_bytes
