import pytest

from ferrox.iam_errors import NoSuchEntity
from ferrox.identity import PolicyRecord, PolicyVersion
from ferrox.operations.iam import boundaries
from tests.in_process import OTHER, ROOT, InProcess

OURS = f"arn:aws:iam::{ROOT.account_id}:policy/a/limit"


async def test_a_boundary_is_a_managed_policy_of_the_account_or_of_aws(s3: InProcess) -> None:
    version = PolicyVersion("v1", "{}", 0)
    policy = PolicyRecord(ROOT.account_id, "limit", "ANPA", 0, 0, (version,), "v1", 1, path="/a/")
    await s3.store.identities.change(lambda tx: tx.put(policy))

    for arn in (OURS, "arn:aws:iam::aws:policy/ReadOnlyAccess"):
        boundaries.require_policy(s3.store.identities, ROOT.account_id, arn)
    for arn in (OURS.replace("/a/", "/"), OURS.replace("limit", "other"), "limit"):
        with pytest.raises(NoSuchEntity, match="does not exist or is not attachable"):
            boundaries.require_policy(s3.store.identities, ROOT.account_id, arn)
    with pytest.raises(NoSuchEntity):
        boundaries.require_policy(s3.store.identities, OTHER.account_id, OURS)


def test_what_has_no_boundary_shows_none() -> None:
    assert boundaries.shown("") is None
