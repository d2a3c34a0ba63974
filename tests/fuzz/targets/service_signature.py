"""Signatures of requests to IAM, STS and KMS, and which of them is meant."""

from ferrox.auth import query as service_signature
from ferrox.errors import S3Error
from ferrox.protocol.kms import service as kms
from ferrox.protocol.query import service
from tests import signing
from tests.auth import oracle
from tests.fuzz.requests import body_of, input_of, request_of
from tests.fuzz.target import Target, check_refusal


def check(data: bytes) -> None:
    """Find the service, read the claim and verify it; then change the body, which breaks it."""
    request, body = request_of(data), body_of(data)
    meant = kms.KMS if kms.operation_name(request) else None
    try:
        asked = meant or service.service_of(request)
        if asked is None:
            return
        claim = service_signature.read_claim(request, asked, oracle.AT_MS, signing.REGION)
        if claim is None:
            return
        service_signature.verify(request, claim, signing.SECRET_KEY, body)
    except S3Error as error:
        check_refusal(error)
        return
    try:
        service_signature.verify(request, claim, signing.SECRET_KEY, body + b"&")
    except S3Error as error:
        check_refusal(error)
    else:
        raise AssertionError("the body is not what was signed")


def _signed(service_name: str, headers: dict[str, str], body: bytes) -> bytes:
    import hashlib

    from ferrox.protocol.message import Request

    digest = hashlib.sha256(body).hexdigest()
    headers = {"host": oracle.HOST} | headers
    sent = signing.sign("POST", "/", "", headers, digest, oracle.AT_MS, service=service_name)
    return input_of(Request("POST", "/", "", sent), body)


TARGET = Target(
    check,
    seeds=(
        _signed("iam", {"content-type": service.FORM_TYPE}, b"Action=ListUsers&Version=2010-05-08"),
        _signed("sts", {"content-type": service.FORM_TYPE}, b"Action=GetCallerIdentity"),
        _signed("kms", {"x-amz-target": "TrentService.ListKeys"}, b"{}"),
        b"GET /?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256"
        b"&X-Amz-Credential=A%2F20130524%2Fus-east-1%2Fsts%2Faws4_request"
        b"&X-Amz-Date=20130524T000000Z&X-Amz-SignedHeaders=host&X-Amz-Signature=00\nhost:h",
    ),
    words=(
        *(b"x-amz-target:TrentService.", b"content-type:application/x-www-form-urlencoded", b"sts"),
        *(b"Credential=", b"SignedHeaders=", b"Signature=", b"X-Amz-Date=", b"iam", b"date:"),
    ),
)
