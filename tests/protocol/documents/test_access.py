import pytest

from ferrox.protocol.documents import access
from ferrox.protocol.plain import as_plain
from ferrox.protocol.shapes.access import OwnershipControls, PublicAccessBlockConfiguration
from tests.protocol.documents.reading import read, verdict


def blocked(content: str) -> PublicAccessBlockConfiguration:
    found = read(PublicAccessBlockConfiguration, "PublicAccessBlockConfiguration", content)
    access.complete_public_access_block(found)
    return found


def owned(content: str) -> str:
    return verdict(
        lambda: access.check_ownership(read(OwnershipControls, "OwnershipControls", content))
    )


def test_what_is_not_said_to_be_blocked_is_not() -> None:
    assert {
        "BlockPublicAcls": True,
        "IgnorePublicAcls": False,
        "BlockPublicPolicy": False,
        "RestrictPublicBuckets": False,
    } == as_plain(blocked("<BlockPublicAcls>TRUE</BlockPublicAcls>"))


@pytest.mark.parametrize(
    "content",
    ["", "<BlockPublicAcls>yes</BlockPublicAcls>", "<BlockEverything>true</BlockEverything>"],
)
def test_what_is_no_block_is_malformed(content: str) -> None:
    assert verdict(blocked, content).startswith("MalformedXML: ")


def test_a_new_bucket_blocks_everything() -> None:
    assert {True} == set(as_plain(access.block_public_access()).values())


@pytest.mark.parametrize(
    "ownership", ["BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"]
)
def test_ownership_is_one_of_three(ownership: str) -> None:
    content = f"<Rule><ObjectOwnership>{ownership}</ObjectOwnership></Rule>"

    assert owned(content) == ""
    assert access.owned_as(ownership) == read(OwnershipControls, "OwnershipControls", content)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "<Rule/>",
        "<Rule><ObjectOwnership>Nobody</ObjectOwnership></Rule>",
        "<Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule>" * 2,
    ],
)
def test_what_is_no_ownership_is_malformed(content: str) -> None:
    assert owned(content).startswith("MalformedXML: ")
