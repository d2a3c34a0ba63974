from typing import Any

import pytest

from ferrox.identity import GroupRecord, PolicyRecord, PolicyVersion, RoleRecord, UserRecord
from tests.in_process import ROOT
from tests.queries import Queries, items

ACCOUNT = ROOT.account_id
OURS = f"arn:aws:iam::{ACCOUNT}:policy/p"
EVERY = [("g", "AGPA"), ("bound", "AIDA1"), ("u", "AIDA2"), ("bound", "AROA1"), ("r", "AROA2")]


def told(page: Any) -> list[tuple[str, str]]:
    return [
        (one[f"{kind}Name"], one[f"{kind}Id"])
        for kind in ("Group", "User", "Role")
        for one in items(page[f"Policy{kind}s"])
    ]


@pytest.fixture
async def holders(root: Queries) -> Queries:
    """Who has a policy, in each way, and who has none."""
    version = PolicyVersion("v1", "{}", 0)
    await root.keep(
        PolicyRecord(ACCOUNT, "p", "ANPA", 0, 0, (version,), "v1", 1),
        GroupRecord(ACCOUNT, "g", "AGPA", 0, attached=(OURS,)),
        GroupRecord(ACCOUNT, "none", "AGPA0", 0),
        UserRecord(ACCOUNT, "u", "AIDA2", 0, "/a/", attached=(OURS,), boundary=OURS),
        UserRecord(ACCOUNT, "bound", "AIDA1", 0, boundary=OURS),
        UserRecord(ACCOUNT, "none", "AIDA0", 0),
        RoleRecord(ACCOUNT, "r", "AROA2", 0, "{}", attached=(OURS,)),
        RoleRecord(ACCOUNT, "bound", "AROA1", 0, "{}", "/a/", boundary=OURS),
        RoleRecord(ACCOUNT, "none", "AROA0", 0, "{}"),
    )
    return root


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, EVERY),
        ({"EntityFilter": "User"}, EVERY[1:3]),
        ({"EntityFilter": "Group"}, EVERY[:1]),
        ({"EntityFilter": "Role"}, EVERY[3:]),
        ({"EntityFilter": "AWSManagedPolicy"}, []),
        ({"PathPrefix": "/a/"}, EVERY[2:4]),
        ({"PolicyUsageFilter": "PermissionsPolicy"}, [EVERY[0], EVERY[2], EVERY[4]]),
        ({"PolicyUsageFilter": "PermissionsBoundary"}, EVERY[1:4]),
    ],
)
async def test_it_is_told_who_has_a_policy(
    holders: Queries, wanted: dict[str, str], expected: list[tuple[str, str]]
) -> None:
    assert expected == told(await holders.iam("ListEntitiesForPolicy", PolicyArn=OURS, **wanted))


async def test_pages_go_on_from_one_kind_to_the_next(holders: Queries) -> None:
    first = await holders.iam("ListEntitiesForPolicy", PolicyArn=OURS, MaxItems="4")
    second = await holders.iam("ListEntitiesForPolicy", PolicyArn=OURS, Marker=first["Marker"])

    assert (EVERY[:4], EVERY[4:]) == (told(first), told(second))
    assert ("true", "false") == (first["IsTruncated"], second["IsTruncated"])


async def test_nobody_has_what_is_not_there(root: Queries) -> None:
    refused = await root.refused("ListEntitiesForPolicy", PolicyArn=OURS)

    assert (404, "NoSuchEntity", f"Policy {OURS} was not found.") == refused
