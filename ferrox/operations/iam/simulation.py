"""The policy simulator: SimulatePrincipalPolicy and SimulateCustomPolicy.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulateCustomPolicy.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_testing-policies.html

Real requests are decided by `decide`, and so are these; only the question and the policies are made
up. What stands beside policies (lists, the public access block) is not simulated, as in AWS.

A page has as many actions as can be tried on all the resources in a moment, and others have their
turn after each question. Who asks for more than that of a single action is refused: a request has
room for thousands of statements and thousands of resources.
"""

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ferrox import errors
from ferrox.decision import Verdict
from ferrox.iam.actions import BUCKET_ACTIONS, OBJECT_ACTIONS
from ferrox.iam.context_keys import context_keys
from ferrox.iam.document import Document, Question
from ferrox.iam.evaluate import Attached, decide, matched
from ferrox.iam.patterns import arn_components
from ferrox.iam.spans import Span, statement_spans
from ferrox.iam_errors import InvalidInput
from ferrox.identity import UserRecord
from ferrox.operations import held_policies
from ferrox.operations.iam import paging, simulated_policies
from ferrox.operations.iam.call import IamCall
from ferrox.operations.iam.policy_source import find_source
from ferrox.operations.iam.registry import handles
from ferrox.operations.iam.simulated_policies import Exclusions, Simulated
from ferrox.operations.iam.simulated_request import (
    Caller,
    Imagined,
    account_in,
    anybody,
    caller_called,
    caller_with,
    stated,
)
from ferrox.protocol.iam.groupings import Paged
from ferrox.protocol.iam.operations import SimulateCustomPolicy, SimulatePrincipalPolicy
from ferrox.protocol.iam.simulation import (
    EvaluationResult,
    PermissionsBoundaryDecisionDetail,
    Position,
    ResourceSpecificResult,
    SimulateCustomPolicyInput,
    SimulatePolicyOutput,
    SimulatePrincipalPolicyInput,
    Simulation,
    Statement,
)

MOST_WORK = 50_000
"""What a page costs at most, in statements that are tried on a resource."""

_WORK_PER_QUESTION = 10
"""What a question costs beside that."""

EVERYTHING = "*"
"""The resource of a simulation that names none."""

_is_action = re.compile(r"[A-Za-z0-9-]+:[A-Za-z0-9-]+").fullmatch


@dataclass
class Scene:
    """What all questions of a simulation have in common.

    owner_id  the account whose the resources are, where their ARNs do not say it
    """

    call: IamCall
    caller: Caller
    identity: Sequence[Simulated]
    boundary: Simulated | None
    resource: Simulated | None
    given: Mapping[str, tuple[str, ...]]
    owner_id: str

    def __post_init__(self) -> None:
        others = (one for one in (self.boundary, self.resource) if one is not None)
        self._policies = {policy.document: policy for policy in (*self.identity, *others)}
        self._spans: dict[Document, list[Span]] = {}
        self._shown: dict[tuple[Document, int], Statement] = {}
        self.work = _WORK_PER_QUESTION + sum(len(one.statements) for one in self._policies)
        self.spelling = context_keys(policy.text for policy in self._policies.values())

    def statement(self, document: Document, number: int) -> Statement:
        """A statement as results show it."""
        found = self._shown.get((document, number))
        if found is None:
            found = self._shown[document, number] = self._statement(document, number)
        return found

    def _statement(self, document: Document, number: int) -> Statement:
        policy = self._policies[document]
        spans = self._spans.get(document)
        if spans is None:
            spans = self._spans[document] = statement_spans(policy.text)
        start, end = spans[number - 1]
        return Statement(
            source_policy_id=policy.policy_id,
            source_policy_type=policy.policy_type,
            start_position=Position(line=start.line, column=start.column),
            end_position=Position(line=end.line, column=end.column),
        )

    def attached(self, owner_id: str) -> Attached:
        """What `decide` is to know of caller and resource."""
        principal = self.caller.principal
        return Attached(
            principal,
            principal.account_id == owner_id,
            list({policy.document: None for policy in self.identity}),
            self.resource.document if self.resource else None,
            self.boundary.document if self.boundary else None,
        )


