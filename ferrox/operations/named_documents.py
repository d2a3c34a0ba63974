"""Documents of which a bucket has many, each under an id: analytics, inventory, metrics, tiering.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBucketInventoryConfigurations.html

Each lies in a row of its own, named after the kind and the id, so that a thousand of them are
neither read nor written together.
"""

import re
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from ferrox.document_errors import (
    InvalidConfigurationId,
    NoSuchConfiguration,
    TooManyConfigurations,
)
from ferrox.operations.call import Call
from ferrox.operations.documents import AnyOperation, answer, given
from ferrox.operations.registry import handles
from ferrox.protocol import document_operations as rows
from ferrox.protocol.documents import analysis, inventory
from ferrox.protocol.listing import ContinuationToken
from ferrox.protocol.plain import as_plain, from_plain
from ferrox.protocol.shape import Shape
from ferrox.protocol.shapes.analysis import (
    AnalyticsConfiguration,
    IntelligentTieringConfiguration,
    MetricsConfiguration,
)
from ferrox.protocol.shapes.groups import ConfigurationInput, ListConfigurationsInput, NoOutput
from ferrox.protocol.shapes.inventory import InventoryConfiguration
from ferrox.records import BucketRecord
from ferrox.storage.metadata import buckets
from ferrox.storage.metadata.database import Reader

MOST_CONFIGURATIONS = 1000
PAGE_LIMIT = 100

_is_id = re.compile(r"[A-Za-z0-9._-]{1,64}").fullmatch


class NamedDocument(NamedTuple):
    """One row: a kind of document, its operations, and when one is acceptable under its id."""

    shape: type[Shape]
    action: str
    get: AnyOperation
    put: AnyOperation
    delete: AnyOperation
    list: AnyOperation
    check: Callable[[Any, str], None]

    @property
    def prefix(self) -> str:
        """What the names of its documents begin with."""
        return f"{self.shape.stored_as}/"


def register(row: NamedDocument) -> None:
    """Make the handlers of a row."""

    async def get(call: Call, args: ConfigurationInput) -> Any:
        document = call.store.bucket_document(call.bucket, row.prefix + args.id)
        if document is None:
            raise NoSuchConfiguration
        return answer(row.get, from_plain(row.shape, document))

    async def put(call: Call, args: Any) -> NoOutput:
        document = given(args)
        if not _is_id(args.id):
            raise InvalidConfigurationId
        row.check(document, args.id)
        name = row.prefix + args.id
        check = partial(_require_room, row.prefix, name)
        await call.store.put_bucket_document(call.bucket, name, as_plain(document), check=check)
        return NoOutput()

    async def delete(call: Call, args: ConfigurationInput) -> NoOutput:
        name = row.prefix + args.id
        check = partial(_require, name)
        await call.store.delete_bucket_document(call.bucket, name, check=check)
        return NoOutput()

    async def list_page(call: Call, args: ListConfigurationsInput) -> Any:
        return await _page(row, call, args.continuation_token)

    handles(row.get, action=f"s3:Get{row.action}")(get)
    handles(row.put, action=f"s3:Put{row.action}")(put)
    handles(row.delete, action=f"s3:Put{row.action}")(delete)
    handles(row.list, action=f"s3:Get{row.action}")(list_page)


async def _page(row: NamedDocument, call: Call, token: str | None) -> Any:
    """Some hundred configurations, by id."""
    after = row.prefix + ContinuationToken.decode(token).after if token else ""
    found = await call.store.bucket_documents(call.bucket, row.prefix, after, PAGE_LIMIT + 1)
    page = found[:PAGE_LIMIT]
    is_truncated = len(found) > len(page)
    last_id = page[-1][0].removeprefix(row.prefix) if page else ""
    if row.list.output is None:
        raise TypeError(f"{row.list} has no output shape")
    return row.list.output(
        **{row.list.output.plan.elements[0].name: [from_plain(row.shape, d) for _, d in page]},
        is_truncated=is_truncated,
        continuation_token=token,
        next_continuation_token=ContinuationToken(last_id).encode() if is_truncated else None,
    )


def _require(name: str, reader: Reader, bucket: BucketRecord) -> None:
    if buckets.document(reader, bucket.bucket_id, name) is None:
        raise NoSuchConfiguration


def _require_room(prefix: str, name: str, reader: Reader, bucket: BucketRecord) -> None:
    if buckets.document(reader, bucket.bucket_id, name) is None:
        found = buckets.documents(reader, bucket.bucket_id, prefix, "", MOST_CONFIGURATIONS)
        if len(found) >= MOST_CONFIGURATIONS:
            raise TooManyConfigurations


# A table is read by its columns, so the formatter keeps its hands off.
# fmt: off
NAMED_DOCUMENTS = (
    NamedDocument(
        AnalyticsConfiguration, "AnalyticsConfiguration",
        rows.GetBucketAnalyticsConfiguration, rows.PutBucketAnalyticsConfiguration,
        rows.DeleteBucketAnalyticsConfiguration, rows.ListBucketAnalyticsConfigurations,
        analysis.check_analytics),
    NamedDocument(
        IntelligentTieringConfiguration, "IntelligentTieringConfiguration",
        rows.GetBucketIntelligentTieringConfiguration,
        rows.PutBucketIntelligentTieringConfiguration,
        rows.DeleteBucketIntelligentTieringConfiguration,
        rows.ListBucketIntelligentTieringConfigurations, analysis.check_tiering),
    NamedDocument(
        InventoryConfiguration, "InventoryConfiguration",
        rows.GetBucketInventoryConfiguration, rows.PutBucketInventoryConfiguration,
        rows.DeleteBucketInventoryConfiguration, rows.ListBucketInventoryConfigurations,
        inventory.check),
    NamedDocument(
        MetricsConfiguration, "MetricsConfiguration",
        rows.GetBucketMetricsConfiguration, rows.PutBucketMetricsConfiguration,
        rows.DeleteBucketMetricsConfiguration, rows.ListBucketMetricsConfigurations,
        analysis.check_metrics),
)
"""Every kind of document that has an id."""
# fmt: on

for _row in NAMED_DOCUMENTS:
    register(_row)
