import pytest

from ferrox.iam_errors import NoSuchEntity
from ferrox.identity import GroupRecord, RoleRecord, UserRecord
from ferrox.operations.iam import entities
from ferrox.protocol.iam.groupings import GroupNamed, RoleNamed, UserNamed
from ferrox.protocol.iam.policies import GetPolicyInput
from tests.in_process import ROOT
from tests.queries import Queries

ACCOUNT = ROOT.account_id
USER = UserRecord(ACCOUNT, "Same", "AIDA", 0)
GROUP = GroupRecord(ACCOUNT, "Same", "AGPA", 0)
ROLE = RoleRecord(ACCOUNT, "Same", "AROA", 0, "{}")


async def test_an_input_names_an_entity_of_its_kind(root: Queries) -> None:
    await root.keep(USER, GROUP, ROLE)
    identities = root.server.store.identities

    for args, record, word in (
        (UserNamed(user_name="same"), USER, "user"),
        (GroupNamed(group_name="same"), GROUP, "group"),
        (RoleNamed(role_name="same"), ROLE, "role"),
    ):
        found = entities.find(identities, ACCOUNT, args)
        assert (record, word) == (found, entities.word(found))


async def test_a_group_can_have_no_boundary(root: Queries) -> None:
    await root.keep(USER, GROUP)
    identities = root.server.store.identities

    assert USER == entities.find_user_or_role(identities, ACCOUNT, UserNamed(user_name="same"))
    with pytest.raises(TypeError, match="GroupNamed names a group"):
        entities.find_user_or_role(identities, ACCOUNT, GroupNamed(group_name="same"))


async def test_an_input_that_names_nobody_is_a_mistake_here(root: Queries) -> None:
    identities = root.server.store.identities

    with pytest.raises(TypeError, match="GetPolicyInput names nobody"):
        entities.find(identities, ACCOUNT, GetPolicyInput(policy_arn="a"))
    with pytest.raises(NoSuchEntity, match="The user with name none cannot be found"):
        entities.find(identities, ACCOUNT, UserNamed(user_name="none"))
