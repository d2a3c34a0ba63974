from collections.abc import Callable

import pytest

from ferrox.protocol.documents import analysis
from ferrox.protocol.shapes.analysis import (
    AnalyticsConfiguration,
    IntelligentTieringConfiguration,
    MetricsConfiguration,
)
from tests.protocol.documents.reading import read, verdict

TAG = "<Tag><Key>{}</Key><Value>v</Value></Tag>"
EXPORT = (
    "<StorageClassAnalysis><DataExport><OutputSchemaVersion>V_1</OutputSchemaVersion><Destination>"
    "<S3BucketDestination><Format>CSV</Format><Bucket>{}</Bucket></S3BucketDestination>"
    "</Destination></DataExport></StorageClassAnalysis>"
)


def analytics(content: str, configuration_id: str = "one") -> str:
    return verdict(
        lambda: analysis.check_analytics(
            read(AnalyticsConfiguration, "AnalyticsConfiguration", content), configuration_id
        )
    )


def metrics(content: str, configuration_id: str = "one") -> str:
    return verdict(
        lambda: analysis.check_metrics(
            read(MetricsConfiguration, "MetricsConfiguration", content), configuration_id
        )
    )


def tiering(content: str, configuration_id: str = "one") -> str:
    return verdict(
        lambda: analysis.check_tiering(
            read(IntelligentTieringConfiguration, "IntelligentTieringConfiguration", content),
            configuration_id,
        )
    )


def tier(days: int, name: str = "ARCHIVE_ACCESS") -> str:
    return f"<Tiering><Days>{days}</Days><AccessTier>{name}</AccessTier></Tiering>"


TIERED = "<Id>one</Id><Status>Enabled</Status>"
KINDS = [
    (analytics, "<Id>one</Id>", "<StorageClassAnalysis/>"),
    (metrics, "<Id>one</Id>", ""),
    (tiering, TIERED, tier(90)),
]


@pytest.mark.parametrize(("judge", "start", "end"), KINDS)
def test_filters_ask_for_one_thing_or_an_and_of_several(
    judge: Callable[[str], str], start: str, end: str
) -> None:
    accepted = [
        "",
        "<Filter><Prefix>a/</Prefix></Filter>",
        f"<Filter>{TAG.format('k')}</Filter>",
        f"<Filter><And><Prefix/>{TAG.format('k')}</And></Filter>",
        f"<Filter><And>{TAG.format('k')}{TAG.format('l')}</And></Filter>",
    ]
    malformed = [
        "<Filter/>",
        f"<Filter><Prefix/>{TAG.format('k')}</Filter>",
        f"<Filter><And>{TAG.format('k')}</And></Filter>",
        "<Filter><Suffix/></Filter>",
    ]

    assert [""] * len(accepted) == [judge(f"{start}{scope}{end}") for scope in accepted]
    assert {"MalformedXML"} == {
        judge(f"{start}{scope}{end}").partition(":")[0] for scope in malformed
    }
    twice = f"<Filter><And>{TAG.format('k')}{TAG.format('k')}</And></Filter>"
    assert judge(f"{start}{twice}{end}").startswith("InvalidTag: Cannot provide multiple Tags")


@pytest.mark.parametrize(("judge", "start", "end"), KINDS)
def test_the_id_is_that_of_the_request(
    judge: Callable[[str, str], str], start: str, end: str
) -> None:
    assert judge(start + end, "two").startswith("MalformedXML: ")
    assert judge(start.replace("<Id>one</Id>", "") + end, "one").startswith("MalformedXML: ")


def test_an_analysis_is_written_to_a_bucket() -> None:
    assert analytics("<Id>one</Id>" + EXPORT.format("arn:aws:s3:::lists")) == ""
    assert analytics("<Id>one</Id>" + EXPORT.format("lists")) == (
        "InvalidS3DestinationBucket: Invalid bucket ARN."
    )
    assert analytics("<Id>one</Id>").startswith("MalformedXML: ")


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (tier(90) + tier(180, "DEEP_ARCHIVE_ACCESS"), ""),
        (tier(730), ""),
        (tier(89), "InvalidArgument: 'Days' for ARCHIVE_ACCESS must be between 90 and 730"),
        (tier(731), "InvalidArgument: 'Days' for ARCHIVE_ACCESS must be between 90 and 730"),
        (
            tier(179, "DEEP_ARCHIVE_ACCESS"),
            "InvalidArgument: 'Days' for DEEP_ARCHIVE_ACCESS must be between 180 and 730",
        ),
        (tier(90) + tier(91), "InvalidArgument: Duplicate access tiers are not allowed"),
        (tier(90, "ATTIC"), "MalformedXML: "),
        ("", "MalformedXML: "),
    ],
)
def test_tiers(content: str, refusal: str) -> None:
    answer = tiering(TIERED + content)

    assert answer.startswith(refusal)
    assert bool(refusal) == bool(answer)


def test_an_arn_names_a_bucket() -> None:
    assert "lists" == analysis.bucket_of("arn:aws:s3:::lists")
    assert "lists" == analysis.bucket_of("arn:aws-cn:s3:::lists")
    assert analysis.bucket_of("arn:aws:s3:::lists/key") is None
