"""census.py: what there is, counted at the source alone."""

import asyncio

from ferrox.migration import census
from ferrox.migration.bodies import Bandwidth
from ferrox.migration.journal import Journal
from ferrox.migration.migrating import Order
from ferrox.migration.sides import Sides
from tests.migration.s3_stage import Asked, answer, asking

BUCKETS = b"".join(
    [
        b"<ListAllMyBucketsResult><Buckets>",
        *(b"<Bucket><Name>%s</Name></Bucket>" % name for name in (b"kept", b"plain", b"not")),
        b"</Buckets></ListAllMyBucketsResult>",
    ]
)
VERSIONS = b"".join(
    [
        b"<ListVersionsResult>",
        *(
            b"<Version><Key>k</Key><VersionId>%d</VersionId><Size>10</Size></Version>" % number
            for number in range(3)
        ),
        b"<DeleteMarker><Key>m</Key></DeleteMarker></ListVersionsResult>",
    ]
)
OBJECTS = b"<ListBucketResult><Contents><Key>k</Key><Size>5</Size></Contents></ListBucketResult>"
ENABLED = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"


def _answers(asked: Asked) -> bytes:
    path, _, query = asked.target.partition("?")
    if path == "/":
        return answer(BUCKETS)
    if query.startswith("versioning"):
        return answer(ENABLED if path == "/kept" else b"<VersioningConfiguration/>")
    if "versions=" in query:
        return answer(VERSIONS)
    return (
        answer(OBJECTS)
        if "list-type=2" in query
        else answer(b"", "404 Not Found" * bool(query) or "200 OK")
    )


async def test_versions_and_bytes_of_what_is_asked_for_are_counted() -> None:
    told: list[tuple[int, int]] = []

    async with asking(_answers) as (s3, _):
        sides = Sides(s3, s3, asyncio.Semaphore(1), Bandwidth(None), Journal(None), print, print)
        order = Order(excluded=frozenset({"not"}))
        await census.count(sides, order, lambda *counted: told.append(counted))

    assert [(3, 30), (1, 0), (1, 5)] == told
