"""Shapes of the policy simulator.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
"""

from ferrox.protocol.iam.groupings import Page, Paged
from ferrox.protocol.iam.limits import (
    ACTION_NAME,
    ARN,
    ATTACHMENT_TYPE,
    CONTEXT_KEY_NAME,
    CONTEXT_KEY_TYPE,
    ENTITY_NAME,
    EXCLUDED_POLICY_TYPE,
    MAX_EXCLUSIONS,
    MAX_ORGANIZATION_LEVELS,
    POLICY_DOCUMENT,
    POLICY_NAME,
    RESOURCE_HANDLING,
    RESOURCE_NAME,
)
from ferrox.protocol.shape import Shape, member


class ContextEntry(Shape):
    context_key_name: str | None = member(CONTEXT_KEY_NAME, default=None)
    context_key_values: list[str] | None = member(default=None)
    context_key_type: str | None = member(CONTEXT_KEY_TYPE, default=None)


class InlinePolicyIdentifier(Shape):
    policy_name: str = member(POLICY_NAME)
    attachment_type: str = member(ATTACHMENT_TYPE)
    attachment_name: str = member(ENTITY_NAME)


class PolicyIdentifier(Shape):
    policy_type: str | None = member(EXCLUDED_POLICY_TYPE, default=None)
    policy_arn: str | None = member(ARN, default=None)
    inline_policy_identifier: InlinePolicyIdentifier | None = member(default=None)


class OrderedOrganizationPolicy(Shape):
    service_control_policy_input_list: list[str] | None = member(POLICY_DOCUMENT, default=None)


class Simulation(Paged):
    permissions_boundary_policy_input_list: list[str] | None = member(POLICY_DOCUMENT, default=None)
    action_names: list[str] = member(ACTION_NAME)
    resource_arns: list[str] | None = member(RESOURCE_NAME, default=None)
    resource_policy: str | None = member(POLICY_DOCUMENT, default=None)
    resource_owner: str | None = member(RESOURCE_NAME, default=None)
    caller_arn: str | None = member(RESOURCE_NAME, default=None)
    context_entries: list[ContextEntry] | None = member(default=None)
    resource_handling_option: str | None = member(RESOURCE_HANDLING, default=None)


class PolicySource(Shape):
    policy_source_arn: str = member(ARN)
    policy_input_list: list[str] | None = member(POLICY_DOCUMENT, default=None)


class SimulatePrincipalPolicyInput(PolicySource, Simulation):
    policy_exclusion_list: list[PolicyIdentifier] | None = member(
        default=None, at_most=MAX_EXCLUSIONS
    )


class SimulateCustomPolicyInput(Simulation):
    policy_input_list: list[str] = member(POLICY_DOCUMENT)
    ordered_organization_policy_input_list: list[OrderedOrganizationPolicy] | None = member(
        default=None, at_most=MAX_ORGANIZATION_LEVELS
    )


class Position(Shape):
    line: int | None = member(default=None)
    column: int | None = member(default=None)


class Statement(Shape):
    source_policy_id: str | None = member(default=None)
    source_policy_type: str | None = member(default=None)
    start_position: Position | None = member(default=None)
    end_position: Position | None = member(default=None)


class OrganizationsDecisionDetail(Shape):
    allowed_by_organizations: bool | None = member(default=None)


class PermissionsBoundaryDecisionDetail(Shape):
    allowed_by_permissions_boundary: bool | None = member(default=None)


class DecisionFacts(Shape):
    matched_statements: list[Statement] | None = member(default=None)
    missing_context_values: list[str] | None = member(default=None)
    eval_decision_details: dict[str, str] | None = member(default=None)
    permissions_boundary_decision_detail: PermissionsBoundaryDecisionDetail | None = member(
        default=None
    )


class ResourceSpecificResult(DecisionFacts):
    eval_resource_name: str = member()
    eval_resource_decision: str = member()


class EvaluationResult(DecisionFacts):
    eval_action_name: str = member()
    eval_resource_name: str | None = member(default=None)
    eval_decision: str = member()
    organizations_decision_detail: OrganizationsDecisionDetail | None = member(default=None)
    resource_specific_results: list[ResourceSpecificResult] | None = member(default=None)


class SimulatePolicyOutput(Page):
    evaluation_results: list[EvaluationResult] | None = member(default=None)


class GetContextKeysForCustomPolicyInput(Shape):
    policy_input_list: list[str] = member(POLICY_DOCUMENT)


class GetContextKeysForPrincipalPolicyInput(PolicySource):
    pass


class GetContextKeysForPolicyOutput(Shape):
    context_key_names: list[str] | None = member(default=None)
