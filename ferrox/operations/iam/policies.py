"""Managed policies: CreatePolicy, GetPolicy, ListPolicies, DeletePolicy.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html
Those that come with the server are AWS's: everybody may use them, and nobody change them. What a
policy permits is in its versions, see `policy_versions`.
"""

from collections import Counter

from ferrox import ids
from ferrox.iam import managed
from ferrox.iam_errors import DeleteConflict, EntityAlreadyExists
from ferrox.identity import PolicyRecord, PolicyVersion
from ferrox.operations.iam import paging, policy_arns, policy_texts, quotas, tags
from ferrox.operations.iam.call import IamCall
from ferrox.operations.iam.policy_use import PolicyUse, policy_use
from ferrox.operations.iam.registry import handles
from ferrox.protocol.iam.operations import (
    CreatePolicy,
    DeletePolicy,
    GetPolicy,
    ListPolicies,
)
from ferrox.protocol.iam.policies import (
    CreatePolicyInput,
    CreatePolicyOutput,
    DeletePolicyInput,
    GetPolicyInput,
    GetPolicyOutput,
    ListPoliciesInput,
    ListPoliciesOutput,
    Policy,
)
from ferrox.protocol.query.operation import Nothing
from ferrox.storage.identities.transaction import Tx

ID_PREFIX = "ANPA"
FIRST_VERSION = "v1"

AWS, LOCAL = "AWS", "Local"
"""Scopes of lists, beside that of all."""

BOUNDARY = "PermissionsBoundary"
"""The use of a policy that limits."""

_NO_USE = PolicyUse(Counter(), Counter())


@handles(CreatePolicy)
async def create_policy(call: IamCall, args: CreatePolicyInput) -> CreatePolicyOutput:
    """Make a policy, which nobody has yet."""
    now_ms = call.clock.now_ms()
    policy_texts.require_managed(args.policy_document)
    policy = PolicyRecord(
        call.account_id,
        args.policy_name,
        ids.unique_id(ID_PREFIX),
        now_ms,
        now_ms,
        (PolicyVersion(FIRST_VERSION, args.policy_document, now_ms),),
        FIRST_VERSION,
        1,
        args.path or "/",
        args.description or "",
        tags.read(args.tags),
    )

    def create(tx: Tx) -> None:
        if tx.policy(policy.account_id, policy.name) is not None:
            raise EntityAlreadyExists(
                f"A policy called {policy.name} already exists. Duplicate names are not allowed."
            )
        count = tx.count(PolicyRecord, policy.account_id)
        quotas.require_room(count, quotas.POLICIES, "PoliciesPerAccount")
        tx.put(policy)

    await call.identities.change(create)
    return CreatePolicyOutput(policy=_shown(policy, _NO_USE))


@handles(GetPolicy)
async def get_policy(call: IamCall, args: GetPolicyInput) -> GetPolicyOutput:
    """Tell all of a policy but what it permits."""
    policy = policy_arns.find(call.identities, call.account_id, args.policy_arn)
    shown = _shown(policy, policy_use(call.identities, call.account_id))
    shown.description = policy.description or None
    return GetPolicyOutput(policy=shown)


@handles(ListPolicies)
async def list_policies(call: IamCall, args: ListPoliciesInput) -> ListPoliciesOutput:
    """Tell of the policies of the account, of AWS, or both; without tags and descriptions."""
    use = policy_use(call.identities, call.account_id)
    policies = [] if args.scope == AWS else call.identities.policies(call.account_id)
    policies += [] if args.scope == LOCAL else managed.POLICIES.values()
    prefix = args.path_prefix or "/"
    page = paging.cut(
        (one for one in policies if one.path.startswith(prefix) and _is_wanted(one, args, use)),
        args,
        lambda policy: policy_arns.order(policy.arn),
    )
    return ListPoliciesOutput(
        policies=[_shown(policy._replace(tags={}), use) for policy in page.items],
        is_truncated=page.is_truncated,
        marker=page.marker,
    )


@handles(DeletePolicy)
async def delete_policy(call: IamCall, args: DeletePolicyInput) -> Nothing:
    """Remove a policy that nobody has, and of which there is only one version left."""

    def delete(tx: Tx) -> None:
        policy = policy_arns.find_own(tx, call.account_id, args.policy_arn)
        use = policy_use(tx, call.account_id)
        if use.attachments[policy.arn] or use.boundaries[policy.arn]:
            raise DeleteConflict("Cannot delete a policy attached to entities.")
        if len(policy.versions) > 1:
            raise DeleteConflict(
                "This policy has more than one version. Before you delete a policy, you must "
                "delete the policy's versions. The default version is deleted with the policy."
            )
        tx.delete(policy)

    await call.identities.change(delete)
    return Nothing()


def _is_wanted(policy: PolicyRecord, args: ListPoliciesInput, use: PolicyUse) -> bool:
    """Whether a list asks for a policy, by how that is in use."""
    limits, permits = use.boundaries[policy.arn], use.attachments[policy.arn]
    if args.policy_usage_filter is None:
        return not args.only_attached or bool(limits or permits)
    return bool(limits if args.policy_usage_filter == BOUNDARY else permits)


def _shown(policy: PolicyRecord, use: PolicyUse) -> Policy:
    """A policy as documents have it."""
    return Policy(
        policy_name=policy.name,
        policy_id=policy.policy_id,
        path=policy.path,
        arn=policy.arn,
        default_version_id=policy.default_version_id,
        attachment_count=use.attachments[policy.arn],
        permissions_boundary_usage_count=use.boundaries[policy.arn],
        is_attachable=True,
        create_date=policy.created_ms,
        update_date=policy.updated_ms,
        tags=tags.shown(policy.tags) or None,
    )
