"""PostObject: a file that a browser uploads by a form.

https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-UsingHTTPPOST.html

Theory of operation. All fields that count come before the bytes of the file. Once these begin, the
fields say whose form it is and what it wants; the form then is the PutObject that would have said
the same, whose body is what is left of the form: it goes the way of every other upload and is
never in memory as a whole. What follows the file is read and means nothing.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace

from ferrox.auth import failures
from ferrox.errors import EntityTooLarge, EntityTooSmall
from ferrox.iam.authorizer import require_owner
from ferrox.operations import request_payment
from ferrox.operations.call import Call
from ferrox.operations.objects import store_object
from ferrox.operations.payload import Payload
from ferrox.operations.registry import handles
from ferrox.protocol import decode, form_fields
from ferrox.protocol.address import Object
from ferrox.protocol.encode import XML_TYPE
from ferrox.protocol.form import FormDecoder, boundary_of
from ferrox.protocol.form_fields import CREATED, SEE_OTHER, FormGrant
from ferrox.protocol.message import Body
from ferrox.protocol.operations import PostObject, PutObject
from ferrox.protocol.shapes.objects import PostObjectInput, PostObjectOutput, PutObjectOutput

_KEPT = frozenset({"host", "referer", "user-agent"})
"""Headers that say where a form comes from, not what it wants."""


@handles(PostObject, action=None)
async def post_object(call: Call, args: PostObjectInput) -> PostObjectOutput:
    """Store the file of a form, if whoever made the form may do so and allowed this file."""
    form = FormDecoder(boundary_of(args.content_type or ""))
    pieces = call.payload.verified()
    begun = await _read_fields(form, pieces)
    fields = form_fields.expanded(form.fields, form.file_name)
    key = call.request.facts["key"] = form_fields.key_of(fields)
    with failures.COUNTED:
        grant = call.services.verify_form(fields | {"bucket": call.bucket.name})
    upload = _as_put(call, fields, grant, _file(form, begun, pieces, grant))
    call.services.ledger.admit(call.request, has_begun=True)
    try:
        upload.require("s3:PutObject", call.bucket, key)
        request_payment.charges(call.services, upload.principal, call.bucket, upload.request)
        put = decode.parameters(PutObject, upload.request, Object(call.bucket.name, key))
        stored = await store_object(upload, put, "ObjectCreated:Post")
    finally:
        call.request.decision = upload.request.decision
    return _answer(call, fields, key, stored)


async def _read_fields(form: FormDecoder, pieces: AsyncIterator[bytes]) -> bytes:
    """Read up to the file; return what of it has come along."""
    async for piece in pieces:
        begun = form.feed(piece)
        if form.has_file:
            return begun
    form.finish()  # which refuses a form without a file
    return b""


def _as_put(call: Call, fields: Mapping[str, str], grant: FormGrant, body: Body) -> Call:
    """The call that would have put the same object."""
    headers = form_fields.headers_of(fields)
    expected_owner = headers.get("x-amz-expected-bucket-owner")
    if expected_owner is not None:
        require_owner(call.services.owner_account_id(call.bucket), expected_owner)
    principal = call.principal
    if grant.signature_version:  # else the request itself may be signed
        principal = call.request.principal = grant.principal
        call.services.note_use(principal)
        call.request.facts |= {
            "access_key_id": principal.access_key_id,
            "signature_version": grant.signature_version,
            "auth_type": "POST",
        }
    of_request = {name: call.request.headers[name] for name in _KEPT & call.request.headers.keys()}
    # How long the file is turns out at its end, as with a chunked body.
    headers |= of_request | {"transfer-encoding": "chunked"}
    request = replace(call.request, headers=headers, body=body)
    payload = Payload(request, None, None, None)
    return replace(call, principal=principal, request=request, payload=payload)


async def _file(
    form: FormDecoder, begun: bytes, pieces: AsyncIterator[bytes], grant: FormGrant
) -> Body:
    """The bytes of the file, of which there must be as many as the policy wants."""
    received_bytes = len(begun)
    if begun:
        yield begun
    async for piece in pieces:
        data = form.feed(piece)
        received_bytes += len(data)
        if received_bytes > grant.most_bytes:
            break
        if data:
            yield data
    if received_bytes > grant.most_bytes:
        raise EntityTooLarge(ProposedSize=received_bytes, MaxSizeAllowed=grant.most_bytes)
    form.finish()
    if received_bytes < grant.least_bytes:
        raise EntityTooSmall(ProposedSize=received_bytes, MinSizeAllowed=grant.least_bytes)


def _answer(
    call: Call, fields: Mapping[str, str], key: str, stored: PutObjectOutput
) -> PostObjectOutput:
    """What the form asked to be told."""
    bucket, entity_tag = call.bucket.name, stored.e_tag or ""
    location = call.location(call.request.path.rstrip("/"), key)
    answer = PostObjectOutput(**vars(stored), location=location)
    answer.answered_with = form_fields.status_of(fields)
    redirect = form_fields.redirect_of(fields, bucket, key, entity_tag)
    if redirect is not None:
        answer.answered_with, answer.location = SEE_OTHER, redirect
    elif answer.answered_with == CREATED:
        answer.content_type = XML_TYPE
        answer.body = form_fields.created(location, bucket, key, entity_tag)
    return answer
