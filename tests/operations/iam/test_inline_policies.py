import json
from urllib.parse import unquote

import pytest

from tests.queries import Queries, items

TRUST = '{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}}'
TEXT = '{"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}'
MOST = {"User": 2048, "Group": 5120, "Role": 10240}


@pytest.fixture(params=MOST)
def kind(request: pytest.FixtureRequest) -> str:
    """What has policies."""
    return str(request.param)


@pytest.fixture
async def named(root: Queries, kind: str) -> dict[str, str]:
    """The parameter that names one of that kind."""
    more = {"AssumeRolePolicyDocument": TRUST} if kind == "Role" else {}
    await root.iam(f"Create{kind}", **{f"{kind}Name": "It"}, **more)
    return {f"{kind}Name": "it"}


async def test_policies_come_and_go(root: Queries, kind: str, named: dict[str, str]) -> None:
    other = TEXT.replace("s3:*", "s3:Get*")
    for name, text in (("b", TEXT), ("a", TEXT), ("b", other)):
        await root.iam(f"Put{kind}Policy", **named, PolicyName=name, PolicyDocument=text)

    names = items((await root.iam(f"List{kind}Policies", **named))["PolicyNames"])
    found = await root.iam(f"Get{kind}Policy", **named, PolicyName="b")
    await root.iam(f"Delete{kind}Policy", **named, PolicyName="b")
    rest = items((await root.iam(f"List{kind}Policies", **named))["PolicyNames"])

    assert (["a", "b"], ["a"]) == (names, rest)
    assert ("It", "b", other) == (
        found[f"{kind}Name"],
        found["PolicyName"],
        unquote(found["PolicyDocument"]),
    )


async def test_what_is_not_there_cannot_be_found(
    root: Queries, kind: str, named: dict[str, str]
) -> None:
    nobody = {f"{kind}Name": "none"}
    no_policy = f"The {kind.lower()} policy with name p cannot be found."
    no_entity = f"The {kind.lower()} with name none cannot be found."

    for action in (f"Get{kind}Policy", f"Delete{kind}Policy"):
        assert (404, "NoSuchEntity", no_policy) == await root.refused(
            action, **named, PolicyName="p"
        )
        assert (404, "NoSuchEntity", no_entity) == await root.refused(
            action, **nobody, PolicyName="p"
        )
    assert (404, "NoSuchEntity", no_entity) == await root.refused(
        f"Put{kind}Policy", **nobody, PolicyName="p", PolicyDocument=TEXT
    )
    assert (404, "NoSuchEntity", no_entity) == await root.refused(f"List{kind}Policies", **nobody)


async def test_all_of_them_together_are_not_too_long(
    root: Queries, kind: str, named: dict[str, str]
) -> None:
    def put(name: str, length: int) -> dict[str, str]:
        lean = json.dumps(json.loads(TEXT) | {"Id": ""}, separators=(",", ":"))
        text = lean.replace('"Id":""', f'"Id":"{"x" * (length - len(lean))}"')
        spacious = text.replace(",", ",\n" + " " * 999)
        return {**named, "PolicyName": name, "PolicyDocument": spacious}

    await root.iam(f"Put{kind}Policy", **put("a", MOST[kind] - 200))

    too_long = await root.refused(f"Put{kind}Policy", **put("b", 201))
    await root.iam(f"Put{kind}Policy", **put("b", 200))
    await root.iam(f"Put{kind}Policy", **put("a", MOST[kind] - 200))

    message = f"Maximum policy size of {MOST[kind]} bytes exceeded for {kind.lower()} It"
    assert (409, "LimitExceeded", message) == too_long


async def test_a_policy_that_is_none_is_refused(
    root: Queries, kind: str, named: dict[str, str]
) -> None:
    refused = await root.refused(
        f"Put{kind}Policy", **named, PolicyName="p", PolicyDocument="nothing"
    )

    assert (400, "MalformedPolicyDocument", "Syntax errors in policy.") == refused
    assert [] == items((await root.iam(f"List{kind}Policies", **named))["PolicyNames"])


async def test_names_are_told_in_pages(root: Queries, kind: str, named: dict[str, str]) -> None:
    for name in ("c", "a", "b"):
        await root.iam(f"Put{kind}Policy", **named, PolicyName=name, PolicyDocument=TEXT)

    first = await root.iam(f"List{kind}Policies", **named, MaxItems="2")
    second = await root.iam(f"List{kind}Policies", **named, Marker=first["Marker"])

    assert (["a", "b"], "true") == (items(first["PolicyNames"]), first["IsTruncated"])
    assert (["c"], "false") == (items(second["PolicyNames"]), second["IsTruncated"])
