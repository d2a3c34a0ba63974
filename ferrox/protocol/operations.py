"""The table of operations: one row for each thing S3 can be asked, as the API reference lists them.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
A row is chosen by method, level and selector (router.py). Its parameters and its document are those
of its shapes; a row without shapes is answered with NotImplemented, after authentication.
"""

from typing import Any

from ferrox.protocol.address import BUCKET, OBJECT, SERVICE
from ferrox.protocol.document_operations import DOCUMENT_OPERATIONS
from ferrox.protocol.operation import ANY, Operation
from ferrox.protocol.shape import Shape
from ferrox.protocol.shapes.acl import (
    GetBucketAclInput,
    GetBucketAclOutput,
    GetObjectAclInput,
    GetObjectAclOutput,
    PutBucketAclInput,
    PutObjectAclInput,
    PutObjectAclOutput,
)
from ferrox.protocol.shapes.attributes import (
    GetObjectAttributesInput,
    GetObjectAttributesOutput,
)
from ferrox.protocol.shapes.buckets import (
    CreateBucketInput,
    CreateBucketOutput,
    DeleteBucketInput,
    DeleteBucketOutput,
    GetBucketLocationInput,
    GetBucketLocationOutput,
    HeadBucketInput,
    HeadBucketOutput,
    ListBucketsInput,
    ListBucketsOutput,
)
from ferrox.protocol.shapes.copying import (
    CopyObjectInput,
    CopyObjectOutput,
    UploadPartCopyInput,
    UploadPartCopyOutput,
)
from ferrox.protocol.shapes.cors import OptionsBucketInput, OptionsObjectInput, PreflightOutput
from ferrox.protocol.shapes.deletion import (
    DeleteObjectInput,
    DeleteObjectOutput,
    DeleteObjectsInput,
    DeleteObjectsOutput,
)
from ferrox.protocol.shapes.groups import NoOutput
from ferrox.protocol.shapes.listing import (
    ListObjectsInput,
    ListObjectsOutput,
    ListObjectsV2Input,
    ListObjectsV2Output,
)
from ferrox.protocol.shapes.locks import (
    GetObjectLegalHoldInput,
    GetObjectLegalHoldOutput,
    GetObjectRetentionInput,
    GetObjectRetentionOutput,
    PutObjectLegalHoldInput,
    PutObjectLegalHoldOutput,
    PutObjectRetentionInput,
    PutObjectRetentionOutput,
)
from ferrox.protocol.shapes.multipart import (
    AbortMultipartUploadInput,
    AbortMultipartUploadOutput,
    CompleteMultipartUploadInput,
    CompleteMultipartUploadOutput,
    CreateMultipartUploadInput,
    CreateMultipartUploadOutput,
    ListMultipartUploadsInput,
    ListMultipartUploadsOutput,
    ListPartsInput,
    ListPartsOutput,
    UploadPartInput,
    UploadPartOutput,
)
from ferrox.protocol.shapes.object_tagging import (
    DeleteObjectTaggingInput,
    DeleteObjectTaggingOutput,
    GetObjectTaggingInput,
    GetObjectTaggingOutput,
    PutObjectTaggingInput,
    PutObjectTaggingOutput,
)
from ferrox.protocol.shapes.objects import (
    GetObjectInput,
    GetObjectOutput,
    HeadObjectInput,
    HeadObjectOutput,
    PostObjectInput,
    PostObjectOutput,
    PutObjectInput,
    PutObjectOutput,
)
from ferrox.protocol.shapes.renaming import RenameObjectInput, RenameObjectOutput
from ferrox.protocol.shapes.versions import ListObjectVersionsInput, ListObjectVersionsOutput

OF_EVERY_WRITE = "storage classes are labels"

# A table is read by its columns, so the formatter keeps its hands off.
# fmt: off
ListBuckets = Operation("ListBuckets", "GET", SERVICE, "", ListBucketsInput, ListBucketsOutput)

CreateBucket = Operation("CreateBucket", "PUT", BUCKET, "", CreateBucketInput, CreateBucketOutput)
HeadBucket = Operation("HeadBucket", "HEAD", BUCKET, "", HeadBucketInput, HeadBucketOutput)
DeleteBucket = Operation(
    "DeleteBucket", "DELETE", BUCKET, "", DeleteBucketInput, DeleteBucketOutput)
GetBucketLocation = Operation(
    "GetBucketLocation", "GET", BUCKET, "location", GetBucketLocationInput, GetBucketLocationOutput)
