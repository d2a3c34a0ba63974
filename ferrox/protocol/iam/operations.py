"""The table of operations of IAM: one row for each, as its API reference lists them.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html
The last column is what the permission is asked for. A row without a handler is answered with
NotImplemented, after authentication.
"""

from typing import Any

from ferrox.protocol.iam import (
    absences,
    access_keys,
    account,
    attachments,
    groups,
    policies,
    providers,
    roles,
    simulation,
    users,
)
from ferrox.protocol.query.operation import Nothing, QueryOperation, Resource
from ferrox.protocol.query.service import QueryService

IAM = QueryService.IAM
ANYTHING = Resource.ANYTHING
USER, NEW_USER, USERS = Resource.USER, Resource.NEW_USER, Resource.USERS
GROUP, NEW_GROUP, GROUPS = Resource.GROUP, Resource.NEW_GROUP, Resource.GROUPS
ROLE, NEW_ROLE, ROLES = Resource.ROLE, Resource.NEW_ROLE, Resource.ROLES
POLICY, NEW_POLICY = Resource.POLICY, Resource.NEW_POLICY
PROVIDER, NEW_PROVIDER = Resource.PROVIDER, Resource.NEW_PROVIDER
PRINCIPAL, KEY_OWNER = Resource.PRINCIPAL, Resource.KEY_OWNER

# fmt: off
CreateUser = QueryOperation(
    IAM, "CreateUser", users.CreateUserInput, users.CreateUserOutput, NEW_USER)
GetUser = QueryOperation(IAM, "GetUser", users.GetUserInput, users.GetUserOutput, USER)
ListUsers = QueryOperation(IAM, "ListUsers", users.ListUsersInput, users.ListUsersOutput, USERS)
UpdateUser = QueryOperation(IAM, "UpdateUser", users.UpdateUserInput, Nothing, USER)
DeleteUser = QueryOperation(IAM, "DeleteUser", users.DeleteUserInput, Nothing, USER)
TagUser = QueryOperation(IAM, "TagUser", users.TagUserInput, Nothing, USER)
UntagUser = QueryOperation(IAM, "UntagUser", users.UntagUserInput, Nothing, USER)
ListUserTags = QueryOperation(
    IAM, "ListUserTags", users.ListUserTagsInput, users.ListUserTagsOutput, USER)

CreateAccessKey = QueryOperation(
    IAM, "CreateAccessKey", access_keys.CreateAccessKeyInput,
    access_keys.CreateAccessKeyOutput, USER)
DeleteAccessKey = QueryOperation(
    IAM, "DeleteAccessKey", access_keys.DeleteAccessKeyInput, Nothing, USER)
ListAccessKeys = QueryOperation(
    IAM, "ListAccessKeys", access_keys.ListAccessKeysInput, access_keys.ListAccessKeysOutput, USER)
UpdateAccessKey = QueryOperation(
    IAM, "UpdateAccessKey", access_keys.UpdateAccessKeyInput, Nothing, USER)
GetAccessKeyLastUsed = QueryOperation(
    IAM, "GetAccessKeyLastUsed", access_keys.GetAccessKeyLastUsedInput,
    access_keys.GetAccessKeyLastUsedOutput, KEY_OWNER)

CreateGroup = QueryOperation(
    IAM, "CreateGroup", groups.CreateGroupInput, groups.CreateGroupOutput, NEW_GROUP)
GetGroup = QueryOperation(IAM, "GetGroup", groups.GetGroupInput, groups.GetGroupOutput, GROUP)
ListGroups = QueryOperation(
    IAM, "ListGroups", groups.ListGroupsInput, groups.ListGroupsOutput, GROUPS)
UpdateGroup = QueryOperation(IAM, "UpdateGroup", groups.UpdateGroupInput, Nothing, GROUP)
DeleteGroup = QueryOperation(IAM, "DeleteGroup", groups.DeleteGroupInput, Nothing, GROUP)
AddUserToGroup = QueryOperation(IAM, "AddUserToGroup", groups.AddUserToGroupInput, Nothing, GROUP)
RemoveUserFromGroup = QueryOperation(
    IAM, "RemoveUserFromGroup", groups.RemoveUserFromGroupInput, Nothing, GROUP)
ListGroupsForUser = QueryOperation(
    IAM, "ListGroupsForUser", groups.ListGroupsForUserInput, groups.ListGroupsForUserOutput, USER)

CreatePolicy = QueryOperation(
    IAM, "CreatePolicy", policies.CreatePolicyInput, policies.CreatePolicyOutput, NEW_POLICY)
