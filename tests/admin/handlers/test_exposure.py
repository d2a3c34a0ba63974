"""admin/handlers/exposure.py: the report of what is open, bucket by bucket."""

from ferrox.iam import acl
from tests.admin.operator import Operator
from tests.in_process import InProcess
from tests.operations.configured import put

OPEN = "<BlockPublicPolicy>false</BlockPublicPolicy>"
POLICY = (
    '{{"Version": "2012-10-17", "Statement": [{{"Sid": "let", "Effect": "Allow", "Principal": "*",'
    ' "Action": "s3:GetObject", "Resource": "arn:aws:s3:::{bucket}/*"}}]}}'
)


async def open_bucket(s3: InProcess, name: str) -> None:
    await s3.make_bucket(name)
    block = f"<PublicAccessBlockConfiguration>{OPEN}</PublicAccessBlockConfiguration>"
    await put(s3, acl.PUBLIC_ACCESS_BLOCK_DOCUMENT, block, path=f"/{name}")
    answer = await put(s3, "policy", POLICY.format(bucket=name), path=f"/{name}")
    assert 204 == answer.status


async def test_open_buckets_are_told_with_the_reason(s3: InProcess, operator: Operator) -> None:
    for name in ("one", "two"):
        await open_bucket(s3, name)
    await s3.make_bucket("shut")

    page = await operator.get("/exposures")

    expected = {
        "bucket": "one", "actions": ["s3:GetObject"], "resource": "arn:aws:s3:::one/*",
        "because": "statement let of the bucket's policy", "conditional": False,
    }  # fmt: skip
    assert expected == page["exposures"][0]
    assert (["one", "two"], None) == ([one["bucket"] for one in page["exposures"]], page["next"])


async def test_pages_are_of_buckets_that_were_looked_at(s3: InProcess, operator: Operator) -> None:
    await s3.make_bucket("aaa")
    await open_bucket(s3, "bbb")

    first = await operator.get("/exposures", limit="1")
    rest = await operator.get("/exposures", after=first["next"])

    assert ([], "aaa") == (first["exposures"], first["next"])
    assert ["bbb"] == [one["bucket"] for one in rest["exposures"]]


async def test_one_bucket_can_be_asked_about(s3: InProcess, operator: Operator) -> None:
    for name in ("one", "two"):
        await open_bucket(s3, name)

    page = await operator.get("/exposures", bucket="two")
    missing = await operator.ask("GET", "/exposures", query={"bucket": "none"})

    assert ["two"] == [one["bucket"] for one in page["exposures"]]
    assert "NoSuchBucket" == missing.code
