"""Key policies: those that keys have by themselves, and what conditions may ask."""

import pytest

from ferrox.iam.document import PolicyError
from ferrox.iam.key_policies import compiled, condition_keys, default_policy, policy_of_s3_key

ACCOUNT = "123456789012"


def test_the_policies_that_keys_have_by_themselves_are_valid() -> None:
    for text in (default_policy(ACCOUNT), policy_of_s3_key(ACCOUNT, "eu-west-1")):
        assert compiled(text).name == "the key policy"


def test_a_policy_that_names_nobody_is_refused() -> None:
    with pytest.raises(PolicyError, match="Principal"):
        compiled('{"Statement": {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}}')


def test_conditions_may_ask_for_the_context_and_who_uses_the_key() -> None:
    keys = condition_keys(ACCOUNT, {"Team": "red"}, "s3.eu-west-1.amazonaws.com")

    assert {
        "kms:calleraccount": (ACCOUNT,),
        "kms:viaservice": ("s3.eu-west-1.amazonaws.com",),
        "kms:encryptioncontextkeys": ("Team",),
        "kms:encryptioncontext:team": ("red",),
    } == keys


def test_who_asks_kms_itself_asks_through_nobody() -> None:
    assert {"kms:calleraccount": (ACCOUNT,)} == condition_keys(ACCOUNT, {})