class Outcome(NamedTuple):
    """The answer to one question.

    facts    what is told of it beside the verdict
    """

    resource: str
    verdict: Verdict
    facts: dict[str, Any]


@handles(SimulatePrincipalPolicy)
async def simulate_principal_policy(
    call: IamCall, args: SimulatePrincipalPolicyInput
) -> SimulatePolicyOutput:
    """Try what a user, group or role may do."""
    entity = find_source(call, args.policy_source_arn)
    excluded = Exclusions(args.policy_exclusion_list)
    held = excluded.left(held_policies.held_by(call.identities, entity))
    boundary = excluded.left_boundary(held_policies.boundary_of(call.identities, entity))
    policies = [*map(simulated_policies.of_held, held)]
    policies += simulated_policies.given(args.policy_input_list, simulated_policies.INPUTS)
    if args.resource_policy and not (args.caller_arn or isinstance(entity, UserRecord)):
        raise InvalidInput("CallerArn is required with the policy of a resource.")
    caller = caller_with(call, entity)
    if args.caller_arn and args.caller_arn != entity.arn:
        caller = caller_called(call, args.caller_arn)
    own_boundary = simulated_policies.of_held(boundary) if boundary else None
    return await _simulate(call, args, caller, policies, own_boundary)


@handles(SimulateCustomPolicy)
async def simulate_custom_policy(
    call: IamCall, args: SimulateCustomPolicyInput
) -> SimulatePolicyOutput:
    """Try what policies would let somebody do who had them."""
    if args.ordered_organization_policy_input_list:
        raise errors.NotImplemented("There are no organizations, and no policies of theirs")
    if args.resource_policy and not args.caller_arn:
        raise InvalidInput("CallerArn is required with the policy of a resource.")
    policies = simulated_policies.given(args.policy_input_list, simulated_policies.INPUTS)
    caller = caller_called(call, args.caller_arn) if args.caller_arn else anybody(call)
    return await _simulate(call, args, caller, policies, None)


async def _simulate(
    call: IamCall,
    args: Simulation,
    caller: Caller,
    identity: Sequence[Simulated],
    boundary: Simulated | None,
) -> SimulatePolicyOutput:
    owner = args.resource_owner
    scene = Scene(
        call,
        caller,
        identity,
        simulated_policies.given_boundary(args.permissions_boundary_policy_input_list) or boundary,
        simulated_policies.given_for_resource(args.resource_policy),
        stated(args.context_entries),
        account_in(owner) if owner else caller.principal.account_id,
    )
    resources = args.resource_arns or [EVERYTHING]
    _check(args.action_names, resources)
    most = min(
        args.max_items or paging.DEFAULT_MAX_ITEMS, MOST_WORK // (scene.work * len(resources))
    )
    if not most:
        raise InvalidInput("There are too many statements and resources for one simulation.")
    numbered = enumerate(args.action_names)
    asked_for = Paged(marker=args.marker, max_items=most)
    page = paging.cut(numbered, asked_for, lambda one: f"{one[0]:06}")
    results = []
    for _, action in page.items:
        results.append(_result(action, await _outcomes(scene, action, resources)))
    return SimulatePolicyOutput(
        evaluation_results=results, is_truncated=page.is_truncated, marker=page.marker
    )


def _check(actions: Iterable[str], resources: Iterable[str]) -> None:
    for action in actions:
        if not _is_action(action):
            raise InvalidInput(f"Invalid Action: {action}")
    for resource in resources:
        if resource != EVERYTHING and arn_components(resource) is None:
            raise InvalidInput(f"Invalid resource ARN: {resource}")


async def _outcomes(scene: Scene, action: str, resources: Iterable[str]) -> list[Outcome]:
    outcomes = []
    for resource in resources:
        outcomes.append(_outcome(scene, action, resource))
        await asyncio.sleep(0)
    return outcomes


