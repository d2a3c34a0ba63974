import pytest

from ferrox.errors import AccessDenied, NoSuchBucket
from ferrox.iam.authorizer import Authorizer
from ferrox.identity import ANONYMOUS, Principal
from ferrox.operations.call import Call, Services
from ferrox.operations.payload import Payload
from ferrox.protocol.message import Request, Tls
from ferrox.protocol.shape import Shape, element
from ferrox.records import BucketRecord
from tests.in_process import ROOT, InProcess


class Colours(Shape, stored_as="colours"):
    first: str | None = element("First", default=None)


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


async def test_a_call_reads_what_its_bucket_is_configured_with(s3: InProcess) -> None:
    bucket, _ = await s3.store.create_bucket("bucket", ROOT.canonical_id, "us-east-1")
    configured = await s3.store.put_bucket_document(bucket, "colours", {"First": "red"})
    changed = await s3.store.put_bucket_document(bucket, "colours", {"First": "blue"})

    asked = call(s3, ROOT, configured)

    assert call(s3, ROOT, bucket).configuration(Colours) is None
    assert Colours(first="blue") == asked.configuration(Colours)
    assert asked.configuration(Colours) is asked.services.configuration(changed, Colours)


@pytest.mark.parametrize(("is_secure", "scheme"), [(False, "http"), (True, "https")])
async def test_an_address_is_the_one_that_the_caller_has_for_the_server(
    s3: InProcess, is_secure: bool, scheme: str
) -> None:
    asked = call(s3, ROOT, None)
    asked.request.headers["host"] = "s3.example.com:9000"
    asked.request.tls = Tls("TLSv1.3", "TLS_AES_128_GCM_SHA256") if is_secure else None

    assert f"{scheme}://s3.example.com:9000/a/b" == asked.url("/a/b")


async def test_no_form_is_taken_from_anybody_where_nobody_verifies_them(s3: InProcess) -> None:
    with pytest.raises(AccessDenied):
        call(s3, ROOT, None).services.verify_form({"key": "k"})
