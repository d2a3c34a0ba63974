"""Where the access log of a bucket goes.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLogging.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
"""

from ferrox.errors import MalformedXML
from ferrox.protocol.shapes.logging import Grantee, LoggingEnabled

IDENTIFIERS = {"CanonicalUser": "id", "AmazonCustomerByEmail": "email_address", "Group": "uri"}
"""Type of a grantee → the field that says who it is."""


def check(logging: LoggingEnabled) -> None:
    """Raise MalformedXML unless the target is well described."""
    if not logging.target_bucket:
        raise MalformedXML
    key_format = logging.target_object_key_format
    if key_format is not None and (key_format.simple_prefix is None) == (
        key_format.partitioned_prefix is None
    ):
        raise MalformedXML
    for grant in logging.target_grants or ():
        if grant.grantee is None or grant.permission is None or not _is_named(grant.grantee):
            raise MalformedXML


def _is_named(grantee: Grantee) -> bool:
    return bool(getattr(grantee, IDENTIFIERS[grantee.type]))
