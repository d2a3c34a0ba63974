"""Key policies: shown, replaced, and checked, so that nobody locks everybody out.

https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying.html
"""

from ferrox.errors import AccessDenied
from ferrox.iam import key_policies
from ferrox.iam.document import PolicyError
from ferrox.kms_errors import LimitExceeded, MalformedPolicyDocument, NotFound
from ferrox.operations.key_use import policy_text
from ferrox.operations.kms.amending import change
from ferrox.operations.kms.call import KmsCall
from ferrox.operations.kms.registry import handles
from ferrox.protocol.kms import operations as o
from ferrox.protocol.kms.keys import (
    GetKeyPolicyInput,
    GetKeyPolicyOutput,
    ListKeyPoliciesOutput,
    Nothing,
    OneKeyPaged,
    PutKeyPolicyInput,
)
from ferrox.storage.keys.kms_records import KmsKey

MOST_BYTES = 32 * 1024


@handles(o.GetKeyPolicy)
async def get_key_policy(call: KmsCall, args: GetKeyPolicyInput) -> GetKeyPolicyOutput:
    """Tell the policy of a key."""
    key = call.key(args.key_id)
    _require_default(args.policy_name)
    return GetKeyPolicyOutput(policy=policy_text(call.services, key), policy_name=key_policies.NAME)


@handles(o.PutKeyPolicy)
async def put_key_policy(call: KmsCall, args: PutKeyPolicyInput) -> Nothing:
    """Have the policy of a key say something else."""
    _require_default(args.policy_name)
    key = call.key(args.key_id)
    check(call, key, args.policy, is_bypassed=args.bypass_policy_lockout_safety_check)
    await change(call, args.key_id, lambda key: key._replace(policy=args.policy))
    return Nothing()


@handles(o.ListKeyPolicies)
async def list_key_policies(call: KmsCall, args: OneKeyPaged) -> ListKeyPoliciesOutput:
    """List the names of the policies of a key, of which there is one."""
    call.key(args.key_id)
    return ListKeyPoliciesOutput(policy_names=[key_policies.NAME], truncated=False)


def check(call: KmsCall, key: KmsKey | None, text: str, *, is_bypassed: bool) -> None:
    """Refuse what is no key policy, or would keep the caller from ever changing it again.

    key          None: one that is about to be made
    is_bypassed  the caller wants it so
    """
    require_policy(text)
    if is_bypassed:
        return
    about = key or KmsKey("*", call.account_id, 0, ())
    try:
        call.require_on_key(o.PutKeyPolicy.action, about, policy=text)
    except AccessDenied:
        raise MalformedPolicyDocument(
            "The new key policy will not allow you to update the key policy in the future."
        ) from None


def require_policy(text: str) -> None:
    """Refuse what is no key policy."""
    if len(text.encode()) > MOST_BYTES:
        raise LimitExceeded(f"A key policy has at most {MOST_BYTES} bytes.")
    try:
        key_policies.compiled(text)
    except PolicyError as error:
        raise MalformedPolicyDocument(str(error)) from None


def _require_default(name: str) -> None:
    if name != key_policies.NAME:
        raise NotFound("No such policy exists")
