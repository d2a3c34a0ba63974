from collections.abc import Callable
from typing import Any

import pytest

from ferrox.errors import AccessDenied
from ferrox.iam_errors import InvalidInput, NoSuchEntity
from ferrox.identity import PolicyRecord, PolicyVersion
from ferrox.operations.iam import policy_arns
from tests.in_process import OTHER, ROOT, InProcess

ACCOUNT = ROOT.account_id
OURS = f"arn:aws:iam::{ACCOUNT}:policy/a/Limit"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
VERSION = PolicyVersion("v1", "{}", 0)
POLICY = PolicyRecord(ACCOUNT, "Limit", "ANPA", 0, 0, (VERSION,), "v1", 1, path="/a/")


@pytest.fixture
async def find(s3: InProcess) -> Callable[..., Any]:
    """One of the functions, for the account that has the policy."""
    await s3.store.identities.change(lambda tx: tx.put(POLICY))
    return lambda function, arn: function(s3.store.identities, ACCOUNT, arn)


def test_a_policy_is_the_accounts_own_or_one_of_aws(find: Callable[..., Any]) -> None:
    for function in (policy_arns.lookup, policy_arns.find, policy_arns.find_attachable):
        assert POLICY == find(function, OURS)
        assert "ReadOnlyAccess" == find(function, READ_ONLY).name
    assert POLICY == find(policy_arns.find_own, OURS)


@pytest.mark.parametrize(
    "arn",
    [
        OURS.replace("/a/", "/"),
        OURS.replace("Limit", "limit"),
        OURS.replace("Limit", "other"),
        f"{READ_ONLY}2",
    ],
)
def test_an_arn_is_exact(find: Callable[..., Any], arn: str) -> None:
    assert find(policy_arns.lookup, arn) is None
    with pytest.raises(NoSuchEntity, match="was not found"):
        find(policy_arns.find, arn)
    with pytest.raises(NoSuchEntity, match="does not exist or is not attachable"):
        find(policy_arns.find_attachable, arn)


@pytest.mark.parametrize(
    "arn",
    ["Limit", OURS.replace(":policy/", ":user/"), OURS.replace("arn:aws:", "arn:moon:"), ""],
)
def test_what_is_no_arn_of_a_policy_is_refused(find: Callable[..., Any], arn: str) -> None:
    assert find(policy_arns.lookup, arn) is None
    for function in (policy_arns.find, policy_arns.find_own, policy_arns.find_attachable):
        with pytest.raises(InvalidInput, match="is not valid"):
            find(function, arn)


def test_the_policies_of_others_are_theirs(find: Callable[..., Any]) -> None:
    theirs = OURS.replace(ACCOUNT, OTHER.account_id)

    assert find(policy_arns.lookup, theirs) is None
    for function in (policy_arns.find, policy_arns.find_own, policy_arns.find_attachable):
        with pytest.raises(AccessDenied, match="outside your own account"):
            find(function, theirs)


def test_nobody_changes_the_policies_of_aws(find: Callable[..., Any]) -> None:
    with pytest.raises(AccessDenied, match="outside your own account"):
        find(policy_arns.find_own, READ_ONLY)


def test_an_arn_ends_with_a_path_and_a_name() -> None:
    assert ("/a/", "Limit") == (policy_arns.path_in(OURS), policy_arns.name_in(OURS))
    assert ("/", "ReadOnlyAccess") == (
        policy_arns.path_in(READ_ONLY),
        policy_arns.name_in(READ_ONLY),
    )


def test_policies_are_sorted_by_name_whoever_has_them() -> None:
    assert sorted([READ_ONLY, OURS], key=policy_arns.order) == [OURS, READ_ONLY]
