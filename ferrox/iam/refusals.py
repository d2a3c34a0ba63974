"""Refusals: what callers are told who lack a permission, as AWS words it.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html

The account that something belongs to is told what kind of policy refuses it, and never which
policy: that stands in the decision. Others, and whoever did not sign, are told that they are
refused. S3 puts resources into quotation marks, IAM and STS do not.
"""

from ferrox.decision import Decision, Source, Verdict
from ferrox.errors import AccessDenied

ALL_BUCKETS = "arn:aws:s3:::*"
"""What listing all buckets is asked for; messages leave it out."""

_ARTICLES = {Source.IDENTITY: "an", Source.TRUST: "the"}


def denied(decision: Decision) -> AccessDenied:
    """Tell a caller of the account that owns the resource."""
    said = f"{_wanted(decision)}{_resource(decision)}"
    source, action = decision.source, decision.action
    if decision.verdict is Verdict.EXPLICIT_DENY:
        return AccessDenied(f"{said} with {_explicit(source)}")
    return AccessDenied(f"{said} because no {source} allows the {action} action")


def denied_elsewhere(decision: Decision) -> AccessDenied:
    """Tell somebody that another account's role is not theirs to take."""
    return AccessDenied(f"{_wanted(decision)}{_resource(decision)}")


def prevented(decision: Decision) -> AccessDenied:
    """Tell that a setting and no policy is in the way; the reason says which."""
    return AccessDenied(f"{_wanted(decision)}{_resource(decision)} because {decision.reason}.")


def _wanted(decision: Decision) -> str:
    return f"User: {decision.principal} is not authorized to perform: {decision.action}"


def _resource(decision: Decision) -> str:
    resource = decision.resource
    if resource == ALL_BUCKETS:
        return ""
    is_quoted = decision.action.startswith("s3:")
    return f' on resource: "{resource}"' if is_quoted else f" on resource: {resource}"


def _explicit(source: Source) -> str:
    return f"an explicit deny in {_ARTICLES.get(source, 'a')} {source}"
