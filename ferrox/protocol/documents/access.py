"""Who may at most reach a bucket, and who owns its objects.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutPublicAccessBlock.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketOwnershipControls.html
"""

from ferrox.errors import MalformedXML
from ferrox.protocol.shapes.access import (
    OwnershipControls,
    OwnershipControlsRule,
    PublicAccessBlockConfiguration,
)


def complete_public_access_block(document: PublicAccessBlockConfiguration) -> None:
    """Add what was not said, which is false; raise MalformedXML if nothing was."""
    if not document.__dict__:
        raise MalformedXML
    for name in document.plan.fields:
        document.__dict__.setdefault(name, False)


def check_ownership(document: OwnershipControls) -> None:
    """Raise MalformedXML unless there is one rule."""
    if len(document.rules) != 1:
        raise MalformedXML


def block_public_access() -> PublicAccessBlockConfiguration:
    """What AWS gives a new bucket: nothing can be made public."""
    return PublicAccessBlockConfiguration(
        block_public_acls=True,
        ignore_public_acls=True,
        block_public_policy=True,
        restrict_public_buckets=True,
    )


def owned_as(object_ownership: str) -> OwnershipControls:
    """The controls that say so."""
    return OwnershipControls(rules=[OwnershipControlsRule(object_ownership=object_ownership)])