GetPolicy = QueryOperation(
    IAM, "GetPolicy", policies.GetPolicyInput, policies.GetPolicyOutput, POLICY)
ListPolicies = QueryOperation(
    IAM, "ListPolicies", policies.ListPoliciesInput, policies.ListPoliciesOutput, ANYTHING)
DeletePolicy = QueryOperation(IAM, "DeletePolicy", policies.DeletePolicyInput, Nothing, POLICY)
CreatePolicyVersion = QueryOperation(
    IAM, "CreatePolicyVersion", policies.CreatePolicyVersionInput,
    policies.CreatePolicyVersionOutput, POLICY)
GetPolicyVersion = QueryOperation(
    IAM, "GetPolicyVersion", policies.GetPolicyVersionInput,
    policies.GetPolicyVersionOutput, POLICY)
ListPolicyVersions = QueryOperation(
    IAM, "ListPolicyVersions", policies.ListPolicyVersionsInput,
    policies.ListPolicyVersionsOutput, POLICY)
DeletePolicyVersion = QueryOperation(
    IAM, "DeletePolicyVersion", policies.DeletePolicyVersionInput, Nothing, POLICY)
SetDefaultPolicyVersion = QueryOperation(
    IAM, "SetDefaultPolicyVersion", policies.SetDefaultPolicyVersionInput, Nothing, POLICY)
TagPolicy = QueryOperation(IAM, "TagPolicy", policies.TagPolicyInput, Nothing, POLICY)
UntagPolicy = QueryOperation(IAM, "UntagPolicy", policies.UntagPolicyInput, Nothing, POLICY)
ListPolicyTags = QueryOperation(
    IAM, "ListPolicyTags", policies.ListPolicyTagsInput, policies.ListPolicyTagsOutput, POLICY)
ListEntitiesForPolicy = QueryOperation(
    IAM, "ListEntitiesForPolicy", policies.ListEntitiesForPolicyInput,
    policies.ListEntitiesForPolicyOutput, POLICY)

AttachUserPolicy = QueryOperation(
    IAM, "AttachUserPolicy", attachments.AttachUserPolicyInput, Nothing, USER)
DetachUserPolicy = QueryOperation(
    IAM, "DetachUserPolicy", attachments.DetachUserPolicyInput, Nothing, USER)
ListAttachedUserPolicies = QueryOperation(
    IAM, "ListAttachedUserPolicies", attachments.ListAttachedUserPoliciesInput,
    attachments.ListAttachedUserPoliciesOutput, USER)
AttachGroupPolicy = QueryOperation(
    IAM, "AttachGroupPolicy", attachments.AttachGroupPolicyInput, Nothing, GROUP)
DetachGroupPolicy = QueryOperation(
    IAM, "DetachGroupPolicy", attachments.DetachGroupPolicyInput, Nothing, GROUP)
ListAttachedGroupPolicies = QueryOperation(
    IAM, "ListAttachedGroupPolicies", attachments.ListAttachedGroupPoliciesInput,
    attachments.ListAttachedGroupPoliciesOutput, GROUP)
AttachRolePolicy = QueryOperation(
    IAM, "AttachRolePolicy", attachments.AttachRolePolicyInput, Nothing, ROLE)
DetachRolePolicy = QueryOperation(
    IAM, "DetachRolePolicy", attachments.DetachRolePolicyInput, Nothing, ROLE)
ListAttachedRolePolicies = QueryOperation(
    IAM, "ListAttachedRolePolicies", attachments.ListAttachedRolePoliciesInput,
    attachments.ListAttachedRolePoliciesOutput, ROLE)

PutUserPolicy = QueryOperation(IAM, "PutUserPolicy", attachments.PutUserPolicyInput, Nothing, USER)
GetUserPolicy = QueryOperation(
    IAM, "GetUserPolicy", attachments.GetUserPolicyInput, attachments.GetUserPolicyOutput, USER)
DeleteUserPolicy = QueryOperation(
    IAM, "DeleteUserPolicy", attachments.DeleteUserPolicyInput, Nothing, USER)
ListUserPolicies = QueryOperation(
    IAM, "ListUserPolicies", attachments.ListUserPoliciesInput,
    attachments.ListUserPoliciesOutput, USER)
PutGroupPolicy = QueryOperation(
    IAM, "PutGroupPolicy", attachments.PutGroupPolicyInput, Nothing, GROUP)
GetGroupPolicy = QueryOperation(
    IAM, "GetGroupPolicy", attachments.GetGroupPolicyInput, attachments.GetGroupPolicyOutput, GROUP)
DeleteGroupPolicy = QueryOperation(
    IAM, "DeleteGroupPolicy", attachments.DeleteGroupPolicyInput, Nothing, GROUP)
