import pytest

from ferrox import ids
from ferrox.errors import InvalidArgument, InvalidStorageClass
from ferrox.operations import facts
from ferrox.records import BucketRecord, Checksum, Versioning

BUCKET = BucketRecord(1, "bucket", "c" * 64, "us-east-1", 0)


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("aws-chunked", None),
        ("aws-chunked,gzip", "gzip"),
        ("gzip, aws-chunked", "gzip"),
        ("gzip", "gzip"),
        ("gzip,br", "gzip,br"),
    ],
)
def test_transport_framing_is_not_part_of_the_object(sent: str, stored: str | None) -> None:
    assert stored == facts.representation({"content-encoding": sent}).get("content-encoding")


def test_only_headers_that_describe_the_object_are_stored() -> None:
    headers = {"content-type": "x/y", "host": "h", "content-length": "1", "x-amz-meta-a": "1"}

    assert {"content-type": "x/y"} == facts.representation(headers)


def test_a_storage_class_is_one_that_s3_has() -> None:
    assert "STANDARD" == facts.storage_class({})
    with pytest.raises(InvalidStorageClass):
        facts.storage_class({"x-amz-storage-class": "standard"})


def test_every_algorithm_has_its_output_field() -> None:
    from ferrox.protocol.checksums import ALGORITHMS

    assert ALGORITHMS.keys() == facts.CHECKSUM_FIELDS.keys()
    assert {"checksum_sha1": "v", "checksum_type": "COMPOSITE"} == facts.checksum_fields(
        Checksum("SHA1", "v", "COMPOSITE")
    )
    assert {} == facts.checksum_fields(None)


def test_the_empty_version_id_names_nothing() -> None:
    facts.check_version_id(BUCKET, None)
    with pytest.raises(InvalidArgument):
        facts.check_version_id(BUCKET, "")


def test_a_version_id_is_one_that_the_bucket_can_have_given() -> None:
    versioned = BUCKET._replace(versioning=Versioning.ENABLED)

    facts.check_version_id(BUCKET, "null")
    facts.check_version_id(versioned, "null")
    facts.check_version_id(versioned, ids.version_id())
    for bucket, version_id in ((BUCKET, ids.version_id()), (versioned, "nope")):
        with pytest.raises(InvalidArgument, match="Invalid version id specified"):
            facts.check_version_id(bucket, version_id)
