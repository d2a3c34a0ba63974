"""admin/handlers/kms.py: keys of KMS as operators manage them."""

from typing import Any

import pytest

from ferrox.storage.keys.kms_keys import KmsKeys
from tests.admin.operator import LOOKER, Operator
from tests.in_process import InProcess
from tests.key_rings import give_keys

KEYS = "/accounts/root/kms-keys"


@pytest.fixture
def keys(s3: InProcess) -> KmsKeys:
    return give_keys(s3)


@pytest.fixture
async def key(operator: Operator, keys: KmsKeys) -> Any:
    return await operator.order("POST", KEYS, description="what for", alias="alias/mine")


async def test_a_key_is_made_listed_and_shown(operator: Operator, key: Any) -> None:
    listed = await operator.get(KEYS)
    shown = [await operator.get(f"{KEYS}/{name}") for name in (key["key"], "alias%2Fmine")]

    assert {"keys": [key], "next": None} == listed
    assert [key, key] == shown
    assert ("Enabled", "what for", ["alias/mine"], 1) == (
        key["state"], key["description"], key["aliases"], key["versions"],
    )  # fmt: skip
    assert key["arn"].endswith(f":{key['account']}:key/{key['key']}")


async def test_a_key_goes_through_its_states(operator: Operator, key: Any) -> None:
    steps: dict[str, dict[str, int]] = {
        "disable": {},
        "enable": {},
        "rotate": {},
        "schedule-deletion": {"days": 7},
        "cancel-deletion": {},
    }

    told = [
        await operator.order("POST", f"{KEYS}/{key['key']}/{step}", **body)
        for step, body in steps.items()
    ]

    assert ["Disabled", "Enabled", "Enabled", "PendingDeletion", "Disabled"] == [
        one["state"] for one in told
    ]
    assert [1, 1, 2, 2, 2] == [one["versions"] for one in told]
    assert [None, None, None] == [told[at]["deleted"] for at in (0, 2, 4)]
    assert told[3]["deleted"] is not None


async def test_a_key_gets_another_name(operator: Operator, key: Any) -> None:
    told = await operator.order("POST", f"{KEYS}/{key['key']}/aliases", alias="alias/other")

    assert ["alias/mine", "alias/other"] == told["aliases"]


async def test_what_kms_refuses_is_refused(operator: Operator, key: Any) -> None:
    unknown = await operator.ask("GET", f"{KEYS}/none")
    again = await operator.ask("POST", KEYS, {"alias": "alias/mine"})
    looker = await operator.ask("POST", f"{KEYS}/{key['key']}/disable", {}, caller=LOOKER)

    assert [(400, "NotFoundException"), (400, "AlreadyExistsException"), (403, "Forbidden")] == [
        (answer.status, answer.code) for answer in (unknown, again, looker)
    ]


async def test_without_a_master_key_there_are_none(operator: Operator) -> None:
    answer = await operator.ask("GET", KEYS)

    assert (409, "Conflict") == (answer.status, answer.code)
    assert "no master key" in answer.message
