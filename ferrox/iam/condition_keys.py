"""The condition keys that a bucket's policy may ask for.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html

S3 refuses keys that it does not know: a denial with a misspelt one would never come true. Those
whose name begins with `aws:` it takes unseen, and so do we with those of identity providers, which
begin with the name of a host.
"""

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


def is_known(key: str) -> bool:
    """Whether there is such a key; it is in lower case."""
    service, colon, name = key.partition(":")
    if not colon or not name:
        return False
    if service == "aws" or "." in service or key in _OF_S3 or key in _OF_OTHERS:
        return True
    return key.startswith(_TAGS) and not key.endswith("/")
