import pytest

from ferrox.errors import AccessDenied
from ferrox.iam.authorizer import Authorizer, resource_arn
from ferrox.records import ANONYMOUS, BucketRecord
from tests.in_process import OTHER, ROOT

BUCKET = BucketRecord(1, "photos", ROOT.canonical_id, "us-east-1", 0)


def test_the_root_of_an_account_may_do_everything_to_what_it_owns() -> None:
    authorizer = Authorizer()

    assert authorizer.require(ROOT, "s3:GetObject", BUCKET, "k") is None  # type: ignore[func-returns-value]
    assert authorizer.require(ROOT, "s3:ListAllMyBuckets", None) is None  # type: ignore[func-returns-value]


def test_another_account_may_do_nothing_and_is_told_what_was_missing() -> None:
    with pytest.raises(AccessDenied, match=r"s3:GetObject on resource: .*arn:aws:s3:::photos/k"):
        Authorizer().require(OTHER, "s3:GetObject", BUCKET, "k")


@pytest.mark.parametrize("bucket", [BUCKET, None])
def test_nothing_is_anonymous(bucket: BucketRecord | None) -> None:
    with pytest.raises(AccessDenied, match="Access Denied"):
        Authorizer().require(ANONYMOUS, "s3:GetObject", bucket, "k")


def test_resources_have_arns() -> None:
    assert "arn:aws:s3:::photos" == resource_arn(BUCKET)
    assert "arn:aws:s3:::photos/a/b" == resource_arn(BUCKET, "a/b")