def _outcome(scene: Scene, action: str, resource: str) -> Outcome:
    """Ask one question."""
    components = arn_components(resource)
    owner_id = (components[4] if components else "") or scene.owner_id
    values = Imagined(scene.call, scene.caller, scene.given, owner_id)
    question = Question(action, resource, values)
    attached = scene.attached(owner_id)
    verdict = decide(question, attached).verdict
    facts = {
        "matched_statements": [
            scene.statement(*match) for match in matched(question, attached, verdict)
        ],
        "missing_context_values": _missing(scene, question, attached, values),
        "permissions_boundary_decision_detail": _of_boundary(question, attached),
        "eval_decision_details": None if attached.is_same_account else _sides(question, attached),
    }
    return Outcome(resource, verdict, facts)


def _missing(scene: Scene, question: Question, attached: Attached, values: Imagined) -> list[str]:
    """The keys without a value that statements about this action and resource ask for."""
    for document in attached.documents:
        about = document.about(question.action)
        for _, statement in (*about.denials, *about.grants):
            if statement.covers(question.resource, values):
                for condition in statement.conditions:
                    condition.holds(values)
    return [written for key, written in scene.spelling.items() if key in values.missed]


def _of_boundary(
    question: Question, attached: Attached
) -> PermissionsBoundaryDecisionDetail | None:
    """Whether the boundary would let it pass, if everything else does."""
    if attached.boundary is None:
        return None
    alone = Attached(attached.principal, is_same_account=True, identity=[attached.boundary])
    is_allowed = decide(question, alone).is_allowed
    return PermissionsBoundaryDecisionDetail(allowed_by_permissions_boundary=is_allowed)


def _sides(question: Question, attached: Attached) -> dict[str, str]:
    """What either account says, if the other one lets everything pass."""
    own = attached._replace(is_same_account=True, resource=None)
    others = attached._replace(identity=(), boundary=None, is_root=True)
    return {
        "IAM Policy": decide(question, own).verdict.value,
        "Resource Policy": decide(question, others).verdict.value,
    }


def _result(action: str, outcomes: Sequence[Outcome]) -> EvaluationResult:
    """What is told of one action."""
    first = outcomes[0]
    if len(outcomes) == 1 and first.resource == EVERYTHING:
        return EvaluationResult(
            eval_action_name=action,
            eval_resource_name=first.resource,
            eval_decision=first.verdict.value,
            **first.facts,
        )
    verdict = _together([outcome.verdict for outcome in outcomes])
    facts = _facts_together([outcome for outcome in outcomes if outcome.verdict is verdict])
    return EvaluationResult(
        eval_action_name=action,
        eval_resource_name=first.resource if len(outcomes) == 1 else _template(action),
        eval_decision=verdict.value,
        **facts,
        resource_specific_results=[
            ResourceSpecificResult(
                eval_resource_name=one.resource,
                eval_resource_decision=one.verdict.value,
                **one.facts,
            )
            for one in outcomes
        ],
    )


def _together(verdicts: Sequence[Verdict]) -> Verdict:
    """What is said of several resources at once: it is allowed if it is for each of them."""
    if Verdict.EXPLICIT_DENY in verdicts:
        return Verdict.EXPLICIT_DENY
    return Verdict.IMPLICIT_DENY if Verdict.IMPLICIT_DENY in verdicts else Verdict.ALLOWED


def _facts_together(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """What led to it; which keys are missing is told of each resource alone."""
    statements = [one for outcome in outcomes for one in outcome.facts["matched_statements"]]
    different = {id(statement): statement for statement in statements}
    return outcomes[0].facts | {
        "matched_statements": list(different.values()),
        "missing_context_values": [],
        "eval_decision_details": outcomes[0].facts["eval_decision_details"] or {},
    }


def _template(action: str) -> str:
    """What an action is done to, as the service authorization reference writes it."""
    if action in OBJECT_ACTIONS:
        return "arn:aws:s3:::${BucketName}/${KeyName}"
    return "arn:aws:s3:::${BucketName}" if action in BUCKET_ACTIONS else EVERYTHING
