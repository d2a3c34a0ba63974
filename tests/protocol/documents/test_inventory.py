import pytest

from ferrox.protocol.documents import inventory
from ferrox.protocol.shapes.inventory import InventoryConfiguration
from tests.protocol.documents.reading import read, verdict


def text(
    arn: str = "arn:aws:s3:::lists", encryption: str = "", more: str = "", frequency: str = "Daily"
) -> str:
    return (
        "<Id>one</Id><IsEnabled>true</IsEnabled><Destination><S3BucketDestination>"
        f"<Format>CSV</Format><Bucket>{arn}</Bucket>{encryption}</S3BucketDestination>"
        f"</Destination><Schedule><Frequency>{frequency}</Frequency></Schedule>"
        f"<IncludedObjectVersions>All</IncludedObjectVersions>{more}"
    )


def judge(content: str, configuration_id: str = "one") -> str:
    return verdict(
        lambda: inventory.check(
            read(InventoryConfiguration, "InventoryConfiguration", content), configuration_id
        )
    )


@pytest.mark.parametrize(
    "content",
    [
        text(),
        text(encryption="<Encryption><SSE-S3/></Encryption>"),
        text(more="<Filter><Prefix>a/</Prefix></Filter>", frequency="Weekly"),
        text(more="<OptionalFields><Field>Size</Field><Field>ETag</Field></OptionalFields>"),
    ],
)
def test_inventories_that_are_accepted(content: str) -> None:
    assert judge(content) == ""


def test_the_id_is_that_of_the_request() -> None:
    assert judge(text(), "two") == (
        "IdMismatch: Document ID does not match the specified configuration ID."
    )


@pytest.mark.parametrize("arn", ["lists", "arn:aws:s3:::A_B", "arn:aws:sqs:::lists", ""])
def test_the_destination_is_the_arn_of_a_bucket(arn: str) -> None:
    assert judge(text(arn)) == "InvalidS3DestinationBucket: Invalid bucket ARN."


@pytest.mark.parametrize(
    "content",
    [
        "",
        text(frequency="Hourly"),
        text(more="<OptionalFields><Field>Colour</Field></OptionalFields>"),
        text(encryption="<Encryption/>"),
        text(encryption="<Encryption><SSE-S3/><SSE-KMS><KeyId>k</KeyId></SSE-KMS></Encryption>"),
        text(more="<Filter/>"),
        text(more="<Colour/>"),
        text().replace("<Id>one</Id>", ""),
        text().replace("true", "yes"),
    ],
)
def test_what_is_no_inventory_is_malformed(content: str) -> None:
    assert judge(content).startswith("MalformedXML: ")


@pytest.mark.parametrize("format_name", ["ORC", "Parquet"])
def test_other_formats_are_not_implemented(format_name: str) -> None:
    verdict = judge(text().replace("CSV", format_name))

    assert verdict == f"NotImplemented: Inventory lists in the format {format_name}"


def test_access_control_lists_are_in_no_list() -> None:
    fields = "<OptionalFields><Field>ObjectAccessControlList</Field></OptionalFields>"

    assert judge(text(more=fields)).startswith("NotImplemented: ")
