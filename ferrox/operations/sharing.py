"""CORS: the preflight that a browser sends, and the headers that let a page see an answer.

https://docs.aws.amazon.com/AmazonS3/latest/API/RESTOPTIONSobject.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html

Answers carry the headers whether they say yes or no: a page may learn why it was refused.
"""

import logging

from ferrox.document_errors import AccessForbidden
from ferrox.errors import BadRequest, Fault
from ferrox.operations.call import Call, Services
from ferrox.operations.registry import handles
from ferrox.protocol import cors
from ferrox.protocol.message import Request, Response
from ferrox.protocol.operations import OptionsBucket, OptionsObject
from ferrox.protocol.shapes.cors import (
    CORSConfiguration,
    OptionsBucketInput,
    OptionsObjectInput,
    PreflightHeaders,
    PreflightOutput,
)

_NOT_ALLOWED = (
    "CORSResponse: This CORS request is not allowed. This is usually because the evalution of "
    "Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are "
    "not whitelisted by the resource's CORS spec."
)

_NO_BUCKET = "CORSResponse: Bucket not found"

log = logging.getLogger("ferrox.cors")


@handles(OptionsBucket, action=None)
async def options_bucket(call: Call, args: OptionsBucketInput) -> PreflightOutput:
    """Say whether a page may ask this of a bucket."""
    return _preflight(call, args, "BUCKET")


@handles(OptionsObject, action=None)
async def options_object(call: Call, args: OptionsObjectInput) -> PreflightOutput:
    """Say whether a page may ask this of an object, be it there or not."""
    return _preflight(call, args, "OBJECT")


def share(services: Services, request: Request, response: Response) -> None:
    """Let a page of another origin see an answer, if a rule of the bucket lets it."""
    try:
        bucket = services.store.bucket(request.facts.get("bucket", ""))
        configuration = services.configuration(bucket, CORSConfiguration) if bucket else None
    except Fault as fault:  # the answer is worth more than what it would be shown to
        log.warning("%s: the CORS rules cannot be read: %s", request.request_id, fault)
        return
    if configuration is not None:
        origin = request.headers[cors.ORIGIN]
        # AWS goes by what is asked about, where anything is, though only preflights ask.
        method = request.headers.get(cors.REQUEST_METHOD, request.method)
        requested = request.headers.get(cors.REQUEST_HEADERS)
        rules = configuration.cors_rules
        response.headers |= cors.allowance(rules, origin, method, requested) or {}


def _preflight(call: Call, args: PreflightHeaders, resource_type: str) -> PreflightOutput:
    if not args.origin:
        raise BadRequest("Insufficient information. Origin request header needed.")
    method = args.request_method or call.request.method
    if call.addressed is None:
        raise AccessForbidden(_NO_BUCKET, Method=method, ResourceType="BUCKET")
    configuration = call.configuration(CORSConfiguration)
    if configuration is None:
        raise AccessForbidden(Method=method, ResourceType="BUCKET")
    if not args.request_method:
        raise BadRequest("Invalid Access-Control-Request-Method: null")
    headers = cors.allowance(configuration.cors_rules, args.origin, method, args.request_headers)
    if headers is None:
        raise AccessForbidden(_NOT_ALLOWED, Method=method, ResourceType=resource_type)
    return PreflightOutput(headers=headers)
