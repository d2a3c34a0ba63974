import pytest

from tests.in_process import OTHER, ROOT
from tests.queries import Queries

ACTION = "GetContextKeysForPrincipalPolicy"


def arn(named: str, account_id: str = ROOT.account_id) -> str:
    return f"arn:aws:iam::{account_id}:{named}"


@pytest.fixture
async def entities(root: Queries) -> Queries:
    trust = (
        '{"Statement": {"Effect": "Allow", "Principal": {"AWS": "%s"}, "Action": "sts:AssumeRole"}}'
    )
    await root.iam("CreateUser", UserName="ada", Path="/a/")
    await root.iam("CreateUser", UserName="eve", Path="/a:b/")
    await root.iam("CreateGroup", GroupName="team")
    await root.iam(
        "CreateRole", RoleName="reader", AssumeRolePolicyDocument=trust % ROOT.account_id
    )
    return root


@pytest.mark.parametrize("named", ["user/a/ada", "user/a:b/eve", "group/team", "role/reader"])
async def test_a_user_a_group_and_a_role_are_sources(entities: Queries, named: str) -> None:
    assert await entities.iam(ACTION, PolicySourceArn=arn(named)) is not None


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (arn("user/ada"), "The user with name ada cannot be found."),
        (arn("user/b/ada"), "The user with name ada cannot be found."),
        (arn("group/none"), "The group with name none cannot be found."),
        (arn("role/none"), "The role with name none cannot be found."),
    ],
)
async def test_whoever_is_not_there_cannot_be_found(
    entities: Queries, source: str, expected: str
) -> None:
    refused = await entities.refused(ACTION, PolicySourceArn=source)

    assert (404, "NoSuchEntity", expected) == refused


@pytest.mark.parametrize(
    "source",
    [
        arn("root"),
        arn("policy/managed"),
        f"arn:aws:sts::{ROOT.account_id}:assumed-role/reader/session",
        "not an arn, but long enough",
        arn("user/"),
    ],
)
async def test_what_is_no_entity_is_no_source(entities: Queries, source: str) -> None:
    status, code, message = await entities.refused(ACTION, PolicySourceArn=source)

    assert (400, "InvalidInput") == (status, code)
    assert f"Invalid Entity Arn: {source} does not clearly define entity type and name." == message


async def test_other_accounts_are_closed_whether_there_is_anybody_or_not(
    entities: Queries,
) -> None:
    status, code, _ = await entities.refused(
        ACTION, PolicySourceArn=arn("user/ada", OTHER.account_id)
    )

    assert (403, "AccessDenied") == (status, code)
