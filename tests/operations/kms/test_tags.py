"""Tags of keys."""

import pytest

from tests.kms import Kms


def tag(name: str, value: str = "v") -> dict[str, str]:
    return {"TagKey": name, "TagValue": value}


async def test_tags_come_and_go(kms: Kms, key_id: str) -> None:
    await kms.give("TagResource", KeyId=key_id, Tags=[tag("a"), tag("b")])
    await kms.give("TagResource", KeyId=key_id, Tags=[tag("b", "other")])
    await kms.give("UntagResource", KeyId=key_id, TagKeys=["a", "none"])

    answer = await kms.give("ListResourceTags", KeyId=key_id)

    assert {"Tags": [tag("b", "other")], "Truncated": False} == answer


@pytest.mark.parametrize(
    ("tags", "code"),
    [
        ([tag("a"), tag("a")], "TagException"),
        ([tag("aws:a")], "TagException"),
        ([tag(f"t{number}") for number in range(51)], "LimitExceededException"),
        ([tag("")], "ValidationException"),
        ([{"TagKey": "a"}], "ValidationException"),
    ],
)
async def test_what_cannot_be_tags_is_refused(
    kms: Kms, key_id: str, tags: list[dict[str, str]], code: str
) -> None:
    assert code == (await kms.refused("TagResource", KeyId=key_id, Tags=tags))[0]
    assert code == (await kms.refused("CreateKey", Tags=tags))[0]
