"""The condition keys that a bucket's policy may ask for.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html

S3 refuses keys that it does not know: a denial with a misspelt one would never come true. Those
whose name begins with `aws:` it takes unseen, and so do we with those of identity providers, which
begin with the name of a host. Of the keys that only some actions know it refuses those that a
statement asks about others: whoever wants objects to be encrypted must not close them to readers.
"""

from collections.abc import Set

_OF_S3 = frozenset(
    f"s3:{name}"
    for name in (
        *("accessgrantscope", "accessgrantsinstancearn", "accessgrantslocationscope"),
        *("accesspointnetworkorigin", "annotation-prefix", "authtype", "dataaccesspointaccount"),
        *("dataaccesspointarn", "deliverysourcearn", "delimiter", "destinationregion"),
        *("existingjoboperation", "existingjobpriority", "if-match", "if-none-match"),
        *("inventoryaccessibleoptionalfields", "inventoryfield", "isreplicationpauserequest"),
        *("jobsuspendedcause", "locationconstraint", "logtype", "max-annotation-results"),
        *("max-keys", "object-lock-legal-hold", "object-lock-mode"),
        *("object-lock-remaining-retention-days", "object-lock-retain-until-date"),
        *("objectcreationoperation", "prefix", "requestjoboperation", "requestjobpriority"),
        *("requestobjecttagkeys", "resourceaccount", "resourcearnbeingauthorized"),
        *("signatureage", "signatureversion", "tlsversion", "versionid", "x-amz-acl"),
        *("x-amz-bucket-namespace", "x-amz-content-sha256", "x-amz-copy-source"),
        *("x-amz-grant-full-control", "x-amz-grant-read", "x-amz-grant-read-acp"),
        *("x-amz-grant-write", "x-amz-grant-write-acp", "x-amz-metadata-directive"),
        *("x-amz-object-annotation-directive", "x-amz-object-if-match", "x-amz-object-ownership"),
        *("x-amz-server-side-encryption", "x-amz-server-side-encryption-aws-kms-key-id"),
        *("x-amz-server-side-encryption-customer-algorithm", "x-amz-storage-class"),
        "x-amz-website-redirect-location",
    )
)
_OF_OTHERS = frozenset(
    {
        *("codebuild:buildarn", "codebuild:projectarn", "ec2:roledelivery"),
        *("ec2:sourceinstancearn", "glue:credentialissuingservice", "glue:roleassumedby"),
        *("identitystore:userid", "lambda:sourcefunctionarn", "ssm:sourceinstancearn"),
    }
)
_TAGS = tuple(
    f"s3:{of_what}tag/" for of_what in ("accesspoint", "bucket", "existingobject", "requestobject")
)

_LISTINGS = frozenset({"s3:ListBucket", "s3:ListBucketVersions"})
_WRITES = frozenset({"s3:BypassGovernanceRetention", "s3:PutObject"})
_ACLS = frozenset({"s3:PutObjectAcl", "s3:PutObjectVersionAcl"})
_TAGGING = frozenset({"s3:PutObjectTagging", "s3:PutObjectVersionTagging"})
_GRANTS = _WRITES | _ACLS | {"s3:CreateBucket", "s3:PutBucketAcl"}
_REQUEST_TAGS = _WRITES | _TAGGING
_RETENTION = frozenset({"s3:PutObject", "s3:PutObjectRetention"})
_OF_VERSIONS = frozenset(
    {
        *("s3:DeleteObjectVersion", "s3:DeleteObjectVersionTagging", "s3:GetObjectVersion"),
        *("s3:GetObjectVersionAcl", "s3:GetObjectVersionAttributes", "s3:GetObjectVersionTagging"),
        *("s3:PutObjectVersionAcl", "s3:PutObjectVersionTagging"),
    }
)
_EXISTING_TAGS = (_OF_VERSIONS - {"s3:DeleteObjectVersion"}) | {
    *("s3:DeleteObjectTagging", "s3:GetObject", "s3:GetObjectAcl", "s3:GetObjectAttributes"),
    *("s3:GetObjectTagging", "s3:PutObjectAcl", "s3:PutObjectTagging"),
}
_KNOWN_TO = {
    **dict.fromkeys(("s3:delimiter", "s3:max-keys", "s3:prefix"), _LISTINGS),
    "s3:existingobjecttag": _EXISTING_TAGS,
    "s3:if-match": {"s3:DeleteObject", "s3:PutObject"},
    "s3:if-none-match": {"s3:PutObject"},
    "s3:inventoryaccessibleoptionalfields": {"s3:PutInventoryConfiguration"},
    "s3:locationconstraint": {"s3:CreateBucket"},
    "s3:object-lock-legal-hold": {"s3:PutObject", "s3:PutObjectLegalHold"},
    "s3:object-lock-mode": _RETENTION,
    "s3:object-lock-remaining-retention-days": _RETENTION,
    "s3:object-lock-retain-until-date": _RETENTION,
    "s3:objectcreationoperation": {"s3:PutObject"},
    "s3:requestobjecttag": _REQUEST_TAGS,
    "s3:requestobjecttagkeys": _REQUEST_TAGS,
    "s3:versionid": _OF_VERSIONS,
    "s3:x-amz-acl": _GRANTS,
    "s3:x-amz-copy-source": _WRITES,
    "s3:x-amz-grant-full-control": _GRANTS,
    "s3:x-amz-grant-read": _GRANTS,
    "s3:x-amz-grant-read-acp": _GRANTS,
    "s3:x-amz-grant-write": _GRANTS,
    "s3:x-amz-grant-write-acp": _GRANTS,
    "s3:x-amz-metadata-directive": _WRITES,
    "s3:x-amz-object-ownership": {"s3:CreateBucket"},
    "s3:x-amz-server-side-encryption": _WRITES,
    "s3:x-amz-server-side-encryption-aws-kms-key-id": _WRITES,
    "s3:x-amz-server-side-encryption-customer-algorithm": _WRITES,
    "s3:x-amz-storage-class": _WRITES | _ACLS,
    "s3:x-amz-website-redirect-location": _WRITES,
}
"""The actions to which AWS's reference gives a key. All others are known to all of them, but for
those of access points and the like, which no request here has."""


def actions_that_know(key: str) -> Set[str] | None:
    """The only actions that have a key; None where any may. Keys of tags are one key."""
    return _KNOWN_TO.get(key.partition("/")[0])


def is_known(key: str) -> bool:
    """Whether there is such a key; it is in lower case."""
    service, colon, name = key.partition(":")
    if not colon or not name:
        return False
    if service == "aws" or "." in service or key in _OF_S3 or key in _OF_OTHERS:
        return True
    return key.startswith(_TAGS) and not key.endswith("/")
