import pytest

from ferrox.errors import AccessDenied, NoSuchBucket
from ferrox.iam.authorizer import Authorizer
from ferrox.operations.call import Call, Services
from ferrox.operations.payload import Payload
from ferrox.protocol.message import Request
from ferrox.records import ANONYMOUS, BucketRecord, Principal
from tests.in_process import ROOT, InProcess

BUCKET = BucketRecord(1, "photos", ROOT.canonical_id, "us-east-1", 0)


def call(s3: InProcess, principal: Principal, bucket: BucketRecord | None) -> Call:
    request = Request("GET", "/", "", {})
    services = Services(s3.store, Authorizer(), s3.clock, s3.region)
    return Call(services, principal, request, bucket, Payload(request, None, None, None))


async def test_a_call_knows_the_store_and_the_bucket_it_is_about(s3: InProcess) -> None:
    asked = call(s3, ROOT, BUCKET)

    assert (s3.store, BUCKET) == (asked.store, asked.bucket)


async def test_a_call_about_no_bucket_has_none(s3: InProcess) -> None:
    with pytest.raises(NoSuchBucket):
        _ = call(s3, ROOT, None).bucket


async def test_further_permissions_are_asked_of_the_same_authorizer(s3: InProcess) -> None:
    call(s3, ROOT, BUCKET).require("s3:GetObject", BUCKET, "k")
    with pytest.raises(AccessDenied):
        call(s3, ANONYMOUS, BUCKET).require("s3:GetObject", BUCKET, "k")
