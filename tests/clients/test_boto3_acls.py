"""boto3 as it is installed today: access control lists, and what callers who do not sign get."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.clients import witness
from tests.clients.witness import code

ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"


@pytest.fixture
def open_bucket(s3: Any, bucket_name: str) -> str:
    """A bucket where lists are in force and may be public."""
    s3.create_bucket(Bucket=bucket_name, ObjectOwnership="ObjectWriter")
    s3.delete_public_access_block(Bucket=bucket_name)
    return bucket_name


def granted(answer: dict[str, Any]) -> list[tuple[str, str]]:
    """Type of grantee and permission of each grant."""
    return [(grant["Grantee"]["Type"], grant["Permission"]) for grant in answer["Grants"]]


def test_new_buckets_have_no_lists_and_say_so(s3: Any, bucket: str, anonymous: Any) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"data", ACL="bucket-owner-full-control")

    with pytest.raises(ClientError) as of_bucket:
        s3.put_bucket_acl(Bucket=bucket, ACL="public-read")
    with pytest.raises(ClientError) as of_object:
        s3.put_object(Bucket=bucket, Key="k", Body=b"data", ACL="public-read")
    with pytest.raises(ClientError) as unsigned:
        anonymous.get_object(Bucket=bucket, Key="k")

    assert (400, "AccessControlListNotSupported") == code(of_bucket) == code(of_object)
    assert (403, "AccessDenied") == code(unsigned)
    assert [("CanonicalUser", "FULL_CONTROL")] == granted(s3.get_bucket_acl(Bucket=bucket))
    assert [("CanonicalUser", "FULL_CONTROL")] == granted(s3.get_object_acl(Bucket=bucket, Key="k"))


def test_a_public_bucket_is_listed_by_everybody(s3: Any, open_bucket: str, anonymous: Any) -> None:
    s3.put_object(Bucket=open_bucket, Key="private", Body=b"data")
    s3.put_bucket_acl(Bucket=open_bucket, ACL="public-read")

    assert ["private"] == witness.keys(anonymous, open_bucket)
    with pytest.raises(ClientError) as refused:
        anonymous.get_object(Bucket=open_bucket, Key="private")
    assert (403, "AccessDenied") == code(refused)

    s3.put_public_access_block(
        Bucket=open_bucket, PublicAccessBlockConfiguration={"IgnorePublicAcls": True}
    )
    with pytest.raises(ClientError) as ignored:
        anonymous.list_objects_v2(Bucket=open_bucket)
    assert (403, "AccessDenied") == code(ignored)


def test_a_public_object_is_read_by_everybody(s3: Any, open_bucket: str, anonymous: Any) -> None:
    s3.put_object(Bucket=open_bucket, Key="k", Body=b"data", ACL="public-read")

    assert b"data" == witness.read(anonymous, open_bucket, "k")
    shown = s3.get_object_acl(Bucket=open_bucket, Key="k")
    assert [("CanonicalUser", "FULL_CONTROL"), ("Group", "READ")] == granted(shown)

    s3.put_object_acl(Bucket=open_bucket, Key="k", ACL="private")
    with pytest.raises(ClientError) as refused:
        anonymous.head_object(Bucket=open_bucket, Key="k")
    assert (403, "403") == code(refused)


def test_a_list_that_was_read_can_be_written_back(s3: Any, open_bucket: str) -> None:
    owner = s3.get_bucket_acl(Bucket=open_bucket)["Owner"]
    s3.put_bucket_acl(
        Bucket=open_bucket,
        GrantFullControl=f'id="{owner["ID"]}"',
        GrantReadACP=f'uri="{ALL_USERS}"',
    )
    shown = s3.get_bucket_acl(Bucket=open_bucket)
    policy = {"Owner": shown["Owner"], "Grants": shown["Grants"]}

    s3.put_bucket_acl(Bucket=open_bucket, ACL="private")
    s3.put_bucket_acl(Bucket=open_bucket, AccessControlPolicy=policy)

    assert shown["Grants"] == s3.get_bucket_acl(Bucket=open_bucket)["Grants"]
    assert [("CanonicalUser", "FULL_CONTROL"), ("Group", "READ_ACP")] == granted(shown)


def test_public_lists_are_blocked_until_the_block_is_lifted(s3: Any, bucket_name: str) -> None:
    s3.create_bucket(Bucket=bucket_name, ObjectOwnership="BucketOwnerPreferred")

    with pytest.raises(ClientError) as blocked:
        s3.put_bucket_acl(Bucket=bucket_name, ACL="public-read")
    s3.delete_public_access_block(Bucket=bucket_name)
    s3.put_bucket_acl(Bucket=bucket_name, ACL="public-read")
    with pytest.raises(ClientError) as still_public:
        s3.put_bucket_ownership_controls(
            Bucket=bucket_name,
            OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        )

    assert (403, "AccessDenied") == code(blocked)
    assert (400, "InvalidBucketAclWithObjectOwnership") == code(still_public)
