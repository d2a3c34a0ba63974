"""boto3 as it is installed today: lifecycle rules, what answers tell of them, and what they do."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.clients.witness import client, code, keys
from tests.server_process import ROOT, ServerProcess, serving

DAY_S = 0.5
"""Of the server whose rules act."""


def midnight(days: int) -> datetime:
    """The midnight that comes after so many days."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today + timedelta(days=days + 1)


def rule(rule_id: str, **members: Any) -> dict[str, Any]:
    return {"ID": rule_id, "Status": "Enabled", "Filter": {"Prefix": ""}, **members}


def put_rules(s3: Any, bucket: str, *rules: dict[str, Any]) -> None:
    s3.put_bucket_lifecycle_configuration(
        Bucket=bucket, LifecycleConfiguration={"Rules": list(rules)}
    )


def test_answers_tell_when_objects_expire(s3: Any, bucket: str) -> None:
    put_rules(s3, bucket, rule("a rule", Expiration={"Days": 30}))
    before = midnight(30)

    answers = [
        s3.put_object(Bucket=bucket, Key="k", Body=b"data"),
        s3.get_object(Bucket=bucket, Key="k"),
        s3.head_object(Bucket=bucket, Key="k"),
        s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/k"),
    ]

    expected = {
        f'expiry-date="{date:%a, %d %b %Y} 00:00:00 GMT", rule-id="a%20rule"'
        for date in (before, midnight(30))
    }
    assert set() == {answer["Expiration"] for answer in answers} - expected


def test_answers_tell_when_uploads_are_aborted(s3: Any, bucket: str) -> None:
    abort = {"DaysAfterInitiation": 7}
    put_rules(s3, bucket, rule("a rule", AbortIncompleteMultipartUpload=abort))
    before = midnight(7)

    begun = s3.create_multipart_upload(Bucket=bucket, Key="k")
    listed = s3.list_parts(Bucket=bucket, Key="k", UploadId=begun["UploadId"])
    s3.abort_multipart_upload(Bucket=bucket, Key="k", UploadId=begun["UploadId"])

    assert begun["AbortDate"] in (before, midnight(7))
    assert begun["AbortDate"] == listed["AbortDate"]
    assert ["a rule"] * 2 == [begun["AbortRuleId"], listed["AbortRuleId"]]


# A server whose days are short


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    data_dir = tmp_path_factory.mktemp("hasty") / "data"
    with serving(data_dir, "--lifecycle-debug-day", str(DAY_S), "--workers", "2") as server:
        yield server


@pytest.fixture
def fast(hasty: ServerProcess) -> Iterator[Any]:
    made = client(hasty)
    yield made
    made.close()


def wait_expired(fast: Any, bucket: str) -> None:
    """Waits until an object that is made now has gone: so have all that are as old."""
    fast.put_object(Bucket=bucket, Key="expiring/witness", Body=b"")
    waiter = fast.get_waiter("object_not_exists")
    waiter.wait(
        Bucket=bucket, Key="expiring/witness", WaiterConfig={"Delay": 0.2, "MaxAttempts": 300}
    )


def test_objects_expire_and_others_stay(fast: Any, bucket_name: str) -> None:
    fast.create_bucket(Bucket=bucket_name)
    put_rules(
        fast,
        bucket_name,
        rule("expiring", Filter={"Prefix": "expiring/"}, Expiration={"Days": 1}),
        rule("later", Filter={"Prefix": "later/"}, Expiration={"Days": 365_000}),
    )
    before = midnight(1)
    told = [
        fast.put_object(Bucket=bucket_name, Key=key, Body=b"data").get("Expiration", "")
        for key in ("expiring/1", "later/1", "k")
    ]

    wait_expired(fast, bucket_name)

    assert ["k", "later/1"] == keys(fast, bucket_name)
    dates = [f'expiry-date="{date:%a, %d %b %Y} 00:00:00 GMT"' for date in (before, midnight(1))]
    assert told[0].removesuffix(', rule-id="expiring"') in dates
    assert "" == told[2]


def test_no_rule_removes_what_is_locked(fast: Any, bucket_name: str) -> None:
    fast.create_bucket(Bucket=bucket_name, ObjectLockEnabledForBucket=True)
    locked = fast.put_object(
        Bucket=bucket_name, Key="expiring/1", Body=b"locked", ObjectLockMode="COMPLIANCE",
        ObjectLockRetainUntilDate=datetime.now(UTC) + timedelta(days=1),
    )["VersionId"]  # fmt: skip
    held = fast.put_object(
        Bucket=bucket_name, Key="expiring/1", Body=b"held", ObjectLockLegalHoldStatus="ON"
    )["VersionId"]
    free = fast.put_object(Bucket=bucket_name, Key="expiring/1", Body=b"free")["VersionId"]
    put_rules(
        fast,
        bucket_name,
        rule(
            "all",
            Expiration={"Days": 1},
            NoncurrentVersionExpiration={"NoncurrentDays": 1},
        ),
    )

    wait_expired(fast, bucket_name)
    name = {"Bucket": bucket_name, "Key": "expiring/1"}
    waiter = fast.get_waiter("object_not_exists")
    waiter.wait(**name, VersionId=free, WaiterConfig={"Delay": 0.2, "MaxAttempts": 300})

    with pytest.raises(ClientError) as hidden:
        fast.head_object(**name)
    assert (404, "404") == code(hidden)
    assert [b"locked", b"held"] == [
        fast.get_object(**name, VersionId=version_id)["Body"].read()
        for version_id in (locked, held)
    ]


def test_the_plan_and_the_reports_of_a_running_server(
    hasty: ServerProcess, fast: Any, bucket_name: str
) -> None:
    fast.create_bucket(Bucket=bucket_name)
    put_rules(fast, bucket_name, rule("expiring", Expiration={"Days": 1}))
    wait_expired(fast, bucket_name)
    fast.put_object(Bucket=bucket_name, Key="k", Body=b"data")

    plan, report = (
        subprocess.run(
            [sys.executable, "ferroxd.py", "lifecycle", what, bucket_name,
             "--data-dir", str(Path(hasty.data_dir))],
            cwd=ROOT, capture_output=True, text=True, check=True,
        ).stdout
        for what in ("plan", "report")
    )  # fmt: skip

    assert plan.startswith(f"bucket {bucket_name} now\n0 objects would be expired,")
    assert "1 object expired, 0 noncurrent versions removed" in report
