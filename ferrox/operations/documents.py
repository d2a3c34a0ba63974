"""The documents of buckets: one row for each, and the handlers that all of them share.

A row says which operations read, write and remove a document, what they need permission for, when
one is acceptable, and what its absence means. What a document does is the business of whoever acts
by it; he gets it from `Call.configuration`. Documents with more to them than a row can say have a
module of their own beside this one: lifecycle, logging, notification, lock_configuration,
versioning, named_documents.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
"""

from collections.abc import Callable
from typing import Any, NamedTuple, NoReturn

from ferrox.document_errors import (
    NoSuchCORSConfiguration,
    NoSuchPublicAccessBlockConfiguration,
    NoSuchTagSet,
    NoSuchWebsiteConfiguration,
    OwnershipControlsNotFoundError,
    ReplicationConfigurationNotFoundError,
)
from ferrox.errors import InvalidRequest, MalformedXML, MissingRequestBodyError, S3Error
from ferrox.operations import acl, encryption
from ferrox.operations.call import Call
from ferrox.operations.registry import handles
from ferrox.protocol import document_operations as rows
from ferrox.protocol.documents import access, cors, tagging, website
from ferrox.protocol.operation import Operation
from ferrox.protocol.plain import as_plain
from ferrox.protocol.shape import Shape
from ferrox.protocol.shapes.access import (
    OwnershipControls,
    PublicAccessBlockConfiguration,
)
from ferrox.protocol.shapes.cors import CORSConfiguration
from ferrox.protocol.shapes.encryption import ServerSideEncryptionConfiguration
from ferrox.protocol.shapes.groups import BucketInput, NoOutput
from ferrox.protocol.shapes.replication import ReplicationConfiguration
from ferrox.protocol.shapes.tagging import Tagging
from ferrox.protocol.shapes.transfer import AccelerateConfiguration, RequestPaymentConfiguration
from ferrox.protocol.shapes.website import WebsiteConfiguration
from ferrox.storage.metadata.buckets import BucketCheck

AnyOperation = Operation[Any, Any]


class Document(NamedTuple):
    """One row.

    action   what it is called in the actions of IAM: s3:GetX reads it, s3:PutX writes it
    absent   raises, or returns what is answered for a bucket that has none
    admit    raises unless a bucket may have the document, and may complete it; returns what has to
             be asked again in the transaction
    remover  the action that removes it, where writing it is not enough
    """

    shape: type[Shape]
    action: str
    absent: Callable[[Call], Shape]
    get: AnyOperation
    put: AnyOperation | None = None
    delete: AnyOperation | None = None
    admit: Callable[[Call, Any], BucketCheck] | None = None
    remover: str = ""


def missing(error: type[S3Error]) -> Callable[[Call], Shape]:
    """What absence means where it is an error."""

    def refuse(call: Call) -> NoReturn:
        raise error(BucketName=call.bucket.name)

    return refuse


def answer(operation: AnyOperation, document: Shape) -> Any:
    """The output of an operation that reads a document, as payload or as fields of its own."""
    output = operation.output
    if output is None:
        raise TypeError(f"{operation} has no output shape")
    field = output.plan.payload
    return output(**({field.name: document} if field is not None else document.__dict__))


def given(args: Shape) -> Any:
    """The document that a request brings; it has to bring one."""
    field = args.plan.payload
    document = getattr(args, field.name) if field else None
    if document is None:
        raise MissingRequestBodyError
    return document


def only(check: Callable[[Any], None]) -> Callable[[Call, Any], BucketCheck]:
    """Admit whatever a check of the document alone lets pass."""

    def admit(_call: Call, document: Any) -> BucketCheck:
        check(document)
        return None

    return admit


def register(row: Document) -> None:
    """Make the handlers of a row."""
    shape = row.shape

    async def get(call: Call, args: BucketInput) -> Any:
        return answer(row.get, call.configuration(shape) or row.absent(call))

    async def put(call: Call, args: Shape) -> NoOutput:
        document = given(args)
        check = row.admit(call, document) if row.admit is not None else None
        await call.store.put_bucket_document(
            call.bucket, shape.stored_as, as_plain(document), check=check
        )
        return NoOutput()

    async def delete(call: Call, args: BucketInput) -> NoOutput:
        await call.store.delete_bucket_document(call.bucket, shape.stored_as)
        return NoOutput()

    handles(row.get, action=f"s3:Get{row.action}")(get)
    if row.put is not None:
        handles(row.put, action=f"s3:Put{row.action}")(put)
    if row.delete is not None:
        handles(row.delete, action=f"s3:{row.remover or 'Put' + row.action}")(delete)


def _admit_acceleration(call: Call, document: AccelerateConfiguration) -> BucketCheck:
    if document.status is None:
        raise MalformedXML
    if "." in call.bucket.name:
        raise InvalidRequest(
            "S3 Transfer Acceleration is not supported for buckets with periods (.) in their names"
        )
    return None


# A table is read by its columns, so the formatter keeps its hands off.
# fmt: off
DOCUMENTS = (
    Document(
        AccelerateConfiguration, "AccelerateConfiguration", lambda _: AccelerateConfiguration(),
        rows.GetBucketAccelerateConfiguration, rows.PutBucketAccelerateConfiguration,
        admit=_admit_acceleration),
    Document(
        CORSConfiguration, "BucketCORS", missing(NoSuchCORSConfiguration),
        rows.GetBucketCors, rows.PutBucketCors, rows.DeleteBucketCors, only(cors.check)),
    Document(
        ServerSideEncryptionConfiguration, "EncryptionConfiguration", encryption.unconfigured,
        rows.GetBucketEncryption, rows.PutBucketEncryption, rows.DeleteBucketEncryption,
        encryption.admit_default),
    Document(
        OwnershipControls, "BucketOwnershipControls", missing(OwnershipControlsNotFoundError),
        rows.GetBucketOwnershipControls, rows.PutBucketOwnershipControls,
        rows.DeleteBucketOwnershipControls, acl.admit_ownership),
    Document(
        PublicAccessBlockConfiguration, "BucketPublicAccessBlock",
        missing(NoSuchPublicAccessBlockConfiguration),
        rows.GetPublicAccessBlock, rows.PutPublicAccessBlock, rows.DeletePublicAccessBlock,
        only(access.complete_public_access_block)),
    Document(
        ReplicationConfiguration, "ReplicationConfiguration",
        missing(ReplicationConfigurationNotFoundError),
        rows.GetBucketReplication, delete=rows.DeleteBucketReplication),
    Document(
        RequestPaymentConfiguration, "BucketRequestPayment",
        lambda _: RequestPaymentConfiguration(payer="BucketOwner"),
        rows.GetBucketRequestPayment, rows.PutBucketRequestPayment),
    Document(
        Tagging, "BucketTagging", missing(NoSuchTagSet),
        rows.GetBucketTagging, rows.PutBucketTagging, rows.DeleteBucketTagging,
        only(tagging.check)),
    Document(
        WebsiteConfiguration, "BucketWebsite", missing(NoSuchWebsiteConfiguration),
        rows.GetBucketWebsite, rows.PutBucketWebsite, rows.DeleteBucketWebsite,
        only(website.check), "DeleteBucketWebsite"),
)
"""Every document of which a row says all."""
# fmt: on

for _row in DOCUMENTS:
    register(_row)
