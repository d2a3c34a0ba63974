import re
from typing import Any

from tests.in_process import ROOT
from tests.queries import Queries, items


def names(answer: Any, of: str, name: str) -> list[str]:
    return [one[name] for one in items(answer[of])]


async def test_a_group_is_made_found_and_listed(root: Queries) -> None:
    made = (await root.iam("CreateGroup", GroupName="Team", Path="/a/"))["Group"]
    found = await root.iam("GetGroup", GroupName="team")
    listed = items((await root.iam("ListGroups", PathPrefix="/a/"))["Groups"])
    elsewhere = items((await root.iam("ListGroups", PathPrefix="/b/"))["Groups"])

    assert re.fullmatch("AGPA[A-Z2-7]{17}", made["GroupId"])
    assert {
        "Path": "/a/",
        "GroupName": "Team",
        "GroupId": made["GroupId"],
        "Arn": f"arn:aws:iam::{ROOT.account_id}:group/a/Team",
        "CreateDate": "2026-09-21T14:13:20Z",
    } == made
    assert (made, []) == (found["Group"], items(found["Users"]))
    assert ([made], []) == (listed, elsewhere)


async def test_a_name_is_taken_however_it_is_capitalised(root: Queries) -> None:
    await root.iam("CreateGroup", GroupName="team")

    refused = await root.refused("CreateGroup", GroupName="TEAM")

    assert (409, "EntityAlreadyExists", "Group with name TEAM already exists.") == refused


async def test_what_is_not_there_cannot_be_found(root: Queries) -> None:
    await root.iam("CreateUser", UserName="alice")
    expected = (404, "NoSuchEntity", "The group with name none cannot be found.")

    for action in ("GetGroup", "DeleteGroup", "UpdateGroup"):
        assert expected == await root.refused(action, GroupName="none"), action
    for action in ("AddUserToGroup", "RemoveUserFromGroup"):
        assert expected == await root.refused(action, GroupName="none", UserName="alice"), action


async def test_users_come_and_go(root: Queries) -> None:
    await root.iam("CreateGroup", GroupName="Team")
    for name in ("Bob", "alice"):
        await root.iam("CreateUser", UserName=name)
        await root.iam("AddUserToGroup", GroupName="team", UserName=name.upper())
    await root.iam("AddUserToGroup", GroupName="team", UserName="bob")

    both = names(await root.iam("GetGroup", GroupName="team"), "Users", "UserName")
    groups = names(await root.iam("ListGroupsForUser", UserName="bob"), "Groups", "GroupName")
    await root.iam("RemoveUserFromGroup", GroupName="Team", UserName="BOB")
    await root.iam("RemoveUserFromGroup", GroupName="Team", UserName="bob")
    one = names(await root.iam("GetGroup", GroupName="team"), "Users", "UserName")
    none = items((await root.iam("ListGroupsForUser", UserName="bob"))["Groups"])

    assert (["alice", "Bob"], ["Team"]) == (both, groups)
    assert (["alice"], []) == (one, none)


async def test_who_is_in_a_group_is_told_in_pages(root: Queries) -> None:
    await root.iam("CreateGroup", GroupName="team")
    for number in range(3):
        await root.iam("CreateUser", UserName=f"user{number}")
        await root.iam("AddUserToGroup", GroupName="team", UserName=f"user{number}")

    first = await root.iam("GetGroup", GroupName="team", MaxItems="2")
    second = await root.iam("GetGroup", GroupName="team", MaxItems="2", Marker=first["Marker"])

    assert ("true", ["user0", "user1"]) == (
        first["IsTruncated"],
        names(first, "Users", "UserName"),
    )
    assert ("false", ["user2"]) == (
        second["IsTruncated"],
        names(second, "Users", "UserName"),
    )


async def test_a_user_is_in_ten_groups_at_most(root: Queries) -> None:
    await root.iam("CreateUser", UserName="alice")
    for number in range(11):
        await root.iam("CreateGroup", GroupName=f"g{number}")
    for number in range(10):
        await root.iam("AddUserToGroup", GroupName=f"g{number}", UserName="alice")

    refused = await root.refused("AddUserToGroup", GroupName="g10", UserName="alice")
    again = await root.iam("AddUserToGroup", GroupName="g1", UserName="alice")

    assert (409, "LimitExceeded", "Cannot exceed quota for GroupsPerUser: 10") == refused
    assert again is None


async def test_a_group_gets_another_name_and_keeps_its_users(root: Queries) -> None:
    await root.iam("CreateUser", UserName="alice")
    await root.iam("CreateGroup", GroupName="team")
    await root.iam("CreateGroup", GroupName="other")
    await root.iam("AddUserToGroup", GroupName="team", UserName="alice")

    await root.iam("UpdateGroup", GroupName="team", NewGroupName="Crew", NewPath="/b/")
    taken = await root.refused("UpdateGroup", GroupName="crew", NewGroupName="Other")
    group = await root.iam("GetGroup", GroupName="crew")
    groups = items((await root.iam("ListGroupsForUser", UserName="alice"))["Groups"])

    assert (409, "EntityAlreadyExists", "Group with name Other already exists.") == taken
    assert ["alice"] == names(group, "Users", "UserName")
    assert [f"arn:aws:iam::{ROOT.account_id}:group/b/Crew"] == [one["Arn"] for one in groups]


async def test_a_user_that_is_renamed_stays_in_its_groups(root: Queries) -> None:
    await root.iam("CreateUser", UserName="alice")
    await root.iam("CreateGroup", GroupName="team")
    await root.iam("AddUserToGroup", GroupName="team", UserName="alice")

    await root.iam("UpdateUser", UserName="alice", NewUserName="bob")

    group = await root.iam("GetGroup", GroupName="team")
    assert ["bob"] == names(group, "Users", "UserName")


async def test_neither_side_of_a_membership_is_deleted(root: Queries) -> None:
    await root.iam("CreateUser", UserName="alice")
    await root.iam("CreateGroup", GroupName="team")
    await root.iam("AddUserToGroup", GroupName="team", UserName="alice")
    expected = (
        409,
        "DeleteConflict",
        "Cannot delete entity, must remove users from group first.",
    )

    assert expected == await root.refused("DeleteGroup", GroupName="team")
    assert expected == await root.refused("DeleteUser", UserName="alice")
    await root.iam("RemoveUserFromGroup", GroupName="team", UserName="alice")
    await root.iam("DeleteGroup", GroupName="team")
    await root.iam("DeleteUser", UserName="alice")


async def test_a_group_or_user_with_policies_is_not_deleted(root: Queries) -> None:
    await root.iam("CreateUser", UserName="alice")
    await root.iam("CreateGroup", GroupName="team")
    identities = root.server.store.identities
    arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    attached = (409, "DeleteConflict", "Cannot delete entity, must detach all policies first.")
    inline = (409, "DeleteConflict", "Cannot delete entity, must delete policies first.")

    for changes, expected in (({"attached": (arn,)}, attached), ({"inline": {"p": "{}"}}, inline)):
        for record in (
            identities.user(ROOT.account_id, "alice"),
            identities.group(ROOT.account_id, "team"),
        ):
            assert record
            changed: Any = record._replace(attached=(), inline={})._replace(**changes)
            await root.keep(changed)
        assert expected == await root.refused("DeleteUser", UserName="alice")
        assert expected == await root.refused("DeleteGroup", GroupName="team")
