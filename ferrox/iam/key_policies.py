"""Key policies: who may use and manage a key of KMS; no key is without one.

https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html

Whom a key policy does not let pass, no policy of the caller's helps: the default one names the
account, and so leaves it to the policies of the account's identities.
"""

import json
from collections.abc import Mapping
from functools import lru_cache

from ferrox.iam.document import Document, Kind, parse
from ferrox.identity import PARTITION

NAME = "default"
"""The only policy that a key has."""

_DIRECT = ["kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant"]
_THROUGH_S3 = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*"]


@lru_cache(maxsize=256)
def default_policy(account_id: str) -> str:
    """What a key has that no policy was given for."""
    statement = {
        "Sid": "Enable IAM User Permissions",
        "Effect": "Allow",
        "Principal": {"AWS": _root(account_id)},
        "Action": "kms:*",
        "Resource": "*",
    }
    return _text("key-default-1", statement)


@lru_cache(maxsize=256)
def policy_of_s3_key(account_id: str, region: str) -> str:
    """What an account's key for objects has: everybody of the account may use it through S3."""
    through_s3 = {
        "Sid": "Allow access through S3 for all principals in the account that are authorized to "
        "use S3",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": [*_THROUGH_S3, "kms:DescribeKey"],
        "Resource": "*",
        "Condition": {
            "StringEquals": {
                "kms:ViaService": service_name(region),
                "kms:CallerAccount": account_id,
            }
        },
    }
    direct = {
        "Sid": "Allow direct access to key metadata to the account",
        "Effect": "Allow",
        "Principal": {"AWS": _root(account_id)},
        "Action": _DIRECT,
        "Resource": "*",
    }
    return _text("auto-s3-2", through_s3, direct)


@lru_cache(maxsize=256)
def compiled(text: str) -> Document:
    """A key policy, checked; PolicyError."""
    return parse(text, Kind.RESOURCE, "the key policy")


def condition_keys(
    account_id: str,
    context: Mapping[str, str],
    via_service: str = "",
    *,
    owner_id: str = "",
    tags: Mapping[str, str] = {},
) -> dict[str, tuple[str, ...]]:
    """What policies may have conditions on: who asks for the use of a key, how, and for what.

    owner_id  the account of the key, whose tags these are
    """
    keys: dict[str, tuple[str, ...]] = {"kms:calleraccount": (account_id,)}
    if owner_id:
        keys["aws:resourceaccount"] = (owner_id,)
    for name, value in tags.items():
        keys[f"aws:resourcetag/{name.lower()}"] = (value,)
    if via_service:
        keys["kms:viaservice"] = (via_service,)
    if context:
        keys["kms:encryptioncontextkeys"] = tuple(context)
    for name, value in context.items():
        keys[f"kms:encryptioncontext:{name.lower()}"] = (value,)
    return keys


def service_name(region: str) -> str:
    """What S3 is called where it uses a key for a caller."""
    return f"s3.{region}.amazonaws.com"


def _root(account_id: str) -> str:
    return f"arn:{PARTITION}:iam::{account_id}:root"


def _text(policy_id: str, *statements: Mapping[str, object]) -> str:
    document = {"Version": "2012-10-17", "Id": policy_id, "Statement": statements}
    return json.dumps(document, indent=2)
