"""The managed policies that come with the server, as AWS publishes them.

https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html

Nobody can change them. Of ReadOnlyAccess and SecurityAudit, which list the actions of hundreds of
services, only those are kept whose services are here; what the others allow cannot be done anyway.
"""

import json
from datetime import datetime
from typing import Any, NamedTuple

from ferrox.identity import PARTITION, PolicyRecord, PolicyVersion

OWNER = "aws"
"""What stands in ARNs where the account is."""

ARN_PREFIX = f"arn:{PARTITION}:iam::{OWNER}:policy/"


class _Published(NamedTuple):
    """What AWS says of a policy.

    version  the number of the version in force, and when that was made
    """

    name: str
    policy_id: str
    created: str
    version: int
    updated: str
    description: str
    statements: list[dict[str, Any]]


def _allow(*actions: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": "*"}


_READ_IAM = (
    "iam:GenerateCredentialReport",
    "iam:GenerateServiceLastAccessedDetails",
    "iam:Get*",
    "iam:List*",
    "iam:SimulateCustomPolicy",
    "iam:SimulatePrincipalPolicy",
)
_PUBLISHED = (
    _Published(
        "AdministratorAccess",
        "ANPAIWMBCKSKIEE64ZLYK",
        "2015-02-06T18:39:46Z",
        1,
        "2015-02-06T18:39:46Z",
        "Provides full access to AWS services and resources.",
        [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
    ),
    _Published(
        "AmazonS3FullAccess",
        "ANPAIFIR6V6BVTRAHWINE",
        "2015-02-06T18:40:58Z",
        2,
        "2021-09-27T20:16:37Z",
        "Provides full access to all buckets via the AWS Management Console.",
        [_allow("s3:*", "s3-object-lambda:*")],
    ),
    _Published(
        "AmazonS3ReadOnlyAccess",
        "ANPAIZTJ4DXE7G6AGAE6M",
        "2015-02-06T18:40:59Z",
        3,
        "2023-08-10T21:31:39Z",
        "Provides read only access to all buckets via the AWS Management Console.",
        [
            _allow(
                "s3:Get*",
                "s3:List*",
                "s3:Describe*",
                "s3-object-lambda:Get*",
                "s3-object-lambda:List*",
            )
        ],
    ),
    _Published(
        "IAMFullAccess",
        "ANPAI7XKCFMBPM3QQRRVQ",
        "2015-02-06T18:40:38Z",
        2,
        "2019-06-21T19:40:00Z",
        "Provides full access to IAM via the AWS Management Console.",
        [
            _allow(
                "iam:*",
                "organizations:DescribeAccount",
                "organizations:DescribeOrganization",
                "organizations:DescribeOrganizationalUnit",
                "organizations:DescribePolicy",
                "organizations:ListChildren",
                "organizations:ListParents",
                "organizations:ListPoliciesForTarget",
                "organizations:ListRoots",
                "organizations:ListPolicies",
                "organizations:ListTargetsForPolicy",
            )
        ],
    ),
    _Published(
        "IAMReadOnlyAccess",
        "ANPAJKSO7NDY4T57MWDSQ",
        "2015-02-06T18:40:39Z",
        4,
        "2018-01-25T19:11:27Z",
        "Provides read only access to IAM via the AWS Management Console.",
        [_allow(*_READ_IAM)],
    ),
    _Published(
        "PowerUserAccess",
        "ANPAJYRXTHIB4FOVS3ZXS",
        "2015-02-06T18:39:47Z",
        12,
        "2026-02-12T17:59:14Z",
        "Provides full access to AWS services and resources, but does not allow management of "
        "Users and groups.",
        [
            {
                "Effect": "Allow",
                "NotAction": ["iam:*", "organizations:*", "account:*"],
                "Resource": "*",
            },
            _allow(
                "account:GetAccountInformation",
                "account:GetGovCloudAccountInformation",
                "account:GetPrimaryEmail",
                "account:ListRegions",
                "iam:CreateServiceLinkedRole",
                "iam:DeleteServiceLinkedRole",
                "iam:ListRoles",
                "organizations:DescribeEffectivePolicy",
                "organizations:DescribeOrganization",
            ),
        ],
    ),
    _Published(
        "ReadOnlyAccess",
        "ANPAILL3HVNFSB6DCOWYQ",
        "2015-02-06T18:39:48Z",
        87,
        "2022-05-23T20:16:18Z",
        "Provides read-only access to AWS services and resources.",
        [
            _allow(
                "iam:Generate*",
                "iam:Get*",
                "iam:List*",
                "iam:Simulate*",
                "s3:DescribeJob",
                "s3:Get*",
                "s3:List*",
                "sts:GetAccessKeyInfo",
                "sts:GetCallerIdentity",
                "sts:GetSessionToken",
            )
        ],
    ),
    _Published(
        "SecurityAudit",
        "ANPAIX2T3QCXHR2OGGCTO",
        "2015-02-06T18:41:01Z",
        1,
        "2015-02-06T18:41:01Z",
        "The security audit template grants access to read security configuration metadata. It is "
        "useful for software that audits the configuration of an AWS account.",
        [
            _allow(
                *_READ_IAM,
                "s3:GetAccelerateConfiguration",
                "s3:GetAccountPublicAccessBlock",
                "s3:GetAnalyticsConfiguration",
                "s3:GetBucket*",
                "s3:GetEncryptionConfiguration",
                "s3:GetInventoryConfiguration",
                "s3:GetLifecycleConfiguration",
                "s3:GetMetricsConfiguration",
                "s3:GetObjectAcl",
                "s3:GetObjectVersionAcl",
                "s3:GetReplicationConfiguration",
                "s3:ListAllMyBuckets",
            )
        ],
    ),
)


def _record(published: _Published) -> PolicyRecord:
    document = {"Version": "2012-10-17", "Statement": published.statements}
    updated_ms = _instant_ms(published.updated)
    version = PolicyVersion(f"v{published.version}", json.dumps(document, indent=4), updated_ms)
    return PolicyRecord(
        OWNER,
        published.name,
        published.policy_id,
        _instant_ms(published.created),
        updated_ms,
        (version,),
        version.version_id,
        published.version,
        description=published.description,
    )


def _instant_ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


POLICIES = {published.name: _record(published) for published in _PUBLISHED}
"""By name."""


def policy(arn: str) -> PolicyRecord | None:
    """The policy with this ARN, if it is one of these."""
    return POLICIES.get(arn.removeprefix(ARN_PREFIX)) if arn.startswith(ARN_PREFIX) else None
