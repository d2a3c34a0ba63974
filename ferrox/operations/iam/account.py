"""The account as a whole: its alias, and how much of everything it has.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html
Of features that there are not, the summary says that there are none in use.
"""

from ferrox.iam_errors import EntityAlreadyExists, NoSuchEntity
from ferrox.identity import Account, GroupRecord, ProviderRecord, RoleRecord, UserRecord
from ferrox.operations.iam import quotas
from ferrox.operations.iam.call import IamCall
from ferrox.operations.iam.registry import handles
from ferrox.protocol.iam.account import (
    CreateAccountAliasInput,
    DeleteAccountAliasInput,
    GetAccountSummaryInput,
    GetAccountSummaryOutput,
    ListAccountAliasesInput,
    ListAccountAliasesOutput,
)
from ferrox.protocol.iam.operations import (
    CreateAccountAlias,
    DeleteAccountAlias,
    GetAccountSummary,
    ListAccountAliases,
)
from ferrox.protocol.query.operation import Nothing
from ferrox.storage.identities.transaction import Tx
from ferrox.storage.identities.view import IdentityView

_QUOTAS = {
    "UsersQuota": quotas.USERS,
    "GroupsQuota": quotas.GROUPS,
    "RolesQuota": quotas.ROLES,
    "PoliciesQuota": quotas.POLICIES,
    "GroupsPerUserQuota": quotas.GROUPS_PER_USER,
    "AccessKeysPerUserQuota": quotas.ACCESS_KEYS_PER_USER,
    "AttachedPoliciesPerUserQuota": quotas.ATTACHED_POLICIES,
    "AttachedPoliciesPerGroupQuota": quotas.ATTACHED_POLICIES,
    "AttachedPoliciesPerRoleQuota": quotas.ATTACHED_POLICIES,
    "VersionsPerPolicyQuota": quotas.VERSIONS_PER_POLICY,
    "PolicyVersionsInUseQuota": quotas.POLICY_VERSIONS_IN_USE,
    "PolicySizeQuota": quotas.POLICY_CHARACTERS,
    "UserPolicySizeQuota": quotas.USER_POLICY_CHARACTERS,
    "GroupPolicySizeQuota": quotas.GROUP_POLICY_CHARACTERS,
    "RolePolicySizeQuota": quotas.ROLE_POLICY_CHARACTERS,
    "AssumeRolePolicySizeQuota": quotas.TRUST_POLICY_CHARACTERS,
    "SigningCertificatesPerUserQuota": 2,
    "ServerCertificatesQuota": 20,
    "InstanceProfilesQuota": 1_000,
}
_ABSENT = {
    "ServerCertificates": 0,
    "InstanceProfiles": 0,
    "MFADevices": 0,
    "MFADevicesInUse": 0,
    "AccountMFAEnabled": 0,
    "AccountPasswordPresent": 0,
    "AccountSigningCertificatesPresent": 0,
}
_ROOT_HAS_KEYS = 1
_TOKEN_VERSION = 2
"""Of tokens that are good in every region."""


@handles(CreateAccountAlias)
async def create_account_alias(call: IamCall, args: CreateAccountAliasInput) -> Nothing:
    """Give the account a name that no other account has, in place of the one that it had."""

    def create(tx: Tx) -> None:
        other = tx.account_called(args.account_alias)
        if other is not None and other.account_id != call.account_id:
            raise EntityAlreadyExists(f"The account alias {args.account_alias} already exists.")
        tx.put(_account(tx, call)._replace(alias=args.account_alias))

    await call.identities.change(create)
    return Nothing()


@handles(DeleteAccountAlias)
async def delete_account_alias(call: IamCall, args: DeleteAccountAliasInput) -> Nothing:
    """Take that name from the account."""

    def delete(tx: Tx) -> None:
        account = _account(tx, call)
        if account.alias != args.account_alias:
            raise NoSuchEntity(f"The account alias with name {args.account_alias} cannot be found.")
        tx.put(account._replace(alias=""))

    await call.identities.change(delete)
    return Nothing()


@handles(ListAccountAliases)
async def list_account_aliases(
    call: IamCall, _args: ListAccountAliasesInput
) -> ListAccountAliasesOutput:
    """Tell the name of the account; there is one at most."""
    alias = _account(call.identities, call).alias
    return ListAccountAliasesOutput(account_aliases=[alias] if alias else [], is_truncated=False)


@handles(GetAccountSummary)
async def get_account_summary(
    call: IamCall, _args: GetAccountSummaryInput
) -> GetAccountSummaryOutput:
    """Tell how much there is of everything, and how much there may be."""
    identities, account_id = call.identities, call.account_id
    policies = identities.policies(account_id)
    counts = {
        "Users": identities.count(UserRecord, account_id),
        "Groups": identities.count(GroupRecord, account_id),
        "Roles": identities.count(RoleRecord, account_id),
        "Policies": len(policies),
        "PolicyVersionsInUse": sum(len(policy.versions) for policy in policies),
        "Providers": identities.count(ProviderRecord, account_id),
        "AccountAccessKeysPresent": _ROOT_HAS_KEYS,
        "GlobalEndpointTokenVersion": _TOKEN_VERSION,
    }
    return GetAccountSummaryOutput(summary_map=counts | _QUOTAS | _ABSENT)


def _account(identities: IdentityView, call: IamCall) -> Account:
    account = identities.account(call.account_id)
    if account is None:
        raise NoSuchEntity(f"The account {call.account_id} cannot be found.")
    return account
