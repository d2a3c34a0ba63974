"""PutBucketPolicy, GetBucketPolicy, DeleteBucketPolicy and GetBucketPolicyStatus.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketPolicyStatus.html

A policy is kept and shown as it was written. What it means, iam/evaluate.py decides. It may let
others do anything but read, replace or remove the policy itself: that is left to the account that
owns the bucket.
"""

from typing import Any

from ferrox.document_errors import MalformedPolicy, NoSuchBucketPolicy, PolicyTooLarge
from ferrox.errors import MethodNotAllowed
from ferrox.iam import acl
from ferrox.iam.document import Document, PolicyError
from ferrox.iam.public import is_public
from ferrox.operations import named_principals, public_access_block
from ferrox.operations.access import POLICY_DOCUMENT, POLICY_TEXT, parse_policy
from ferrox.operations.call import Call
from ferrox.operations.registry import handles
from ferrox.protocol import document_operations as rows
from ferrox.protocol.shapes.access import (
    GetBucketPolicyOutput,
    GetBucketPolicyStatusOutput,
    PolicyStatus,
    PutBucketPolicyInput,
)
from ferrox.protocol.shapes.groups import BucketInput, NoOutput
from ferrox.records import BucketRecord
from ferrox.storage.metadata import buckets

MAX_BYTES = 20 * 1024


@handles(rows.PutBucketPolicy, action="s3:PutBucketPolicy")
async def put_bucket_policy(call: Call, args: PutBucketPolicyInput) -> NoOutput:
    """Set the bucket's policy, unless it would let the public in where that is blocked."""
    _require_own_account(call)
    if len(args.policy.encode()) > MAX_BYTES:
        raise PolicyTooLarge
    policy = _parsed(call, args.policy, is_new=True)
    if named_principals.missing(call.store.identities, policy) is not None:
        raise MalformedPolicy("Invalid principal in policy")
    is_for_all = is_public(policy)
    of_owner = public_access_block.of_account(call.store.identities, call.bucket.owner_id)

    def check(tx: Any, bucket: BucketRecord) -> None:
        own = buckets.document(tx, bucket.bucket_id, acl.PUBLIC_ACCESS_BLOCK_DOCUMENT)
        block = public_access_block.together(own, of_owner)
        if is_for_all and block.get("BlockPublicPolicy") is True:
            raise call.services.authorizer.refusal(
                call.principal,
                "s3:PutBucketPolicy",
                bucket,
                reason="public policies are prevented by the BlockPublicPolicy setting in S3 Block "
                "Public Access",
                request=call.request,
            )

    await call.store.put_bucket_document(
        call.bucket, POLICY_DOCUMENT, {POLICY_TEXT: args.policy}, check=check
    )
    return NoOutput()


@handles(rows.GetBucketPolicy, action="s3:GetBucketPolicy")
async def get_bucket_policy(call: Call, args: BucketInput) -> GetBucketPolicyOutput:
    """Show the bucket's policy."""
    _require_own_account(call)
    return GetBucketPolicyOutput(policy=_text(call))


@handles(rows.DeleteBucketPolicy, action="s3:DeleteBucketPolicy")
async def delete_bucket_policy(call: Call, args: BucketInput) -> NoOutput:
    """Remove the bucket's policy, if it has one."""
    _require_own_account(call)
    await call.store.delete_bucket_document(call.bucket, POLICY_DOCUMENT)
    return NoOutput()


@handles(rows.GetBucketPolicyStatus, action="s3:GetBucketPolicyStatus")
async def get_bucket_policy_status(call: Call, args: BucketInput) -> GetBucketPolicyStatusOutput:
    """Tell whether the bucket's policy lets the public in."""
    status = PolicyStatus(is_public=is_public(_parsed(call, _text(call))))
    return GetBucketPolicyStatusOutput(policy_status=status)


def _require_own_account(call: Call) -> None:
    """Refuse callers of other accounts, whatever the policy grants them."""
    if call.principal.canonical_id != call.bucket.owner_id:
        raise MethodNotAllowed(Method=call.request.method, ResourceType="BUCKETPOLICY")


def _parsed(call: Call, text: str, *, is_new: bool = False) -> Document:
    """A policy of the bucket, compiled; MalformedPolicy if it is none."""
    try:
        return parse_policy(call.bucket.name, text, is_new=is_new)
    except PolicyError as error:
        raise MalformedPolicy(str(error)) from None


def _text(call: Call) -> str:
    found = call.store.bucket_document(call.bucket, POLICY_DOCUMENT)
    if found is None:
        raise NoSuchBucketPolicy(BucketName=call.bucket.name)
    text: str = found[POLICY_TEXT]
    return text
