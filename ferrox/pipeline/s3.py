"""One request from start to finish, in the only order there is.

locate → resolve the operation → authenticate → decode → load the bucket → authorize → (only now
read the body) → operate → encode. A refusal at any step costs no step after it; in particular no
byte of a body is read for a caller who may not send it. Only where a policy may have conditions on
what a document says does the document, which is small, come before the question.
"""

from typing import TYPE_CHECKING, Any

from ferrox import errors, ids
from ferrox.accounting.rate_limits import charge_for
from ferrox.auth import failures
from ferrox.auth.verify import Verified, Verifier
from ferrox.errors import (
    AccessDenied,
    InvalidBucketName,
    NoSuchBucket,
    S3Error,
)
from ferrox.iam.asking import bucket_arn
from ferrox.iam.authorizer import require_owner
from ferrox.iam.refusals import ALL_BUCKETS
from ferrox.identity import ANONYMOUS
from ferrox.operations import request_payment, sharing
from ferrox.operations.call import Call, Services
from ferrox.operations.handlers import HANDLERS
from ferrox.operations.payload import Payload
from ferrox.operations.registry import Handler
from ferrox.pipeline.explaining import refused
from ferrox.pipeline.refusals import refusal_of
from ferrox.protocol import address, control, cors, decode, encode, foreign, names, router, xml
from ferrox.protocol.address import Object, Service, Target
from ferrox.protocol.kms.service import operation_name
from ferrox.protocol.message import Request, Response
from ferrox.protocol.operation import Operation
from ferrox.protocol.operations import (
    CompleteMultipartUpload,
    CreateBucket,
    HeadBucket,
    PostObject,
)
from ferrox.protocol.query.service import service_of
from ferrox.protocol.shape import Shape
from ferrox.protocol.shapes.buckets import BUCKET_REGION
from ferrox.records import BucketRecord

if TYPE_CHECKING:
    from ferrox.pipeline.kms import KmsPipeline
    from ferrox.pipeline.query import QueryPipeline


