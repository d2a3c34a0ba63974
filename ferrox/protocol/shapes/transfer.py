"""Shapes of who pays for transfers, and of faster ones."""

from ferrox.protocol.shape import Shape, element, header, payload
from ferrox.protocol.shapes.groups import BucketInput, DocumentInput


class RequestPaymentConfiguration(Shape, stored_as="requestPayment"):
    payer: str = element("Payer", one_of=("Requester", "BucketOwner"))


class GetBucketRequestPaymentOutput(Shape, root="RequestPaymentConfiguration"):
    payer: str | None = element("Payer", default=None, one_of=("Requester", "BucketOwner"))


class PutBucketRequestPaymentInput(DocumentInput):
    request_payment_configuration: RequestPaymentConfiguration = payload(
        "RequestPaymentConfiguration"
    )


class AccelerateConfiguration(Shape, stored_as="accelerate"):
    status: str | None = element("Status", default=None, one_of=("Enabled", "Suspended"))


class GetBucketAccelerateConfigurationInput(BucketInput):
    request_payer: str | None = header("x-amz-request-payer", default=None)


class GetBucketAccelerateConfigurationOutput(Shape, root="AccelerateConfiguration"):
    status: str | None = element("Status", default=None, one_of=("Enabled", "Suspended"))
    request_charged: str | None = header("x-amz-request-charged", default=None)


class PutBucketAccelerateConfigurationInput(BucketInput):
    accelerate_configuration: AccelerateConfiguration = payload("AccelerateConfiguration")
    checksum_algorithm: str | None = header("x-amz-sdk-checksum-algorithm", default=None)