ListObjects = Operation("ListObjects", "GET", BUCKET, "", ListObjectsInput, ListObjectsOutput)
ListObjectsV2 = Operation(
    "ListObjectsV2", "GET", BUCKET, "list-type=2", ListObjectsV2Input, ListObjectsV2Output)
ListObjectVersions = Operation(
    "ListObjectVersions", "GET", BUCKET, "versions",
    ListObjectVersionsInput, ListObjectVersionsOutput)
DeleteObjects = Operation(
    "DeleteObjects", "POST", BUCKET, "delete", DeleteObjectsInput, DeleteObjectsOutput,
    must_be_protected=True)

PutObject = Operation(
    "PutObject", "PUT", OBJECT, "", PutObjectInput, PutObjectOutput, remark=OF_EVERY_WRITE)
CopyObject = Operation(
    "CopyObject", "PUT", OBJECT, "", CopyObjectInput, CopyObjectOutput, header="x-amz-copy-source",
    remark=OF_EVERY_WRITE)
GetObject = Operation("GetObject", "GET", OBJECT, "", GetObjectInput, GetObjectOutput)
HeadObject = Operation("HeadObject", "HEAD", OBJECT, "", HeadObjectInput, HeadObjectOutput)
RenameObject = Operation(
    "RenameObject", "PUT", OBJECT, "renameObject", RenameObjectInput, RenameObjectOutput,
    remark="in every bucket, not only in directory buckets")
DeleteObject = Operation(
    "DeleteObject", "DELETE", OBJECT, "", DeleteObjectInput, DeleteObjectOutput,
    remark="MFA delete is not implemented")

GetObjectAttributes = Operation(
    "GetObjectAttributes", "GET", OBJECT, "attributes",
    GetObjectAttributesInput, GetObjectAttributesOutput)
GetObjectTagging = Operation(
    "GetObjectTagging", "GET", OBJECT, "tagging", GetObjectTaggingInput, GetObjectTaggingOutput)
PutObjectTagging = Operation(
    "PutObjectTagging", "PUT", OBJECT, "tagging", PutObjectTaggingInput, PutObjectTaggingOutput,
    must_be_protected=True)
DeleteObjectTagging = Operation(
    "DeleteObjectTagging", "DELETE", OBJECT, "tagging",
    DeleteObjectTaggingInput, DeleteObjectTaggingOutput)
GetObjectRetention = Operation(
    "GetObjectRetention", "GET", OBJECT, "retention",
    GetObjectRetentionInput, GetObjectRetentionOutput)
PutObjectRetention = Operation(
    "PutObjectRetention", "PUT", OBJECT, "retention",
    PutObjectRetentionInput, PutObjectRetentionOutput, must_be_protected=True)
GetObjectLegalHold = Operation(
    "GetObjectLegalHold", "GET", OBJECT, "legal-hold",
    GetObjectLegalHoldInput, GetObjectLegalHoldOutput)
PutObjectLegalHold = Operation(
    "PutObjectLegalHold", "PUT", OBJECT, "legal-hold",
    PutObjectLegalHoldInput, PutObjectLegalHoldOutput, must_be_protected=True)

CreateMultipartUpload = Operation(
    "CreateMultipartUpload", "POST", OBJECT, "uploads",
    CreateMultipartUploadInput, CreateMultipartUploadOutput, remark=OF_EVERY_WRITE)
UploadPart = Operation(
    "UploadPart", "PUT", OBJECT, "", UploadPartInput, UploadPartOutput,
    query="partNumber&uploadId")
UploadPartCopy = Operation(
    "UploadPartCopy", "PUT", OBJECT, "", UploadPartCopyInput, UploadPartCopyOutput,
    query="partNumber&uploadId", header="x-amz-copy-source")
CompleteMultipartUpload = Operation(
    "CompleteMultipartUpload", "POST", OBJECT, "",
    CompleteMultipartUploadInput, CompleteMultipartUploadOutput, query="uploadId")
AbortMultipartUpload = Operation(
    "AbortMultipartUpload", "DELETE", OBJECT, "",
    AbortMultipartUploadInput, AbortMultipartUploadOutput, query="uploadId")
ListParts = Operation(
    "ListParts", "GET", OBJECT, "", ListPartsInput, ListPartsOutput, query="uploadId")
