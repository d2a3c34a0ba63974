"""What callers put into sessions: policies that limit them, and tags.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ferrox.auth.session_token import packed_percentage
from ferrox.iam_errors import InvalidParameterValue, PackedPolicyTooLarge, ValidationError
from ferrox.identity import Session
from ferrox.operations.iam import policy_arns, policy_texts
from ferrox.protocol.sts.credentials import SessionPolicies
from ferrox.storage.identities.view import IdentityView

MOST_POLICY_ARNS = 10
_RESERVED = "aws:"


class Tags(NamedTuple):
    """The tags of a session, and keys of those that go on to further ones."""

    pairs: tuple[tuple[str, str], ...] = ()
    transitive: tuple[str, ...] = ()

    @property
    def condition_keys(self) -> Mapping[str, tuple[str, ...]]:
        """What policies may ask about them."""
        if not self.pairs:
            return {}
        keys: dict[str, tuple[str, ...]]
        keys = {f"aws:requesttag/{key.lower()}": (value,) for key, value in self.pairs}
        keys["aws:tagkeys"] = tuple(key for key, _ in self.pairs)
        if self.transitive:
            keys["sts:transitivetagkeys"] = self.transitive
        return keys


def read_tags(given: Iterable[tuple[str, str]], transitive: Iterable[str]) -> Tags:
    """The tags of a request; keys are the same however they are capitalised."""
    tags = Tags(tuple(given), tuple(transitive))
    keys = [key.lower() for key, _ in tags.pairs]
    if any(key.startswith(_RESERVED) for key in keys):
        raise InvalidParameterValue(
            f"{_RESERVED} prefixed tag key names are not allowed for external use."
        )
    if len(set(keys)) != len(keys):
        raise InvalidParameterValue(
            "Duplicate tag keys found. Please note that Tag keys are case insensitive."
        )
    if not {key.lower() for key in tags.transitive} <= set(keys):
        raise InvalidParameterValue(
            "The specified transitive tag key must be included in the requested tags."
        )
    return tags


def with_inherited(tags: Tags, session: Session | None) -> Tags:
    """Tags together with those that go on from the session of the caller."""
    if session is None or not session.transitive_tags:
        return tags
    passed_on = {key.lower() for key in session.transitive_tags}
    inherited = tuple(pair for pair in session.tags if pair[0].lower() in passed_on)
    if passed_on & {key.lower() for key, _ in tags.pairs}:
        raise InvalidParameterValue(
            "One of the specified transitive tag keys can't be set because it conflicts with a "
            "transitive tag key from the calling session."
        )
    return Tags(inherited + tags.pairs, session.transitive_tags + tags.transitive)


def read_policies(
    identities: IdentityView, account_id: str, args: SessionPolicies
) -> tuple[str, ...]:
    """The policies of a request, as a session has them: a text, and ARNs."""
    texts = [] if args.policy is None else [args.policy]
    for text in texts:
        policy_texts.require_inline(text)
    arns = [one.arn for one in args.policy_arns or () if one.arn is not None]
    if len(arns) > MOST_POLICY_ARNS:
        raise ValidationError(
            "1 validation error detected: Value at 'policyArns' failed to satisfy constraint: "
            f"Member must have length less than or equal to {MOST_POLICY_ARNS}"
        )
    for arn in arns:
        if policy_arns.lookup(identities, account_id, arn) is None:
            raise ValidationError(f"{arn} is not a managed policy of account {account_id}")
    return (*texts, *arns)


def packed_size(session: Session) -> int | None:
    """How much of the room for policies and tags is taken, in percent; None: nothing.

    raises  PackedPolicyTooLarge
    """
    if not (session.policies or session.tags):
        return None
    percentage = packed_percentage(session)
    if percentage > 100:
        raise PackedPolicyTooLarge(
            f"Packed policy consumes {percentage}% of allotted space, please use smaller policy."
        )
    return percentage
