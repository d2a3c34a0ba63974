"""Shapes of managed policies: https://docs.aws.amazon.com/IAM/latest/APIReference/API_Policy.html"""

from ferrox.protocol.iam.groupings import (
    MaybeEntity,
    OptionalTags,
    Page,
    Paged,
    PolicyNamed,
    Tagging,
    TagPage,
    Untagging,
)
from ferrox.protocol.iam.limits import (
    ENTITY_TYPE,
    PATH,
    POLICY_DESCRIPTION,
    POLICY_DOCUMENT,
    POLICY_NAME,
    POLICY_PATH,
    POLICY_SCOPE,
    POLICY_USAGE,
    POLICY_VERSION_ID,
)
from ferrox.protocol.shape import Shape, member


class PolicyFacts(MaybeEntity):
    policy_name: str | None = member(default=None)
    policy_id: str | None = member(default=None)
    default_version_id: str | None = member(default=None)
    attachment_count: int | None = member(default=None)
    permissions_boundary_usage_count: int | None = member(default=None)
    is_attachable: bool | None = member(default=None)
    description: str | None = member(default=None)
    update_date: int | None = member(default=None, timestamp="seconds")


class Policy(PolicyFacts, OptionalTags):
    pass


class PolicyVersion(Shape):
    document: str | None = member(default=None, is_escaped=True)
    version_id: str | None = member(default=None)
    is_default_version: bool | None = member(default=None)
    create_date: int | None = member(default=None, timestamp="seconds")


class PolicyVersionNamed(PolicyNamed):
    version_id: str = member(POLICY_VERSION_ID)


class CreatePolicyInput(OptionalTags):
    policy_name: str = member(POLICY_NAME)
    path: str | None = member(POLICY_PATH, default=None)
    policy_document: str = member(POLICY_DOCUMENT)
    description: str | None = member(POLICY_DESCRIPTION, default=None)


class CreatePolicyOutput(Shape):
    policy: Policy | None = member(default=None)


class GetPolicyInput(PolicyNamed):
    pass


class GetPolicyOutput(Shape):
    policy: Policy | None = member(default=None)


class ListPoliciesInput(Paged):
    scope: str | None = member(POLICY_SCOPE, default=None)
    only_attached: bool | None = member(default=None)
    path_prefix: str | None = member(POLICY_PATH, default=None)
    policy_usage_filter: str | None = member(POLICY_USAGE, default=None)


class ListPoliciesOutput(Page):
    policies: list[Policy] | None = member(default=None)


class DeletePolicyInput(PolicyNamed):
    pass


class CreatePolicyVersionInput(PolicyNamed):
    policy_document: str = member(POLICY_DOCUMENT)
    set_as_default: bool | None = member(default=None)


class CreatePolicyVersionOutput(Shape):
    policy_version: PolicyVersion | None = member(default=None)


class GetPolicyVersionInput(PolicyVersionNamed):
    pass


class GetPolicyVersionOutput(Shape):
    policy_version: PolicyVersion | None = member(default=None)


class ListPolicyVersionsInput(PolicyNamed, Paged):
    pass


class ListPolicyVersionsOutput(Page):
    versions: list[PolicyVersion] | None = member(default=None)


class DeletePolicyVersionInput(PolicyVersionNamed):
    pass


class SetDefaultPolicyVersionInput(PolicyVersionNamed):
    pass


class TagPolicyInput(PolicyNamed, Tagging):
    pass


class UntagPolicyInput(PolicyNamed, Untagging):
    pass


class ListPolicyTagsInput(PolicyNamed, Paged):
    pass


class ListPolicyTagsOutput(TagPage):
    pass


class PolicyUser(Shape):
    user_name: str | None = member(default=None)
    user_id: str | None = member(default=None)


class PolicyGroup(Shape):
    group_name: str | None = member(default=None)
    group_id: str | None = member(default=None)


class PolicyRole(Shape):
    role_name: str | None = member(default=None)
    role_id: str | None = member(default=None)


class ListEntitiesForPolicyInput(PolicyNamed, Paged):
    entity_filter: str | None = member(ENTITY_TYPE, default=None)
    path_prefix: str | None = member(PATH, default=None)
    policy_usage_filter: str | None = member(POLICY_USAGE, default=None)


class ListEntitiesForPolicyOutput(Page):
    policy_groups: list[PolicyGroup] | None = member(default=None)
    policy_users: list[PolicyUser] | None = member(default=None)
    policy_roles: list[PolicyRole] | None = member(default=None)
