"""Requester pays: others than the owner of such a bucket have to say that they will.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/RequesterPaysBuckets.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/ObjectsinRequesterPaysBuckets.html

Nobody is charged here. What clients and their authors are held to is the same, so that what works
here works there: without the word of somebody who signed there is nothing to be had.
"""

from ferrox.errors import AccessDenied
from ferrox.identity import Principal
from ferrox.operations.call import Services
from ferrox.protocol.message import Request
from ferrox.protocol.shapes.transfer import RequestPaymentConfiguration
from ferrox.records import BucketRecord

PAYER = "x-amz-request-payer"
CHARGED = "x-amz-request-charged"
REQUESTER = "Requester"


def pays(services: Services, bucket: BucketRecord) -> bool:
    """Whether the requester pays."""
    configuration = services.configuration(bucket, RequestPaymentConfiguration)
    return configuration is not None and configuration.payer == REQUESTER


def charges(
    services: Services, principal: Principal, bucket: BucketRecord | None, request: Request
) -> bool:
    """Whether the caller is charged; AccessDenied if they should be and have not agreed."""
    if bucket is None or bucket.owner_id == principal.canonical_id or not pays(services, bucket):
        return False
    said = request.headers.get(PAYER) or request.query.get(PAYER, "")
    if principal.is_anonymous or said.lower() != REQUESTER.lower():
        raise AccessDenied().because(f"requester pays, and the caller has not said so by {PAYER}")
    return True
