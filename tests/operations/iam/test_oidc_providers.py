"""operations/iam/oidc_providers.py: which identity providers an account knows."""

from typing import Any

import pytest

from ferrox.operations.iam.oidc_providers import MOST_CLIENTS
from tests.in_process import OTHER_ACCESS_KEY, ROOT, InProcess
from tests.queries import Queries, items

URL = "https://login.example.com/tenant"
ARN = f"arn:aws:iam::{ROOT.account_id}:oidc-provider/login.example.com/tenant"
THUMBPRINT = "0123456789abcdef0123456789ABCDEF01234567"
NAMED = {"OpenIDConnectProviderArn": ARN}
NOT_FOUND = (404, "NoSuchEntity", f"OpenIDConnect Provider not found for arn {ARN}")


async def create(root: Queries, url: str = URL, **more: str) -> Any:
    return await root.iam("CreateOpenIDConnectProvider", Url=url, **more)


async def get(root: Queries) -> Any:
    return await root.iam("GetOpenIDConnectProvider", **NAMED)


async def test_a_provider_is_made_and_found(root: Queries) -> None:
    made = await create(
        root,
        **{
            "ClientIDList.member.1": "app", "ClientIDList.member.2": "web",
            "ThumbprintList.member.1": THUMBPRINT,
            "Tags.member.1.Key": "Team", "Tags.member.1.Value": "blue",
        },
    )  # fmt: skip
    found = await get(root)

    assert ARN == made["OpenIDConnectProviderArn"]
    assert [{"Key": "Team", "Value": "blue"}] == items(made["Tags"]) == items(found["Tags"])
    assert ("login.example.com/tenant", ["app", "web"], [THUMBPRINT], "2026-09-21T14:13:20Z") == (
        found["Url"],
        items(found["ClientIDList"]),
        items(found["ThumbprintList"]),
        found["CreateDate"],
    )


async def test_providers_are_listed(root: Queries, s3: InProcess) -> None:
    assert [] == items((await root.iam("ListOpenIDConnectProviders"))["OpenIDConnectProviderList"])
    await create(root)
    await create(root, "https://a.example.com")

    listed = (await root.iam("ListOpenIDConnectProviders"))["OpenIDConnectProviderList"]
    others = await Queries(s3, OTHER_ACCESS_KEY).iam("ListOpenIDConnectProviders")

    assert [ARN.replace("login.example.com/tenant", "a.example.com"), ARN] == [
        one["Arn"] for one in items(listed)
    ]
    assert [] == items(others["OpenIDConnectProviderList"])


async def test_a_provider_is_known_once(root: Queries) -> None:
    await create(root)

    assert (409, "EntityAlreadyExists", f"Provider with url {URL} already exists.") == (
        await root.refused("CreateOpenIDConnectProvider", Url=URL)
    )


@pytest.mark.parametrize(
    "url",
    [
        "https://a",
        "https://a.example.com:8443/x/y",
        "https://[2001:db8::1]/x",
        "http://127.0.0.1:9",
    ],
)
async def test_addresses_that_can_be_asked(root: Queries, url: str) -> None:
    made = await create(root, url)

    assert made["OpenIDConnectProviderArn"].endswith("/" + url.partition("://")[2])


@pytest.mark.parametrize(
    "url",
    [
        "login.example.com",
        "http://login.example.com",
        "https://",
        "https:///path",
        "https://login.example.com/?a=b",
        "https://login.example.com/#a",
        "https://me@login.example.com/",
        "https://login.example.com:x/",
        "https://login.example.com:0/",
        "https://login.example.com/a b",
        "https://lögin.example.com/",
        "ftp://login.example.com/",
    ],
)
async def test_other_addresses_are_refused(root: Queries, url: str) -> None:
    assert (400, "ValidationError", "Invalid Open ID Connect Provider URL") == (
        await root.refused("CreateOpenIDConnectProvider", Url=url)
    )


async def test_clients_come_and_go(root: Queries) -> None:
    await create(root)
    for action, client_id in (
        ("AddClientIDTo", "app"),
        ("AddClientIDTo", "web"),
        ("AddClientIDTo", "app"),
        ("RemoveClientIDFrom", "app"),
        ("RemoveClientIDFrom", "absent"),
    ):
        await root.iam(f"{action}OpenIDConnectProvider", **NAMED, ClientID=client_id)

    assert ["web"] == items((await get(root))["ClientIDList"])


async def test_a_provider_has_so_many_clients(root: Queries) -> None:
    clients = {f"ClientIDList.member.{n}": f"app{n}" for n in range(MOST_CLIENTS)}
    await create(root, **clients)

    status, code, _ = await root.refused(
        "AddClientIDToOpenIDConnectProvider", **NAMED, ClientID="one more"
    )

    assert (409, "LimitExceeded") == (status, code)
    assert MOST_CLIENTS == len(items((await get(root))["ClientIDList"]))


async def test_thumbprints_are_replaced(root: Queries) -> None:
    await create(root, **{"ThumbprintList.member.1": THUMBPRINT})
    new = {f"ThumbprintList.member.{n}": str(n) * 40 for n in range(1, 6)}

    await root.iam("UpdateOpenIDConnectProviderThumbprint", **NAMED, **new)

    assert list(new.values()) == items((await get(root))["ThumbprintList"])
    new["ThumbprintList.member.6"] = "6" * 40
    assert (
        "InvalidInput"
        == (await root.refused("UpdateOpenIDConnectProviderThumbprint", **NAMED, **new))[1]
    )
    assert (
        "ValidationError"
        == (
            await root.refused(
                "UpdateOpenIDConnectProviderThumbprint",
                **NAMED,
                **{"ThumbprintList.member.1": "x" * 40},
            )
        )[1]
    )


async def test_a_provider_is_forgotten_and_may_be_gone_already(root: Queries) -> None:
    await create(root)

    for _ in range(2):
        await root.iam("DeleteOpenIDConnectProvider", **NAMED)

    assert NOT_FOUND == await root.refused("GetOpenIDConnectProvider", **NAMED)


@pytest.mark.parametrize(
    ("action", "more"),
    [
        ("GetOpenIDConnectProvider", {}),
        ("AddClientIDToOpenIDConnectProvider", {"ClientID": "app"}),
        ("RemoveClientIDFromOpenIDConnectProvider", {"ClientID": "app"}),
        ("UpdateOpenIDConnectProviderThumbprint", {"ThumbprintList.member.1": THUMBPRINT}),
        ("TagOpenIDConnectProvider", {"Tags.member.1.Key": "a", "Tags.member.1.Value": "1"}),
        ("UntagOpenIDConnectProvider", {"TagKeys.member.1": "a"}),
        ("ListOpenIDConnectProviderTags", {}),
    ],
)
async def test_who_is_not_known_cannot_be_found(
    root: Queries, s3: InProcess, action: str, more: dict[str, str]
) -> None:
    assert NOT_FOUND == await root.refused(action, **NAMED, **more)
    await create(root)
    other = Queries(s3, OTHER_ACCESS_KEY)
    assert "NoSuchEntity" == (await other.refused(action, **NAMED, **more))[1]
    nobody = {"OpenIDConnectProviderArn": f"arn:aws:iam::{ROOT.account_id}:user/ada"}
    assert "InvalidInput" == (await root.refused(action, **nobody, **more))[1]
