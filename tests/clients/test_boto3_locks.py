"""boto3 as it is installed today: object lock."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.clients.witness import code, read


@pytest.fixture
def locks(s3: Any, bucket_name: str) -> str:
    """An empty bucket in which objects can be locked."""
    s3.create_bucket(Bucket=bucket_name, ObjectLockEnabledForBucket=True)
    return bucket_name


def tomorrow(days: int = 1) -> datetime:
    return datetime.now(UTC).replace(microsecond=0) + timedelta(days=days)


def test_governance_yields_to_who_may_bypass_it(s3: Any, locks: str) -> None:
    until = tomorrow()
    version_id = s3.put_object(
        Bucket=locks, Key="k", Body=b"data",
        ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=until,
    )["VersionId"]  # fmt: skip
    name = {"Bucket": locks, "Key": "k", "VersionId": version_id}

    told = s3.get_object_retention(Bucket=locks, Key="k")["Retention"]
    head = s3.head_object(Bucket=locks, Key="k")
    with pytest.raises(ClientError) as refusal:
        s3.delete_object(**name)
    with pytest.raises(ClientError) as shortening:
        s3.put_object_retention(
            **name, Retention={"Mode": "GOVERNANCE", "RetainUntilDate": until - timedelta(hours=1)}
        )
    s3.put_object_retention(
        **name, Retention={"Mode": "GOVERNANCE", "RetainUntilDate": until + timedelta(hours=1)}
    )
    s3.delete_object(**name, BypassGovernanceRetention=True)

    assert {"Mode": "GOVERNANCE", "RetainUntilDate": until} == told
    assert ("GOVERNANCE", until) == (head["ObjectLockMode"], head["ObjectLockRetainUntilDate"])
    assert (403, "AccessDenied") == code(refusal) == code(shortening)
    assert "Versions" not in s3.list_object_versions(Bucket=locks)


def test_compliance_yields_to_nobody(s3: Any, locks: str) -> None:
    until = tomorrow()
    version_id = s3.put_object(Bucket=locks, Key="k", Body=b"data")["VersionId"]
    name = {"Bucket": locks, "Key": "k", "VersionId": version_id}
    s3.put_object_retention(**name, Retention={"Mode": "COMPLIANCE", "RetainUntilDate": until})

    with pytest.raises(ClientError) as refusal:
        s3.delete_object(**name, BypassGovernanceRetention=True)
    many = s3.delete_objects(
        Bucket=locks,
        Delete={"Objects": [{"Key": "k", "VersionId": version_id}]},
        BypassGovernanceRetention=True,
    )
    with pytest.raises(ClientError) as weaker:
        s3.put_object_retention(
            **name,
            Retention={"Mode": "GOVERNANCE", "RetainUntilDate": tomorrow(2)},
            BypassGovernanceRetention=True,
        )
    with pytest.raises(ClientError) as suspended:
        s3.put_bucket_versioning(Bucket=locks, VersioningConfiguration={"Status": "Suspended"})

    assert (403, "AccessDenied") == code(refusal) == code(weaker)
    assert ["AccessDenied"] == [error["Code"] for error in many["Errors"]]
    assert (409, "InvalidBucketState") == code(suspended)
    assert b"data" == read(s3, locks, "k", VersionId=version_id)


def test_a_legal_hold_is_put_and_released(s3: Any, locks: str) -> None:
    version_id = s3.put_object(Bucket=locks, Key="k", Body=b"data", ObjectLockLegalHoldStatus="ON")[
        "VersionId"
    ]
    name = {"Bucket": locks, "Key": "k", "VersionId": version_id}

    with pytest.raises(ClientError) as refusal:
        s3.delete_object(**name, BypassGovernanceRetention=True)
    held = s3.get_object_legal_hold(**name)["LegalHold"]["Status"]
    s3.put_object_legal_hold(**name, LegalHold={"Status": "OFF"})
    s3.delete_object(**name)

    assert (403, "AccessDenied") == code(refusal)
    assert "ON" == held


def test_the_retention_of_the_bucket_is_given_to_what_is_put(s3: Any, locks: str) -> None:
    s3.put_object_lock_configuration(
        Bucket=locks,
        ObjectLockConfiguration={
            "ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 3}},
        },
    )

    s3.put_object(Bucket=locks, Key="k", Body=b"data")
    upload_id = s3.create_multipart_upload(Bucket=locks, Key="parts")["UploadId"]
    part = s3.upload_part(Bucket=locks, Key="parts", UploadId=upload_id, PartNumber=1, Body=b"part")
    s3.complete_multipart_upload(
        Bucket=locks, Key="parts", UploadId=upload_id,
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]},
    )  # fmt: skip

    for key in ("k", "parts"):
        head = s3.head_object(Bucket=locks, Key=key)
        assert "GOVERNANCE" == head["ObjectLockMode"]
        kept = head["ObjectLockRetainUntilDate"] - head["LastModified"]
        assert timedelta(days=3) <= kept <= timedelta(days=3, minutes=1)


def test_a_bucket_without_object_lock_refuses_locks(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"data")

    with pytest.raises(ClientError) as refusal:
        s3.put_object_legal_hold(Bucket=bucket, Key="k", LegalHold={"Status": "ON"})

    assert (400, "InvalidRequest") == code(refusal)
