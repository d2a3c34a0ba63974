"""iam/asking.py: what is known where nothing is."""

from ferrox.iam import acl
from ferrox.iam.asking import Asking, NothingKnown, bucket_arn, policies_of
from ferrox.iam.evaluate import IdentityPolicies
from ferrox.identity import PrincipalKind
from ferrox.records import BucketRecord
from tests.in_process import ROOT

BUCKET = BucketRecord(1, "photos", ROOT.canonical_id, "us-east-1", 0)


def test_where_nothing_is_known_a_bucket_is_its_owners() -> None:
    known = NothingKnown()

    assert acl.only_owner(ROOT.canonical_id) == known.access(BUCKET).in_force
    assert known.policy(BUCKET) is None
    assert known.version_acl(BUCKET, "k", None) is None
    assert IdentityPolicies() == known.identity(ROOT)
    assert known.circumstances(Asking(ROOT, "s3:GetObject", BUCKET)).get("aws:userid") is None


def test_without_a_request_policies_are_found_each_time() -> None:
    user = ROOT._replace(kind=PrincipalKind.USER)

    assert IdentityPolicies() == policies_of(NothingKnown(), Asking(user, "s3:GetObject", BUCKET))


def test_a_bucket_that_does_not_exist_has_an_arn_too() -> None:
    assert "arn:aws:s3:::photos" == bucket_arn("photos")
    assert "arn:aws:s3:::photos/a/b" == bucket_arn("photos", "a/b")
