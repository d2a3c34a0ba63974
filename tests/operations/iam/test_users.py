import re

from tests.in_process import OTHER_ACCESS_KEY, ROOT, InProcess
from tests.queries import Queries, items

TAG = {"Tags.member.1.Key": "Team", "Tags.member.1.Value": "storage"}


async def test_a_user_is_made_and_found(root: Queries) -> None:
    made = (await root.iam("CreateUser", UserName="Alice", Path="/staff/", **TAG))["User"]
    found = (await root.iam("GetUser", UserName="alice"))["User"]

    assert made == found
    assert re.fullmatch("AIDA[A-Z2-7]{17}", made["UserId"])
    assert {
        "Path": "/staff/",
        "UserName": "Alice",
        "UserId": made["UserId"],
        "Arn": f"arn:aws:iam::{ROOT.account_id}:user/staff/Alice",
        "CreateDate": "2026-09-21T14:13:20Z",
        "Tags": {"member": {"Key": "Team", "Value": "storage"}},
    } == made


async def test_a_name_is_taken_however_it_is_capitalised(root: Queries) -> None:
    await root.iam("CreateUser", UserName="Alice")

    refused = await root.refused("CreateUser", UserName="ALICE")

    assert (409, "EntityAlreadyExists", "User with name ALICE already exists.") == refused


async def test_who_is_not_there_cannot_be_found(root: Queries) -> None:
    expected = (404, "NoSuchEntity", "The user with name bob cannot be found.")

    for action, more in (
        ("GetUser", {}),
        ("DeleteUser", {}),
        ("UpdateUser", {"NewPath": "/a/"}),
        ("ListUserTags", {}),
        ("TagUser", TAG),
        ("UntagUser", {"TagKeys.member.1": "a"}),
    ):
        assert expected == await root.refused(action, UserName="bob", **more), action


async def test_users_of_other_accounts_are_not_seen(root: Queries, s3: InProcess) -> None:
    await root.iam("CreateUser", UserName="alice")
    other = Queries(s3, OTHER_ACCESS_KEY)

    assert "NoSuchEntity" == (await other.refused("GetUser", UserName="alice"))[1]
    assert [] == items((await other.iam("ListUsers"))["Users"])


async def test_users_are_listed_in_pages_below_a_path(root: Queries) -> None:
    for number in range(5):
        await root.iam("CreateUser", UserName=f"user{number}", Path="/a/b/")
    await root.iam("CreateUser", UserName="elsewhere", Path="/c/", **TAG)

    first = await root.iam("ListUsers", PathPrefix="/a/", MaxItems="3")
    second = await root.iam("ListUsers", PathPrefix="/a/", MaxItems="3", Marker=first["Marker"])
    everyone = await root.iam("ListUsers")

    assert ["user0", "user1", "user2"] == [one["UserName"] for one in items(first["Users"])]
    assert ["user3", "user4"] == [one["UserName"] for one in items(second["Users"])]
    assert ("true", "false", None) == (
        first["IsTruncated"],
        second["IsTruncated"],
        second.get("Marker"),
    )
    assert 6 == len(items(everyone["Users"]))
    assert "Tags" not in items(everyone["Users"])[0]


async def test_a_marker_that_nobody_gave_is_refused(root: Queries) -> None:
    assert (400, "ValidationError", "Invalid Marker.") == await root.refused(
        "ListUsers", Marker="*"
    )


async def test_a_user_gets_another_name_and_path(root: Queries) -> None:
    before = (await root.iam("CreateUser", UserName="alice"))["User"]

    await root.iam("UpdateUser", UserName="alice", NewUserName="Bob", NewPath="/b/")
    after = (await root.iam("GetUser", UserName="bob"))["User"]

    assert before["UserId"] == after["UserId"]
    assert f"arn:aws:iam::{ROOT.account_id}:user/b/Bob" == after["Arn"]
    assert "NoSuchEntity" == (await root.refused("GetUser", UserName="alice"))[1]


async def test_only_the_capitals_of_a_name_may_change(root: Queries) -> None:
    await root.iam("CreateUser", UserName="alice")

    await root.iam("UpdateUser", UserName="alice", NewUserName="Alice")

    assert "Alice" == (await root.iam("GetUser", UserName="alice"))["User"]["UserName"]


async def test_nobody_gets_the_name_of_somebody_else(root: Queries) -> None:
    await root.iam("CreateUser", UserName="alice")
    await root.iam("CreateUser", UserName="bob")

    refused = await root.refused("UpdateUser", UserName="alice", NewUserName="Bob")

    assert (409, "EntityAlreadyExists", "User with name Bob already exists.") == refused


async def test_a_user_who_has_nothing_is_deleted(root: Queries) -> None:
    await root.iam("CreateUser", UserName="alice")

    await root.iam("DeleteUser", UserName="alice")

    assert "NoSuchEntity" == (await root.refused("GetUser", UserName="alice"))[1]


async def test_the_root_without_a_name_is_shown_itself(root: Queries) -> None:
    user = (await root.iam("GetUser"))["User"]

    assert (ROOT.account_id, ROOT.arn) == (user["UserId"], user["Arn"])


async def test_a_boundary_has_to_be_there(root: Queries) -> None:
    arn = f"arn:aws:iam::{ROOT.account_id}:policy/none"
    of_aws = "arn:aws:iam::aws:policy/ReadOnlyAccess"

    refused = await root.refused("CreateUser", UserName="alice", PermissionsBoundary=arn)
    made = await root.iam("CreateUser", UserName="bob", PermissionsBoundary=of_aws)

    assert (
        404,
        "NoSuchEntity",
        f"Scope ARN: {arn} does not exist or is not attachable.",
    ) == refused
    assert {
        "PermissionsBoundaryType": "PermissionsBoundaryPolicy",
        "PermissionsBoundaryArn": of_aws,
    } == made["User"]["PermissionsBoundary"]
