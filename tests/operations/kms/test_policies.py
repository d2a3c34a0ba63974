"""Key policies: who may use and manage a key."""

import json
from typing import Any

import pytest

from tests.callers import add_account, add_user, policy, user_of
from tests.in_process import OTHER, OTHER_ACCESS_KEY, ROOT
from tests.kms import Kms

ADA = user_of(ROOT, "ada")


def document(*statements: dict[str, Any]) -> str:
    whole = [{"Effect": "Allow", "Resource": "*", "Action": "kms:*"} | one for one in statements]
    return json.dumps({"Version": "2012-10-17", "Statement": whole})


async def put(kms: Kms, key_id: str, text: str) -> None:
    await kms.give("PutKeyPolicy", KeyId=key_id, PolicyName="default", Policy=text)


@pytest.fixture
def ada(kms: Kms) -> Kms:
    """A user without permissions of its own."""
    add_account(kms.server, ROOT)
    return Kms(kms.server, add_user(kms.server, "ada"))


async def test_a_key_has_a_policy_that_leaves_it_to_the_account(kms: Kms, key_id: str) -> None:
    answer = await kms.give("GetKeyPolicy", KeyId=key_id)
    names = await kms.give("ListKeyPolicies", KeyId=key_id)

    (statement,) = json.loads(answer["Policy"])["Statement"]
    assert {"AWS": ROOT.arn} == statement["Principal"]
    assert {"PolicyNames": ["default"], "Truncated": False} == names


async def test_a_policy_is_told_as_it_was_given(kms: Kms, key_id: str) -> None:
    text = document({"Principal": {"AWS": ROOT.arn}})
    await put(kms, key_id, text)

    assert text == (await kms.give("GetKeyPolicy", KeyId=key_id, PolicyName="default"))["Policy"]
    missing = await kms.refused("GetKeyPolicy", KeyId=key_id, PolicyName="other")
    assert ("NotFoundException", "No such policy exists") == missing


async def test_a_policy_may_let_a_user_use_the_key(kms: Kms, key_id: str, ada: Kms) -> None:
    before = await ada.refused("Encrypt", KeyId=key_id, Plaintext="aGVsbG8=")
    users = {"Principal": {"AWS": ADA.arn}, "Action": "kms:Encrypt"}
    await put(kms, key_id, document({"Principal": {"AWS": ROOT.arn}}, users))

    await ada.give("Encrypt", KeyId=key_id, Plaintext="aGVsbG8=")
    other = await ada.refused("DisableKey", KeyId=key_id)

    assert ["AccessDeniedException"] * 2 == [before[0], other[0]]


async def test_whom_the_policy_does_not_name_no_policy_of_its_own_helps(
    kms: Kms, key_id: str
) -> None:
    add_account(kms.server, ROOT)
    ada = Kms(kms.server, add_user(kms.server, "ada", policy("kms:*")))
    text = document({"Principal": {"AWS": user_of(ROOT, "bob").arn}})
    await kms.give("PutKeyPolicy", KeyId=key_id, Policy=text, BypassPolicyLockoutSafetyCheck=True)

    by_user = await ada.refused("Encrypt", KeyId=key_id, Plaintext="aGVsbG8=")
    by_root = await kms.refused("DescribeKey", KeyId=key_id)

    assert ["AccessDeniedException"] * 2 == [by_user[0], by_root[0]]
    assert by_user[1].endswith("because no resource-based policy allows the kms:Encrypt action")


async def test_a_denial_of_the_policy_ends_it(kms: Kms, key_id: str) -> None:
    denied = {"Effect": "Deny", "Principal": "*", "Action": "kms:Encrypt"}
    await put(kms, key_id, document({"Principal": {"AWS": ROOT.arn}}, denied))

    code, message = await kms.refused("Encrypt", KeyId=key_id, Plaintext="aGVsbG8=")

    assert "AccessDeniedException" == code
    assert message.endswith("with an explicit deny in a resource-based policy")


async def test_nobody_locks_themselves_out_by_mistake(kms: Kms, key_id: str) -> None:
    text = document({"Principal": {"AWS": ADA.arn}})

    for operation, members in (("PutKeyPolicy", {"KeyId": key_id}), ("CreateKey", {})):
        code, message = await kms.refused(operation, Policy=text, **members)
        assert "MalformedPolicyDocumentException" == code
        assert "will not allow you to update the key policy" in message
    assert (await kms.give("GetKeyPolicy", KeyId=key_id))["Policy"] != text


@pytest.mark.parametrize("text", ["{", '{"Statement": []}', document({})])
async def test_what_is_no_policy_is_refused(kms: Kms, key_id: str, text: str) -> None:
    refusal = await kms.refused("PutKeyPolicy", KeyId=key_id, Policy=text)

    assert "MalformedPolicyDocumentException" == refusal[0]


async def test_a_policy_has_a_greatest_length(kms: Kms, key_id: str) -> None:
    text = document({"Principal": {"AWS": ROOT.arn}}) + " " * 32768

    refusal = await kms.refused("PutKeyPolicy", KeyId=key_id, Policy=text)

    assert "LimitExceededException" == refusal[0]


async def test_another_account_needs_both_sides(kms: Kms, key_id: str) -> None:
    arn = f"arn:aws:kms:us-east-1:{ROOT.account_id}:key/{key_id}"
    bob = Kms(kms.server, OTHER_ACCESS_KEY)
    before = await bob.refused("Encrypt", KeyId=arn, Plaintext="aGVsbG8=")
    await put(kms, key_id, document({"Principal": {"AWS": [ROOT.arn, OTHER.arn]}}))

    await bob.give("Encrypt", KeyId=arn, Plaintext="aGVsbG8=")
    managed = await bob.refused("DisableKey", KeyId=arn)

    assert ["AccessDeniedException"] * 2 == [before[0], managed[0]]
