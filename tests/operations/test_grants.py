"""Lists as headers ask for them."""

import pytest

from ferrox.errors import AccessDenied, InvalidArgument
from ferrox.iam import acl
from ferrox.iam.acl import Access
from ferrox.iam.authorizer import Authorizer
from ferrox.operations import grants
from ferrox.operations.call import Call, Services
from ferrox.operations.payload import Payload
from ferrox.protocol.message import Request
from ferrox.records import BucketRecord, Grant
from tests.in_process import ACCOUNTS, OTHER, ROOT, InProcess


@pytest.fixture
def services(s3: InProcess) -> Services:
    """Services that know two accounts."""
    return Services(s3.store, Authorizer(), s3.clock, s3.region, ACCOUNTS.get)


def test_no_header_asks_for_no_list(services: Services) -> None:
    assert grants.in_headers(services, {"host": "x"}, "a", "b") is None


def test_a_name_stands_for_its_grants(services: Services) -> None:
    asked = grants.in_headers(services, {"x-amz-acl": "bucket-owner-read"}, "a", "b")

    assert acl.canned("bucket-owner-read", "a", "b") == asked


def test_some_names_are_for_buckets_only(services: Services) -> None:
    headers = {"x-amz-acl": "log-delivery-write"}

    with pytest.raises(InvalidArgument) as refused:
        grants.in_headers(services, headers, "a", "a")

    assert "x-amz-acl" == refused.value.details["ArgumentName"]
    assert grants.in_headers(services, headers, "a", "a", acl.CANNED_FOR_BUCKETS)


def test_grants_name_accounts_that_exist(services: Services) -> None:
    headers = {"x-amz-grant-read": f'id="{OTHER.canonical_id}"'}

    asked = grants.in_headers(services, headers, ROOT.canonical_id, ROOT.canonical_id)

    assert [Grant(acl.CANONICAL_USER, OTHER.canonical_id, acl.READ)] == asked
    with pytest.raises(InvalidArgument, match="Invalid id"):
        grants.in_headers(services, {"x-amz-grant-read": "id=f"}, "a", "a")


def test_the_list_that_everything_begins_with_is_not_stored() -> None:
    assert grants.stored(acl.only_owner("a"), "a") is None
    assert acl.only_owner("a") == grants.stored(acl.only_owner("a"), "b")


def test_where_public_lists_are_blocked_private_ones_may_be_set(services: Services) -> None:
    bucket = BucketRecord(1, "photos", ROOT.canonical_id, "us-east-1", 0)
    request = Request("PUT", "/photos/k", "acl", {})
    call = Call(services, ROOT, request, bucket, Payload(request, None, None, None))
    access = Access("a", blocks_public_acls=True)
    private, public = (acl.canned(name, "b", "a") for name in ("bucket-owner-read", "public-read"))

    grants.require_settable(call, "s3:PutObjectAcl", access, private, "k")
    with pytest.raises(AccessDenied) as refused:
        grants.require_settable(call, "s3:PutObjectAcl", access, public, "k")

    assert refused.value.message == (
        f"User: {ROOT.arn} is not authorized to perform: s3:PutObjectAcl on resource: "
        '"arn:aws:s3:::photos/k" because public ACLs are prevented by the BlockPublicAcls setting '
        "in S3 Block Public Access."
    )
    assert request.decision is not None