ListGroupPolicies = QueryOperation(
    IAM, "ListGroupPolicies", attachments.ListGroupPoliciesInput,
    attachments.ListGroupPoliciesOutput, GROUP)
PutRolePolicy = QueryOperation(IAM, "PutRolePolicy", attachments.PutRolePolicyInput, Nothing, ROLE)
GetRolePolicy = QueryOperation(
    IAM, "GetRolePolicy", attachments.GetRolePolicyInput, attachments.GetRolePolicyOutput, ROLE)
DeleteRolePolicy = QueryOperation(
    IAM, "DeleteRolePolicy", attachments.DeleteRolePolicyInput, Nothing, ROLE)
ListRolePolicies = QueryOperation(
    IAM, "ListRolePolicies", attachments.ListRolePoliciesInput,
    attachments.ListRolePoliciesOutput, ROLE)

PutUserPermissionsBoundary = QueryOperation(
    IAM, "PutUserPermissionsBoundary", attachments.PutUserPermissionsBoundaryInput, Nothing, USER)
DeleteUserPermissionsBoundary = QueryOperation(
    IAM, "DeleteUserPermissionsBoundary", attachments.DeleteUserPermissionsBoundaryInput,
    Nothing, USER)
PutRolePermissionsBoundary = QueryOperation(
    IAM, "PutRolePermissionsBoundary", attachments.PutRolePermissionsBoundaryInput, Nothing, ROLE)
DeleteRolePermissionsBoundary = QueryOperation(
    IAM, "DeleteRolePermissionsBoundary", attachments.DeleteRolePermissionsBoundaryInput,
    Nothing, ROLE)

CreateRole = QueryOperation(
    IAM, "CreateRole", roles.CreateRoleInput, roles.CreateRoleOutput, NEW_ROLE)
GetRole = QueryOperation(IAM, "GetRole", roles.GetRoleInput, roles.GetRoleOutput, ROLE)
ListRoles = QueryOperation(IAM, "ListRoles", roles.ListRolesInput, roles.ListRolesOutput, ROLES)
UpdateRole = QueryOperation(IAM, "UpdateRole", roles.UpdateRoleInput, roles.UpdateRoleOutput, ROLE)
UpdateRoleDescription = QueryOperation(
    IAM, "UpdateRoleDescription", roles.UpdateRoleDescriptionInput,
    roles.UpdateRoleDescriptionOutput, ROLE)
UpdateAssumeRolePolicy = QueryOperation(
    IAM, "UpdateAssumeRolePolicy", roles.UpdateAssumeRolePolicyInput, Nothing, ROLE)
DeleteRole = QueryOperation(IAM, "DeleteRole", roles.DeleteRoleInput, Nothing, ROLE)
TagRole = QueryOperation(IAM, "TagRole", roles.TagRoleInput, Nothing, ROLE)
UntagRole = QueryOperation(IAM, "UntagRole", roles.UntagRoleInput, Nothing, ROLE)
ListRoleTags = QueryOperation(
    IAM, "ListRoleTags", roles.ListRoleTagsInput, roles.ListRoleTagsOutput, ROLE)

CreateOpenIDConnectProvider = QueryOperation(
    IAM, "CreateOpenIDConnectProvider", providers.CreateOpenIDConnectProviderInput,
    providers.CreateOpenIDConnectProviderOutput, NEW_PROVIDER)
GetOpenIDConnectProvider = QueryOperation(
    IAM, "GetOpenIDConnectProvider", providers.GetOpenIDConnectProviderInput,
    providers.GetOpenIDConnectProviderOutput, PROVIDER)
ListOpenIDConnectProviders = QueryOperation(
    IAM, "ListOpenIDConnectProviders", providers.ListOpenIDConnectProvidersInput,
    providers.ListOpenIDConnectProvidersOutput, ANYTHING)
DeleteOpenIDConnectProvider = QueryOperation(
    IAM, "DeleteOpenIDConnectProvider", providers.DeleteOpenIDConnectProviderInput,
    Nothing, PROVIDER)
UpdateOpenIDConnectProviderThumbprint = QueryOperation(
    IAM, "UpdateOpenIDConnectProviderThumbprint",
    providers.UpdateOpenIDConnectProviderThumbprintInput, Nothing, PROVIDER)
AddClientIDToOpenIDConnectProvider = QueryOperation(
    IAM, "AddClientIDToOpenIDConnectProvider", providers.AddClientIDToOpenIDConnectProviderInput,
    Nothing, PROVIDER)
