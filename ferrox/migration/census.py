"""How much there is to copy, counted beside the copying, so that it can be told how far it is."""

from collections.abc import Callable

from ferrox.migration import listing
from ferrox.migration.buckets import Buckets
from ferrox.migration.migrating import Order, chosen
from ferrox.migration.sides import Sides
from ferrox.records import Versioning


async def count(sides: Sides, order: Order, told: Callable[[int, int], None]) -> None:
    """List the source once more, and tell of what each key has. Refused, OSError"""
    buckets = Buckets(sides.source, sides.target)
    for name in await chosen(sides, order):
        versioning = (await buckets.look(name)).versioning
        with_versions = versioning is not Versioning.UNVERSIONED and not order.is_current
        found = listing.keys(sides.source, name, order.prefix, with_versions=with_versions)
        async for key in found:
            told(len(key.entries), sum(entry.size_bytes for entry in key.entries))
