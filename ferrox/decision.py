"""Decision: how a question of permission was answered, and why.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html

A refusal keeps the whole of it, so that whoever may know can be told. What a caller is told, iam
words as AWS does.
"""

from enum import StrEnum
from typing import NamedTuple


class Verdict(StrEnum):
    """How a question was decided."""

    ALLOWED = "allowed"
    EXPLICIT_DENY = "explicitDeny"
    IMPLICIT_DENY = "implicitDeny"


class Source(StrEnum):
    """What decides, by the name that AWS has for it in its messages.

    What is no policy counts as the resource's: its access control lists, who owns it, and the
    public access block.
    """

    IDENTITY = "identity-based policy"
    RESOURCE = "resource-based policy"
    BOUNDARY = "permissions boundary"
    SESSION = "session policy"
    TRUST = "role trust policy"


class Decision(NamedTuple):
    """A verdict and its reason, for whoever may know it.

    document   the policy that decided, by name
    statement  its statement: the Sid, or the number counted from 1
    principal  who asked, by ARN; this and what follows is filled in for refusals
    action     what for
    resource   of what, by ARN
    """

    verdict: Verdict
    reason: str
    document: str = ""
    statement: str = ""
    source: Source = Source.RESOURCE
    principal: str = ""
    action: str = ""
    resource: str = ""

    @property
    def is_allowed(self) -> bool:
        """Whether the request may go on."""
        return self.verdict is Verdict.ALLOWED
