"""Storage class analysis, request metrics and intelligent tiering.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketAnalyticsConfiguration.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketMetricsConfiguration.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketIntelligentTieringConfiguration.html
"""

import re

from ferrox.document_errors import InvalidS3DestinationBucket
from ferrox.errors import InvalidArgument, MalformedXML
from ferrox.protocol.documents.tagging import check_unique
from ferrox.protocol.names import is_bucket_name
from ferrox.protocol.shapes.analysis import (
    AnalyticsConfiguration,
    AnalyticsFilter,
    IntelligentTieringConfiguration,
    IntelligentTieringFilter,
    MetricsConfiguration,
    MetricsFilter,
)

TIER_DAYS = {"ARCHIVE_ACCESS": range(90, 731), "DEEP_ARCHIVE_ACCESS": range(180, 731)}
"""After how many days without access an object may enter a tier."""

_bucket_arn = re.compile(r"arn:aws[a-z-]*:s3:::([^/:]+)").fullmatch


def check_analytics(document: AnalyticsConfiguration, configuration_id: str) -> None:
    """Raise unless a bucket may be analysed so, under this id."""
    _check_id(document.id, configuration_id)
    if document.filter is not None:
        _check_filter(document.filter)
    export = document.storage_class_analysis.data_export
    if export is not None:
        check_destination(export.destination.s3_bucket_destination.bucket)


def check_metrics(document: MetricsConfiguration, configuration_id: str) -> None:
    """Raise unless requests to a bucket may be counted so, under this id."""
    _check_id(document.id, configuration_id)
    if document.filter is not None:
        _check_filter(document.filter)


def check_tiering(document: IntelligentTieringConfiguration, configuration_id: str) -> None:
    """Raise unless objects may move between tiers so, under this id."""
    _check_id(document.id, configuration_id)
    if document.filter is not None:
        _check_filter(document.filter)
    tiers = [tiering.access_tier for tiering in document.tierings]
    if len(tiers) > len(set(tiers)):
        raise InvalidArgument("Duplicate access tiers are not allowed", ArgumentName="AccessTier")
    for tiering in document.tierings:
        days = TIER_DAYS[tiering.access_tier]
        if tiering.days not in days:
            raise InvalidArgument(
                f"'Days' for {tiering.access_tier} must be between {days[0]} and {days[-1]}",
                ArgumentName="Days",
                ArgumentValue=tiering.days,
            )


def bucket_of(arn: str) -> str | None:
    """The bucket that an ARN names, if it names one."""
    match = _bucket_arn(arn)
    return match[1] if match and is_bucket_name(match[1]) else None


def check_destination(arn: str) -> None:
    """Raise InvalidS3DestinationBucket unless it is the ARN of a bucket."""
    if bucket_of(arn) is None:
        raise InvalidS3DestinationBucket


def _check_id(named: str, configuration_id: str) -> None:
    if named != configuration_id:
        raise MalformedXML


def _check_filter(scope: AnalyticsFilter | MetricsFilter | IntelligentTieringFilter) -> None:
    """One thing is asked of an object, or an And of several."""
    if len(scope.__dict__) != 1:
        raise MalformedXML
    both = scope.and_
    if both is not None:
        given = {name: value for name, value in both.__dict__.items() if name != "tags"}
        if len(given) + len(both.tags or ()) < 2:
            raise MalformedXML
        check_unique(both.tags or ())
