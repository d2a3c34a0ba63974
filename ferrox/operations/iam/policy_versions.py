"""Versions of managed policies: five at most, one of which is in force.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-versioning.html
Numbers are never given twice. What is in force is so for the next request of those who have the
policy.
"""

from ferrox.iam_errors import DeleteConflict, LimitExceeded, NoSuchEntity
from ferrox.identity import PolicyRecord
from ferrox.identity import PolicyVersion as VersionRecord
from ferrox.operations.iam import paging, policy_arns, policy_texts, quotas
from ferrox.operations.iam.call import IamCall
from ferrox.operations.iam.registry import handles
from ferrox.protocol.iam.operations import (
    CreatePolicyVersion,
    DeletePolicyVersion,
    GetPolicyVersion,
    ListPolicyVersions,
    SetDefaultPolicyVersion,
)
from ferrox.protocol.iam.policies import (
    CreatePolicyVersionInput,
    CreatePolicyVersionOutput,
    DeletePolicyVersionInput,
    GetPolicyVersionInput,
    GetPolicyVersionOutput,
    ListPolicyVersionsInput,
    ListPolicyVersionsOutput,
    PolicyVersion,
    SetDefaultPolicyVersionInput,
)
from ferrox.protocol.query.operation import Nothing
from ferrox.storage.identities.transaction import Tx

_MOST = quotas.VERSIONS_PER_POLICY


@handles(CreatePolicyVersion)
async def create_policy_version(
    call: IamCall, args: CreatePolicyVersionInput
) -> CreatePolicyVersionOutput:
    """Add a version, and put it in force if that is wanted."""
    policy_texts.require_managed(args.policy_document)
    now_ms = call.clock.now_ms()

    def create(tx: Tx) -> PolicyRecord:
        policy = policy_arns.find_own(tx, call.account_id, args.policy_arn)
        if len(policy.versions) >= _MOST:
            raise LimitExceeded(
                f"A managed policy can have up to {_MOST} versions. Before you create a new "
                "version, you must delete an existing version."
            )
        number = policy.last_version + 1
        version = VersionRecord(f"v{number}", args.policy_document, now_ms)
        policy = policy._replace(
            versions=(*policy.versions, version),
            last_version=number,
            updated_ms=now_ms,
            default_version_id=(
                version.version_id if args.set_as_default else policy.default_version_id
            ),
        )
        tx.put(policy)
        return policy

    policy = await call.identities.change(create)
    return CreatePolicyVersionOutput(policy_version=listed(policy, policy.versions[-1]))


@handles(GetPolicyVersion)
async def get_policy_version(call: IamCall, args: GetPolicyVersionInput) -> GetPolicyVersionOutput:
    """Show what a version permits."""
    policy = policy_arns.find(call.identities, call.account_id, args.policy_arn)
    return GetPolicyVersionOutput(policy_version=shown(policy, _find(policy, args.version_id)))


@handles(ListPolicyVersions)
async def list_policy_versions(
    call: IamCall, args: ListPolicyVersionsInput
) -> ListPolicyVersionsOutput:
    """Tell which versions there are, the newest first; not what they permit."""
    policy = policy_arns.find(call.identities, call.account_id, args.policy_arn)
    page = paging.cut(policy.versions, args, lambda version: _age(policy, version))
    return ListPolicyVersionsOutput(
        versions=[listed(policy, version) for version in page.items],
        is_truncated=page.is_truncated,
        marker=page.marker,
    )


@handles(SetDefaultPolicyVersion)
async def set_default_policy_version(call: IamCall, args: SetDefaultPolicyVersionInput) -> Nothing:
    """Put a version in force."""

    def put_in_force(tx: Tx) -> None:
        policy = policy_arns.find_own(tx, call.account_id, args.policy_arn)
        version = _find(policy, args.version_id)
        tx.put(policy._replace(default_version_id=version.version_id))

    await call.identities.change(put_in_force)
    return Nothing()


@handles(DeletePolicyVersion)
async def delete_policy_version(call: IamCall, args: DeletePolicyVersionInput) -> Nothing:
    """Remove a version that is not in force."""

    def delete(tx: Tx) -> None:
        policy = policy_arns.find_own(tx, call.account_id, args.policy_arn)
        version = _find(policy, args.version_id)
        if version.version_id == policy.default_version_id:
            raise DeleteConflict("Cannot delete the default version of a policy.")
        tx.put(policy._replace(versions=tuple(one for one in policy.versions if one != version)))

    await call.identities.change(delete)
    return Nothing()


def shown(policy: PolicyRecord, version: VersionRecord) -> PolicyVersion:
    """A version as documents have it, with what it permits."""
    told = listed(policy, version)
    told.document = version.text
    return told


def listed(policy: PolicyRecord, version: VersionRecord) -> PolicyVersion:
    """A version as lists have it."""
    return PolicyVersion(
        version_id=version.version_id,
        is_default_version=version.version_id == policy.default_version_id,
        create_date=version.created_ms,
    )


def _find(policy: PolicyRecord, version_id: str) -> VersionRecord:
    """The version of a policy with this id, or NoSuchEntity."""
    for version in policy.versions:
        if version.version_id == version_id:
            return version
    raise NoSuchEntity(
        f"Policy {policy.arn} version {version_id} does not exist or is not attachable."
    )


def _age(policy: PolicyRecord, version: VersionRecord) -> str:
    """What sorts versions: how many were made since, of equal length."""
    since = policy.last_version - int(version.version_id.removeprefix("v"))
    return f"{since:012}"