ListMultipartUploads = Operation(
    "ListMultipartUploads", "GET", BUCKET, "uploads",
    ListMultipartUploadsInput, ListMultipartUploadsOutput)

GetBucketAcl = Operation(
    "GetBucketAcl", "GET", BUCKET, "acl", GetBucketAclInput, GetBucketAclOutput)
PutBucketAcl = Operation("PutBucketAcl", "PUT", BUCKET, "acl", PutBucketAclInput, NoOutput)
GetObjectAcl = Operation(
    "GetObjectAcl", "GET", OBJECT, "acl", GetObjectAclInput, GetObjectAclOutput)
PutObjectAcl = Operation(
    "PutObjectAcl", "PUT", OBJECT, "acl", PutObjectAclInput, PutObjectAclOutput)

# Not in the model: the form by which a browser uploads a file.
PostObject = Operation("PostObject", "POST", BUCKET, "", PostObjectInput, PostObjectOutput)

# Not in the model: what a browser asks before it lets a page of another origin ask.
OptionsBucket = Operation(
    "OptionsBucket", "OPTIONS", BUCKET, ANY, OptionsBucketInput, PreflightOutput)
OptionsObject = Operation(
    "OptionsObject", "OPTIONS", OBJECT, ANY, OptionsObjectInput, PreflightOutput)

WITHOUT_SHAPES: tuple[Operation[Shape, Shape], ...] = (
    Operation("GetBucketAbac", "GET", BUCKET, "abac"),
    Operation("PutBucketAbac", "PUT", BUCKET, "abac"),
    Operation(
        "UpdateBucketMetadataAnnotationTableConfiguration", "PUT", BUCKET, "metadataAnnotationTable"
    ),
    Operation("CreateBucketMetadataConfiguration", "POST", BUCKET, "metadataConfiguration"),
    Operation("DeleteBucketMetadataConfiguration", "DELETE", BUCKET, "metadataConfiguration"),
    Operation("GetBucketMetadataConfiguration", "GET", BUCKET, "metadataConfiguration"),
    Operation(
        "UpdateBucketMetadataInventoryTableConfiguration", "PUT", BUCKET, "metadataInventoryTable"
    ),
    Operation(
        "UpdateBucketMetadataJournalTableConfiguration", "PUT", BUCKET, "metadataJournalTable"
    ),
    Operation("CreateBucketMetadataTableConfiguration", "POST", BUCKET, "metadataTable"),
    Operation("DeleteBucketMetadataTableConfiguration", "DELETE", BUCKET, "metadataTable"),
    Operation("GetBucketMetadataTableConfiguration", "GET", BUCKET, "metadataTable"),
    Operation("DeleteObjectAnnotation", "DELETE", OBJECT, "annotation", query="annotationName"),
    Operation("GetObjectAnnotation", "GET", OBJECT, "annotation", query="annotationName"),
    Operation("ListObjectAnnotations", "GET", OBJECT, "annotation"),
    Operation("PutObjectAnnotation", "PUT", OBJECT, "annotation", query="annotationName"),
    Operation("UpdateObjectEncryption", "PUT", OBJECT, "encryption"),
    Operation("RestoreObject", "POST", OBJECT, "restore"),
    Operation("SelectObjectContent", "POST", OBJECT, "select&select-type=2"),
    Operation("GetObjectTorrent", "GET", OBJECT, "torrent"),
)
"""Rows for what is not implemented yet."""
# fmt: on

OPERATIONS: tuple[Operation[Any, Any], ...] = (
    *(row for row in globals().copy().values() if isinstance(row, Operation)),
    *DOCUMENT_OPERATIONS,
    *WITHOUT_SHAPES,
)
"""Every row."""

LEFT_OUT = {
    "CreateSession": "directory buckets only",
    "ListDirectoryBuckets": "directory buckets only",
    "WriteGetObjectResponse": "Object Lambda only",
    "GetBucketLifecycle": "deprecated; GetBucketLifecycleConfiguration has the same selector",
    "PutBucketLifecycle": "deprecated; PutBucketLifecycleConfiguration has the same selector",
    "GetBucketNotification": "deprecated; GetBucketNotificationConfiguration has the same selector",
    "PutBucketNotification": "deprecated; PutBucketNotificationConfiguration has the same selector",
}
"""Operations of the model without a row, and why."""

LEFT_OUT_SELECTORS = frozenset({"session"})
"""Selectors of theirs that no row has; they are refused, not ignored."""
