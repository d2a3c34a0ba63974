"""Shapes of what is measured of a bucket, and of tiers its objects choose themselves."""

from ferrox.protocol.shape import Shape, element, payload, query
from ferrox.protocol.shapes.groups import BucketInput
from ferrox.protocol.shapes.tagging import Tag


class AnalyticsAndOperator(Shape):
    prefix: str | None = element("Prefix", default=None)
    tags: list[Tag] | None = element("Tag", default=None, flattened=True)


class AnalyticsFilter(Shape):
    prefix: str | None = element("Prefix", default=None)
    tag: Tag | None = element("Tag", default=None)
    and_: AnalyticsAndOperator | None = element("And", default=None)


class AnalyticsS3BucketDestination(Shape):
    format: str = element("Format", one_of=("CSV",))
    bucket_account_id: str | None = element("BucketAccountId", default=None)
    bucket: str = element("Bucket")
    prefix: str | None = element("Prefix", default=None)


class AnalyticsExportDestination(Shape):
    s3_bucket_destination: AnalyticsS3BucketDestination = element("S3BucketDestination")


class StorageClassAnalysisDataExport(Shape):
    output_schema_version: str = element("OutputSchemaVersion", one_of=("V_1",))
    destination: AnalyticsExportDestination = element("Destination")


class StorageClassAnalysis(Shape):
    data_export: StorageClassAnalysisDataExport | None = element("DataExport", default=None)


class AnalyticsConfiguration(Shape, stored_as="analytics"):
    id: str = element("Id")
    filter: AnalyticsFilter | None = element("Filter", default=None)
    storage_class_analysis: StorageClassAnalysis = element("StorageClassAnalysis")


class PutBucketAnalyticsConfigurationInput(BucketInput):
    analytics_configuration: AnalyticsConfiguration = payload("AnalyticsConfiguration")
    id: str = query("id")


class GetBucketAnalyticsConfigurationOutput(Shape):
    analytics_configuration: AnalyticsConfiguration | None = payload(
        "AnalyticsConfiguration", default=None
    )


class ListBucketAnalyticsConfigurationsOutput(Shape, root="ListBucketAnalyticsConfigurationResult"):
    analytics_configuration_list: list[AnalyticsConfiguration] | None = element(
        "AnalyticsConfiguration", default=None, flattened=True
    )
    is_truncated: bool | None = element("IsTruncated", default=None)
    continuation_token: str | None = element("ContinuationToken", default=None)
    next_continuation_token: str | None = element("NextContinuationToken", default=None)


class MetricsAndOperator(Shape):
    prefix: str | None = element("Prefix", default=None)
    tags: list[Tag] | None = element("Tag", default=None, flattened=True)
    access_point_arn: str | None = element("AccessPointArn", default=None)


class MetricsFilter(Shape):
    prefix: str | None = element("Prefix", default=None)
    tag: Tag | None = element("Tag", default=None)
    access_point_arn: str | None = element("AccessPointArn", default=None)
    and_: MetricsAndOperator | None = element("And", default=None)


class MetricsConfiguration(Shape, stored_as="metrics"):
    id: str = element("Id")
    filter: MetricsFilter | None = element("Filter", default=None)


class PutBucketMetricsConfigurationInput(BucketInput):
    metrics_configuration: MetricsConfiguration = payload("MetricsConfiguration")
    id: str = query("id")


class GetBucketMetricsConfigurationOutput(Shape):
    metrics_configuration: MetricsConfiguration | None = payload(
        "MetricsConfiguration", default=None
    )


class ListBucketMetricsConfigurationsOutput(Shape, root="ListMetricsConfigurationsResult"):
    metrics_configuration_list: list[MetricsConfiguration] | None = element(
        "MetricsConfiguration", default=None, flattened=True
    )
    is_truncated: bool | None = element("IsTruncated", default=None)
    continuation_token: str | None = element("ContinuationToken", default=None)
    next_continuation_token: str | None = element("NextContinuationToken", default=None)


class IntelligentTieringAndOperator(Shape):
    prefix: str | None = element("Prefix", default=None)
    tags: list[Tag] | None = element("Tag", default=None, flattened=True)


class IntelligentTieringFilter(Shape):
    prefix: str | None = element("Prefix", default=None)
    tag: Tag | None = element("Tag", default=None)
    and_: IntelligentTieringAndOperator | None = element("And", default=None)


class Tiering(Shape):
    days: int = element("Days")
    access_tier: str = element("AccessTier", one_of=("ARCHIVE_ACCESS", "DEEP_ARCHIVE_ACCESS"))


class IntelligentTieringConfiguration(Shape, stored_as="intelligent-tiering"):
    id: str = element("Id")
    filter: IntelligentTieringFilter | None = element("Filter", default=None)
    status: str = element("Status", one_of=("Enabled", "Disabled"))
    tierings: list[Tiering] = element("Tiering", flattened=True)


class PutBucketIntelligentTieringConfigurationInput(BucketInput):
    intelligent_tiering_configuration: IntelligentTieringConfiguration = payload(
        "IntelligentTieringConfiguration"
    )
    id: str = query("id")


class GetBucketIntelligentTieringConfigurationOutput(Shape):
    intelligent_tiering_configuration: IntelligentTieringConfiguration | None = payload(
        "IntelligentTieringConfiguration", default=None
    )


class ListBucketIntelligentTieringConfigurationsOutput(
    Shape, root="ListBucketIntelligentTieringConfigurationsOutput"
):
    intelligent_tiering_configuration_list: list[IntelligentTieringConfiguration] | None = element(
        "IntelligentTieringConfiguration", default=None, flattened=True
    )
    is_truncated: bool | None = element("IsTruncated", default=None)
    continuation_token: str | None = element("ContinuationToken", default=None)
    next_continuation_token: str | None = element("NextContinuationToken", default=None)
