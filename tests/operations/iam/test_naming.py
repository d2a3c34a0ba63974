import pytest

from ferrox.iam_errors import EntityAlreadyExists
from ferrox.identity import GroupRecord, RoleRecord, UserRecord
from ferrox.operations.iam import naming
from tests.in_process import ROOT
from tests.queries import Queries

ACCOUNT = ROOT.account_id
USER = UserRecord(ACCOUNT, "it", "AIDA1", 0)
GROUP = GroupRecord(ACCOUNT, "it", "AGPA1", 0)


@pytest.mark.parametrize(
    ("entity", "expected"),
    [
        (USER, "User with name it already exists."),
        (GROUP._replace(path="/user/"), "Group with name it already exists."),
        (RoleRecord(ACCOUNT, "it", "AROA1", 0, "{}"), "Role with name it already exists."),
    ],
)
def test_a_name_is_taken_among_those_of_its_kind(
    entity: UserRecord | GroupRecord | RoleRecord, expected: str
) -> None:
    assert expected == naming.taken(entity).message


@pytest.mark.parametrize("name", ["it", "IT", "Another"])
async def test_a_user_gets_a_name_and_a_path(root: Queries, name: str) -> None:
    await root.keep(USER, GROUP)
    identities = root.server.store.identities

    identities.change_now(lambda tx: naming.rename(tx, USER, name, "/b/"))

    assert [USER._replace(name=name, path="/b/")] == identities.users(ACCOUNT)
    assert [GROUP] == identities.groups(ACCOUNT)


async def test_nobody_takes_the_name_of_another(root: Queries) -> None:
    other = USER._replace(name="Other", user_id="AIDA2")
    await root.keep(USER, other)
    identities = root.server.store.identities

    with pytest.raises(EntityAlreadyExists, match="User with name OTHER already exists"):
        identities.change_now(lambda tx: naming.rename(tx, USER, "OTHER", "/b/"))

    assert [USER, other] == identities.users(ACCOUNT)
