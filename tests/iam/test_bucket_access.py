"""iam/bucket_access.py: what is asked of the store, and what is not."""

import json
from dataclasses import dataclass, field

import pytest

from ferrox.iam.acl import Access, Ownership
from ferrox.iam.asking import Asking, BucketPolicy
from ferrox.iam.bucket_access import case_of, decided
from ferrox.iam.document import Kind, parse
from ferrox.iam.evaluate import IdentityPolicies
from ferrox.iam.patterns import Values
from ferrox.identity import Principal, PrincipalKind
from ferrox.records import BucketRecord, VersionAcl
from tests.in_process import OTHER, ROOT

BUCKET = BucketRecord(1, "photos", ROOT.canonical_id, "us-east-1", 0)
ADA = ROOT._replace(arn="arn:aws:iam::123456789012:user/ada", kind=PrincipalKind.USER)
STATEMENT = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}


@dataclass
class Asked:
    """A store that remembers what it was asked for."""

    asked: list[str] = field(default_factory=list)
    bucket_policy: BucketPolicy | None = None
    ownership: Ownership = Ownership.BUCKET_OWNER_ENFORCED

    def access(self, bucket: BucketRecord) -> Access:
        self.asked.append("access")
        return Access(bucket.owner_id, self.ownership)

    def policy(self, bucket: BucketRecord) -> BucketPolicy | None:
        return self.bucket_policy

    def identity(self, principal: Principal) -> IdentityPolicies:
        text = json.dumps({"Statement": STATEMENT})
        return IdentityPolicies((parse(text, Kind.IDENTITY),))

    def version_acl(
        self, bucket: BucketRecord, key: str, version_id: str | None
    ) -> VersionAcl | None:
        self.asked.append("version")
        return VersionAcl(1, "v", ROOT.canonical_id, False, None)

    def circumstances(self, asking: Asking) -> Values:
        return {}


@pytest.mark.parametrize(
    ("action", "expected"),
    [("s3:PutObject", []), ("s3:ListBucket", []), ("s3:GetObject", ["version"])],
)
def test_whom_policies_let_pass_no_list_is_looked_at(action: str, expected: list[str]) -> None:
    known = Asked()

    decision = decided(case_of(known, Asking(ADA, action, BUCKET, "k"), BUCKET))

    assert decision.is_allowed
    assert expected == known.asked


def test_where_lists_are_off_no_object_is_out_of_the_reach_of_the_policy() -> None:
    text = json.dumps({"Statement": STATEMENT | {"Principal": "*"}})
    known = Asked(bucket_policy=BucketPolicy(parse(text, Kind.RESOURCE), False))

    decision = decided(case_of(known, Asking(OTHER, "s3:GetObject", BUCKET, "k"), BUCKET))

    assert decision.is_allowed
    assert ["access", "version"] == known.asked
