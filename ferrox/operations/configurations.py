"""Configurations: documents of buckets as shapes, each made once for as long as it is current.

The store hands out the same object until a document changes, so looking whether it is still the
same one tells whether its shape is.
"""

from collections import OrderedDict
from typing import Any

from ferrox.protocol.plain import from_plain
from ferrox.protocol.shape import S, Shape
from ferrox.records import BucketRecord

LIMIT = 1024
"""Shapes that are kept: those asked for last."""


class Configurations:
    """The shapes made last."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._shapes: OrderedDict[tuple[int, type[Shape]], tuple[dict[str, Any], Any]]
        self._shapes = OrderedDict()

    def shaped(self, bucket: BucketRecord, shape: type[S], document: dict[str, Any]) -> S:
        """`document`, which a bucket has now, as a shape."""
        key = bucket.bucket_id, shape
        kept = self._shapes.get(key)
        made: S = kept[1] if kept and kept[0] is document else from_plain(shape, document)
        self._shapes[key] = document, made
        self._shapes.move_to_end(key)
        if len(self._shapes) > self._limit:
            self._shapes.popitem(last=False)
        return made
