"""GetContextKeysForCustomPolicy and GetContextKeysForPrincipalPolicy: what a simulation has to say.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetContextKeysForCustomPolicy.html
https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetContextKeysForPrincipalPolicy.html
"""

from collections.abc import Iterable

from ferrox.iam.context_keys import context_keys
from ferrox.operations.held_policies import boundary_of, held_by
from ferrox.operations.iam import simulated_policies
from ferrox.operations.iam.call import IamCall
from ferrox.operations.iam.policy_source import find_source
from ferrox.operations.iam.registry import handles
from ferrox.protocol.iam.operations import (
    GetContextKeysForCustomPolicy,
    GetContextKeysForPrincipalPolicy,
)
from ferrox.protocol.iam.simulation import (
    GetContextKeysForCustomPolicyInput,
    GetContextKeysForPolicyOutput,
    GetContextKeysForPrincipalPolicyInput,
)


@handles(GetContextKeysForCustomPolicy)
async def get_context_keys_for_custom_policy(
    call: IamCall, args: GetContextKeysForCustomPolicyInput
) -> GetContextKeysForPolicyOutput:
    """Tell which keys the given policies refer to."""
    simulated_policies.given(args.policy_input_list, simulated_policies.INPUTS)
    return _output(args.policy_input_list)


@handles(GetContextKeysForPrincipalPolicy)
async def get_context_keys_for_principal_policy(
    call: IamCall, args: GetContextKeysForPrincipalPolicyInput
) -> GetContextKeysForPolicyOutput:
    """Tell which keys the policies of a user, group or role refer to, and the given ones."""
    entity = find_source(call, args.policy_source_arn)
    boundary = boundary_of(call.identities, entity)
    held = [*held_by(call.identities, entity), *([boundary] if boundary else [])]
    given = simulated_policies.given(args.policy_input_list, simulated_policies.INPUTS)
    return _output([policy.text for policy in held] + [policy.text for policy in given])


def _output(texts: Iterable[str]) -> GetContextKeysForPolicyOutput:
    return GetContextKeysForPolicyOutput(context_key_names=list(context_keys(texts).values()))
