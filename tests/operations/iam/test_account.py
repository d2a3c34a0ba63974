import pytest

from ferrox.identity import Account
from tests.in_process import OTHER, OTHER_ACCESS_KEY, ROOT
from tests.queries import Queries, items


@pytest.fixture
async def accounts(root: Queries) -> None:
    """The records of both accounts."""
    for principal in (ROOT, OTHER):
        await root.keep(
            Account(principal.account_id, principal.canonical_id, principal.display_name)
        )


async def aliases(queries: Queries) -> list[str]:
    return items((await queries.iam("ListAccountAliases"))["AccountAliases"])


@pytest.mark.usefixtures("accounts")
async def test_an_account_has_one_alias_at_most(root: Queries) -> None:
    assert [] == await aliases(root)
    await root.iam("CreateAccountAlias", AccountAlias="example")
    await root.iam("CreateAccountAlias", AccountAlias="example-corp")
    assert ["example-corp"] == await aliases(root)
    await root.iam("DeleteAccountAlias", AccountAlias="example-corp")
    assert [] == await aliases(root)


@pytest.mark.usefixtures("accounts")
async def test_an_alias_is_one_accounts(root: Queries) -> None:
    other = Queries(root.server, OTHER_ACCESS_KEY)
    await root.iam("CreateAccountAlias", AccountAlias="example")

    again = await root.iam("CreateAccountAlias", AccountAlias="example")
    taken = await other.refused("CreateAccountAlias", AccountAlias="example")
    await root.iam("DeleteAccountAlias", AccountAlias="example")
    free = await other.iam("CreateAccountAlias", AccountAlias="example")

    assert (None, None) == (again, free)
    assert (409, "EntityAlreadyExists", "The account alias example already exists.") == taken


@pytest.mark.usefixtures("accounts")
async def test_an_alias_that_is_not_ones_own_is_not_there(root: Queries) -> None:
    refused = await root.refused("DeleteAccountAlias", AccountAlias="example")

    assert (
        404,
        "NoSuchEntity",
        "The account alias with name example cannot be found.",
    ) == refused


@pytest.mark.parametrize("alias", ["ab", "-abc", "abc-", "a--b", "Abc", "a.c", "a" * 64])
async def test_an_alias_is_a_part_of_a_host_name(root: Queries, alias: str) -> None:
    assert "ValidationError" == (await root.refused("CreateAccountAlias", AccountAlias=alias))[1]


async def test_the_summary_counts_and_tells_the_quotas(root: Queries) -> None:
    await root.iam("CreateUser", UserName="alice")
    await root.iam("CreateGroup", GroupName="team")
    await root.iam("CreateGroup", GroupName="crew")

    summary = (await root.iam("GetAccountSummary"))["SummaryMap"]["entry"]
    numbers = {entry["key"]: int(entry["value"]) for entry in summary}

    assert (1, 5000, 2, 300) == tuple(
        numbers[name] for name in ("Users", "UsersQuota", "Groups", "GroupsQuota")
    )
    assert (0, 1000, 0, 1500) == tuple(
        numbers[name] for name in ("Roles", "RolesQuota", "Policies", "PoliciesQuota")
    )


async def test_the_summary_tells_everything_that_the_model_lists(root: Queries) -> None:
    model = pytest.importorskip("botocore.model")
    loader = pytest.importorskip("botocore.loaders").Loader()
    iam = model.ServiceModel(loader.load_service_model("iam", "service-2"))

    summary = (await root.iam("GetAccountSummary"))["SummaryMap"]["entry"]

    assert set(iam.shape_for("summaryKeyType").enum) == {entry["key"] for entry in summary}
