from ferrox.identity import GroupRecord, RoleRecord, UserRecord
from ferrox.operations.iam.policy_use import policy_use
from tests.in_process import OTHER, ROOT
from tests.queries import Queries


async def test_policies_are_counted_where_they_are_attached_and_where_they_limit(
    root: Queries,
) -> None:
    account = ROOT.account_id
    await root.keep(
        UserRecord(account, "a", "AIDA", 0, attached=("p", "q"), boundary="p"),
        UserRecord(OTHER.account_id, "a", "AIDA", 0, attached=("p",)),
        GroupRecord(account, "g", "AGPA", 0, attached=("p",)),
        RoleRecord(account, "r", "AROA", 0, "{}", attached=("p",), boundary="p"),
    )

    use = policy_use(root.server.store.identities, account)

    assert ({"p": 3, "q": 1}, {"p": 2}) == (dict(use.attachments), dict(use.boundaries))
