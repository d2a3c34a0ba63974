"""The actions of S3, by what they are done to.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html

Only what general-purpose buckets know: no access points, jobs, tables or directory buckets.
`ferrox:Explain` is our own.
"""

from collections.abc import Mapping, Sequence, Set

from ferrox.iam import condition_keys
from ferrox.iam.document import PolicyError
from ferrox.iam.patterns import arn_components, wild

ACCOUNT_ACTIONS = frozenset(
    {
        "ferrox:Explain",
        "s3:GetAccountPublicAccessBlock",
        "s3:ListAllMyBuckets",
        "s3:PutAccountPublicAccessBlock",
    }
)
"""Done to an account; their resource is `*`."""

BUCKET_ACTIONS = frozenset(
    {
        "s3:CreateBucket",
        "s3:DeleteBucket",
        "s3:DeleteBucketPolicy",
        "s3:DeleteBucketWebsite",
        "s3:GetAccelerateConfiguration",
        "s3:GetAnalyticsConfiguration",
        "s3:GetBucketAcl",
        "s3:GetBucketCORS",
        "s3:GetBucketLocation",
        "s3:GetBucketLogging",
        "s3:GetBucketNotification",
        "s3:GetBucketObjectLockConfiguration",
        "s3:GetBucketOwnershipControls",
        "s3:GetBucketPolicy",
        "s3:GetBucketPolicyStatus",
        "s3:GetBucketPublicAccessBlock",
        "s3:GetBucketRequestPayment",
        "s3:GetBucketTagging",
        "s3:GetBucketVersioning",
        "s3:GetBucketWebsite",
        "s3:GetEncryptionConfiguration",
        "s3:GetIntelligentTieringConfiguration",
        "s3:GetInventoryConfiguration",
        "s3:GetLifecycleConfiguration",
        "s3:GetMetricsConfiguration",
        "s3:GetReplicationConfiguration",
        "s3:ListBucket",
        "s3:ListBucketMultipartUploads",
        "s3:ListBucketVersions",
        "s3:PutAccelerateConfiguration",
        "s3:PutAnalyticsConfiguration",
        "s3:PutBucketAcl",
        "s3:PutBucketCORS",
        "s3:PutBucketLogging",
        "s3:PutBucketNotification",
        "s3:PutBucketObjectLockConfiguration",
        "s3:PutBucketOwnershipControls",
        "s3:PutBucketPolicy",
        "s3:PutBucketPublicAccessBlock",
        "s3:PutBucketRequestPayment",
        "s3:PutBucketTagging",
        "s3:PutBucketVersioning",
        "s3:PutBucketWebsite",
        "s3:PutEncryptionConfiguration",
        "s3:PutIntelligentTieringConfiguration",
        "s3:PutInventoryConfiguration",
        "s3:PutLifecycleConfiguration",
        "s3:PutMetricsConfiguration",
        "s3:PutReplicationConfiguration",
        "s3:TagResource",
    }
)
"""Done to a bucket: `arn:aws:s3:::bucket`."""

OBJECT_ACTIONS = frozenset(
    {
        "s3:AbortMultipartUpload",
        "s3:BypassGovernanceRetention",
        "s3:DeleteObject",
        "s3:DeleteObjectTagging",
        "s3:DeleteObjectVersion",
        "s3:DeleteObjectVersionTagging",
        "s3:GetObject",
        "s3:GetObjectAcl",
        "s3:GetObjectAttributes",
        "s3:GetObjectLegalHold",
        "s3:GetObjectRetention",
        "s3:GetObjectTagging",
        "s3:GetObjectTorrent",
        "s3:GetObjectVersion",
        "s3:GetObjectVersionAcl",
        "s3:GetObjectVersionAttributes",
        "s3:GetObjectVersionTagging",
        "s3:ListMultipartUploadParts",
        "s3:PutObject",
        "s3:PutObjectAcl",
        "s3:PutObjectLegalHold",
        "s3:PutObjectRetention",
        "s3:PutObjectTagging",
        "s3:PutObjectVersionAcl",
        "s3:PutObjectVersionTagging",
        "s3:RestoreObject",
    }
)
"""Done to an object: `arn:aws:s3:::bucket/key`."""

ACTIONS = ACCOUNT_ACTIONS | BUCKET_ACTIONS | OBJECT_ACTIONS


def check_bucket_statement(bucket: str, parts: Mapping[str, Sequence[str]]) -> None:
    """Refuse a statement of a bucket's policy that cannot mean anything for this bucket.

    parts   the lists of a statement, as `document.parse` hands them to its check
    """
    resources = parts.get("Resource") or parts["NotResource"]
    covers = [_coverage(resource, bucket) for resource in resources]
    if not all(of_bucket or of_objects for of_bucket, of_objects in covers):
        raise PolicyError("Policy has invalid resource")
    actions = {name for pattern in parts.get("Action", ()) for name in matching(pattern)}
    if "Action" in parts and not all(map(_is_known, parts["Action"])):
        raise PolicyError("Policy has invalid action")
    if not all(map(condition_keys.is_known, parts["Condition"])):
        raise PolicyError("Policy has an invalid condition key")
    if "Action" not in parts or "Resource" not in parts:
        return
    fits_bucket = any(of_bucket for of_bucket, _ in covers) and actions & BUCKET_ACTIONS
    fits_objects = any(of_objects for _, of_objects in covers) and actions & OBJECT_ACTIONS
    if not (fits_bucket or fits_objects):
        raise PolicyError("Action does not apply to any resource(s) in statement")


def check_new_bucket_statement(bucket: str, parts: Mapping[str, Sequence[str]]) -> None:
    """Refuse it also if a condition asks what an action that it names never knows.

    Only as a policy is set: one that is kept goes on to mean what it meant. A pattern has to fit
    one action that knows the key, a name must not be that of another.
    """
    check_bucket_statement(bucket, parts)
    for key in parts["Condition"]:
        knowing = condition_keys.actions_that_know(key)
        if knowing is not None and not all(
            _knows(pattern, knowing) for pattern in parts.get("Action", ())
        ):
            raise PolicyError(
                "Conditions do not apply to combination of actions and resources in statement"
            )


def _knows(pattern: str, knowing: Set[str]) -> bool:
    meant = matching(pattern)
    return not meant or bool(meant & knowing)


def matching(pattern: str) -> frozenset[str]:
    """The actions that an Action element means."""
    fits = wild(pattern.lower())
    return frozenset(name for name in ACTIONS if fits(name.lower()))


def _is_known(pattern: str) -> bool:
    """Whether a pattern means an action of S3. Those that AWS may add do no harm."""
    return pattern == "*" or bool(matching(pattern)) or pattern.lower().startswith("s3:")


def _coverage(resource: str, bucket: str) -> tuple[bool, bool]:
    """Whether a resource can be the bucket, and whether it can be an object in it."""
    if resource == "*":
        return True, True
    components = arn_components(resource)
    if components is None or not wild(components[2])("s3"):
        return False, False
    name, slash, _ = components[5].partition("/")
    if not wild(name)(bucket):
        return False, False
    # A wildcard at the end of the name reaches over the slash.
    return not slash, bool(slash) or name.endswith("*")