class Pipeline:
    """Answers requests."""

    def __init__(self, services: Services, verifier: Verifier, domains: tuple[str, ...]) -> None:
        self._services = services
        self._verifier = verifier
        self._domains = domains
        self._host_id = services.host_id
        self._query: QueryPipeline | None = None
        self._kms: KmsPipeline | None = None

    async def answer(self, request: Request) -> Response:
        """Answer one request, whatever happens; only a cancelled task is not answered."""
        request.request_id = request.request_id or ids.request_id()
        try:
            if request.path == "/":
                if (kms_operation := operation_name(request)) is not None:
                    return await self._kms_pipeline().answer(request, kms_operation)
                if (service := service_of(request)) is not None:
                    return await self._query_pipeline().answer(request, service)
            response = await self._serve(request)
            if request.meter is not None:
                charge_for(response, request.meter)
        except Exception as reason:  # noqa: BLE001 - every reason is told, here or in the log
            response = self._refuse(request, refusal_of(reason, request.request_id))
        if cors.ORIGIN in request.headers:
            sharing.share(self._services, request, response)
        response.headers["x-amz-request-id"] = request.request_id
        response.headers["x-amz-id-2"] = self._host_id
        return response

    async def _serve(self, request: Request) -> Response:
        target: Target
        if (account := control.locate(request)) is not None:
            target, operation = account, control.resolve(request)
        else:
            target = address.locate(request, self._domains)
            foreign.refuse(request, target)
            operation = router.resolve(request, target.level)
        _note(request, operation, target)
        # A preflight carries no credentials; those of a presigned address are for what follows it.
        is_preflight = request.method == "OPTIONS"
        with failures.COUNTED:
            verified = Verified(ANONYMOUS) if is_preflight else self._verifier.verify(request)
        request.principal = verified.principal
        self._services.note_use(verified.principal)
        request.facts["access_key_id"] = verified.principal.access_key_id
        request.facts["signature_version"] = verified.signature_version
        request.facts["auth_type"] = verified.auth_type
        if not is_preflight and operation is not PostObject:  # whose form it is, its fields say
            self._services.ledger.admit(request)
        if operation.name not in HANDLERS:
            if verified.principal.is_anonymous:
                raise AccessDenied
            raise errors.NotImplemented(operation.remark or None)
        handler = HANDLERS[operation.name]
        args = decode.parameters(operation, request, target)
        bucket = request.bucket = self._load_bucket(operation, target, request)
        call = Call(
            self._services, verified.principal, request, bucket, _payload(request, verified)
        )
        is_asked = handler.stated is None or not (
            self._services.authorizer.depends_on_circumstances(verified.principal, bucket)
        )
        is_charged = is_asked and self._authorize(call, handler, args, target)
        if operation.input is not None and operation.input.plan.payload is not None:
            document = await call.payload.document(
                xml.MAX_DOCUMENT_BYTES,
                must_be_protected=operation.must_be_protected,
                has_checksum=operation is not CompleteMultipartUpload,
            )
            decode.payload(operation, args, document)
        if handler.stated is not None and not is_asked:
            request.stated = handler.stated(args)
            is_charged = self._authorize(call, handler, args, target)
        output = await handler.run(call, args)
        response = encode.response(operation, output)
        if is_charged:
            response.headers[request_payment.CHARGED] = "requester"
        return response

    def _authorize(self, call: Call, handler: Handler, args: Shape, target: Target) -> bool:
        """Ask for the action that the operation needs; return whether its caller pays for it."""
        action = handler.action_for(args)
        if action is None:
            return False
        principal, request, bucket = call.principal, call.request, call.addressed
        authorizer = self._services.authorizer
        if bucket is None:
            resource = ALL_BUCKETS if isinstance(target, Service) else bucket_arn(target.bucket)
            authorizer.require_on(principal, action, resource, request=request)
            return False
        key = target.key if isinstance(target, Object) else ""
        version_id = getattr(args, "version_id", None)
        authorizer.require(principal, action, bucket, key, version_id, request=request)
        return request_payment.charges(self._services, principal, bucket, request)

    def _query_pipeline(self) -> "QueryPipeline":
        """Who answers for IAM and STS; few servers ever need it."""
        if self._query is None:
            from ferrox.pipeline.query import QueryPipeline

            self._query = QueryPipeline(self._services, self._verifier.find_key)
        return self._query

    def _kms_pipeline(self) -> "KmsPipeline":
        """Who answers for KMS; few servers ever need it."""
        if self._kms is None:
            from ferrox.pipeline.kms import KmsPipeline

            self._kms = KmsPipeline(self._services, self._verifier.find_key)
        return self._kms

    def _load_bucket(
        self, operation: Operation[Any, Any], target: Target, request: Request
    ) -> BucketRecord | None:
        """The bucket that is addressed, which must exist unless it is about to be made.

        A preflight is told by its handler that there is none, in the words of CORS.
        """
        if isinstance(target, Service) or operation is CreateBucket:
            return None
        bucket = self._services.store.bucket(target.bucket)
        if bucket is None:
            if request.method == "OPTIONS":
                return None
            if not names.is_bucket_name(target.bucket):
                raise InvalidBucketName(BucketName=target.bucket)
            raise NoSuchBucket(BucketName=target.bucket)
        expected_owner = request.headers.get("x-amz-expected-bucket-owner")
        if expected_owner is not None:
            require_owner(self._services.owner_account_id(bucket), expected_owner)
        return bucket

    def _refuse(self, request: Request, error: S3Error) -> Response:
        response = encode.error(
            error,
            request_id=request.request_id,
            host_id=self._host_id,
            resource=request.path,
            is_head=request.method == "HEAD",
            is_wrapped=control.locate(request) is not None,
            explanation=refused(self._services, request, error),
        )
        if request.facts.get("operation") == HeadBucket.name and error.status < 500:
            self._tell_region(request, response)
        return response

    def _tell_region(self, request: Request, response: Response) -> None:
        """Say where the bucket is even to who may not reach it: by that clients find regions.

        https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html
        """
        bucket = request.bucket or self._services.store.bucket(request.facts["bucket"])
        if bucket is not None:
            response.headers[BUCKET_REGION] = bucket.region


def _note(request: Request, operation: Operation[Any, Any], target: Target) -> None:
    """Tell the access log what this request turned out to be."""
    request.facts["operation"] = operation.name
    if not isinstance(target, Service):
        request.facts["bucket"] = target.bucket
    if isinstance(target, Object):
        request.facts["key"] = target.key


def _payload(request: Request, verified: Verified) -> Payload:
    return Payload(request, verified.decoder, verified.content_sha256, verified.decoded_length)