RemoveClientIDFromOpenIDConnectProvider = QueryOperation(
    IAM, "RemoveClientIDFromOpenIDConnectProvider",
    providers.RemoveClientIDFromOpenIDConnectProviderInput, Nothing, PROVIDER)
TagOpenIDConnectProvider = QueryOperation(
    IAM, "TagOpenIDConnectProvider", providers.TagOpenIDConnectProviderInput, Nothing, PROVIDER)
UntagOpenIDConnectProvider = QueryOperation(
    IAM, "UntagOpenIDConnectProvider", providers.UntagOpenIDConnectProviderInput, Nothing, PROVIDER)
ListOpenIDConnectProviderTags = QueryOperation(
    IAM, "ListOpenIDConnectProviderTags", providers.ListOpenIDConnectProviderTagsInput,
    providers.ListOpenIDConnectProviderTagsOutput, PROVIDER)

CreateAccountAlias = QueryOperation(
    IAM, "CreateAccountAlias", account.CreateAccountAliasInput, Nothing, ANYTHING)
DeleteAccountAlias = QueryOperation(
    IAM, "DeleteAccountAlias", account.DeleteAccountAliasInput, Nothing, ANYTHING)
ListAccountAliases = QueryOperation(
    IAM, "ListAccountAliases", account.ListAccountAliasesInput,
    account.ListAccountAliasesOutput, ANYTHING)
GetAccountSummary = QueryOperation(
    IAM, "GetAccountSummary", account.GetAccountSummaryInput,
    account.GetAccountSummaryOutput, ANYTHING)
GetAccountAuthorizationDetails = QueryOperation(
    IAM, "GetAccountAuthorizationDetails", account.GetAccountAuthorizationDetailsInput,
    account.GetAccountAuthorizationDetailsOutput, ANYTHING)

ListMFADevices = QueryOperation(
    IAM, "ListMFADevices", absences.ListMFADevicesInput, absences.ListMFADevicesOutput, USER)
ListVirtualMFADevices = QueryOperation(
    IAM, "ListVirtualMFADevices", absences.ListVirtualMFADevicesInput,
    absences.ListVirtualMFADevicesOutput, ANYTHING)
ListSigningCertificates = QueryOperation(
    IAM, "ListSigningCertificates", absences.ListSigningCertificatesInput,
    absences.ListSigningCertificatesOutput, USER)
ListSSHPublicKeys = QueryOperation(
    IAM, "ListSSHPublicKeys", absences.ListSSHPublicKeysInput,
    absences.ListSSHPublicKeysOutput, USER)
ListServiceSpecificCredentials = QueryOperation(
    IAM, "ListServiceSpecificCredentials", absences.ListServiceSpecificCredentialsInput,
    absences.ListServiceSpecificCredentialsOutput, USER)
ListInstanceProfilesForRole = QueryOperation(
    IAM, "ListInstanceProfilesForRole", absences.ListInstanceProfilesForRoleInput,
    absences.ListInstanceProfilesForRoleOutput, ROLE)
GetLoginProfile = QueryOperation(
    IAM, "GetLoginProfile", absences.GetLoginProfileInput, absences.GetLoginProfileOutput, USER)
DeleteLoginProfile = QueryOperation(
    IAM, "DeleteLoginProfile", absences.DeleteLoginProfileInput, Nothing, USER)
GetAccountPasswordPolicy = QueryOperation(
    IAM, "GetAccountPasswordPolicy", absences.GetAccountPasswordPolicyInput,
    absences.GetAccountPasswordPolicyOutput, ANYTHING)

SimulatePrincipalPolicy = QueryOperation(
    IAM, "SimulatePrincipalPolicy", simulation.SimulatePrincipalPolicyInput,
    simulation.SimulatePolicyOutput, PRINCIPAL)
SimulateCustomPolicy = QueryOperation(
    IAM, "SimulateCustomPolicy", simulation.SimulateCustomPolicyInput,
    simulation.SimulatePolicyOutput, ANYTHING)
GetContextKeysForCustomPolicy = QueryOperation(
    IAM, "GetContextKeysForCustomPolicy", simulation.GetContextKeysForCustomPolicyInput,
    simulation.GetContextKeysForPolicyOutput, ANYTHING)
GetContextKeysForPrincipalPolicy = QueryOperation(
    IAM, "GetContextKeysForPrincipalPolicy", simulation.GetContextKeysForPrincipalPolicyInput,
    simulation.GetContextKeysForPolicyOutput, PRINCIPAL)
# fmt: on

OPERATIONS: dict[str, QueryOperation[Any, Any]] = {
    name: row for name, row in globals().copy().items() if isinstance(row, QueryOperation)
}
"""Every row, by its name."""
