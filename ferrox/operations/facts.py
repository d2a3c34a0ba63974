"""What a client may say about an object besides its bytes, for every way of writing one.

PutObject, CopyObject and CreateMultipartUpload share these request headers:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
"""

from typing import Any

from ferrox import errors, ids
from ferrox.errors import (
    InvalidArgument,
    InvalidStorageClass,
    S3Error,
)
from ferrox.operations import encryption, grants, protection, provenance
from ferrox.operations.call import Call
from ferrox.protocol import names, tagging, user_metadata
from ferrox.records import (
    NULL_VERSION,
    STANDARD,
    BucketRecord,
    Checksum,
    VersionDraft,
    Versioning,
    VersionRecord,
)

REPRESENTATION_HEADERS = (
    "content-type",
    "content-encoding",
    "content-language",
    "content-disposition",
    "cache-control",
    "expires",
    "x-amz-website-redirect-location",
)
"""Stored with a version and sent back with it."""

STORAGE_CLASSES = frozenset(
    {
        STANDARD,
        "REDUCED_REDUNDANCY",
        "STANDARD_IA",
        "ONEZONE_IA",
        "INTELLIGENT_TIERING",
        "GLACIER",
        "GLACIER_IR",
        "DEEP_ARCHIVE",
    }
)
"""Accepted as labels: every object lies on the same disk."""

CHECKSUM_FIELDS = {
    "CRC32": "checksum_crc32",
    "CRC32C": "checksum_crc32_c",
    "CRC64NVME": "checksum_crc64_nvme",
    "SHA1": "checksum_sha1",
    "SHA256": "checksum_sha256",
}
"""The field of input and output shapes that carries each algorithm's value."""

_REFUSALS: dict[str, tuple[type[S3Error], str | None]] = {
    "x-amz-write-offset-bytes": (errors.NotImplemented, None),
}
"""Headers that ask for what is not there yet: refused, never silently ignored."""


def refuse_unsupported(headers: dict[str, str]) -> None:
    """Raise if the request asks for something about the object that would not be done."""
    for name in _REFUSALS.keys() & headers.keys():
        refusal, message = _REFUSALS[name]
        raise refusal(message)


def draft(call: Call, key: str) -> VersionDraft:
    """All that the request's headers say of the version to be written; the ETag comes later."""
    headers = call.request.headers
    names.check_key(key)
    refuse_unsupported(headers)
    owner_id, listed = grants.of_new_object(call, key)
    brought = provenance.claimed(call)
    return VersionDraft(
        key=key,
        etag=brought.etag,
        owner_id=owner_id,
        acl=listed,
        storage_class=storage_class(headers),
        headers=representation(headers),
        user_metadata=user_metadata.from_headers(headers),
        tags=tags(call, key),
        lock=protection.requested(call, key),
        encryption=encryption.of_new_version(call, key),
        version_id=brought.version_id,
        modified_ms=brought.modified_ms,
        follows=brought.follows,
    )


def tags(call: Call, key: str) -> dict[str, str]:
    """The tags that the request's header gives the object; who gives any must be allowed to."""
    given = tagging.parse_tagging_header(call.request.headers.get("x-amz-tagging"))
    if given:
        call.require("s3:PutObjectTagging", call.bucket, key)
    return given


def storage_class(headers: dict[str, str]) -> str:
    """The storage class label that the request asks for."""
    label = headers.get("x-amz-storage-class", STANDARD)
    if label not in STORAGE_CLASSES:
        raise InvalidStorageClass(StorageClassRequested=label)
    return label


def representation(headers: dict[str, str]) -> dict[str, str]:
    """The headers that are stored: not empty ones, nor transport framing (aws-chunked)."""
    stored = {name: headers[name] for name in REPRESENTATION_HEADERS if headers.get(name)}
    if "aws-chunked" in stored.get("content-encoding", ""):
        codings = [coding.strip() for coding in stored.pop("content-encoding").split(",")]
        if kept := ",".join(coding for coding in codings if coding not in {"aws-chunked", ""}):
            stored["content-encoding"] = kept
    redirect = stored.get("x-amz-website-redirect-location", "/")
    if not redirect.startswith(("/", "http://", "https://")):
        raise InvalidArgument(
            "The website redirect location must have a prefix of 'http://' or 'https://' or '/'."
        )
    return stored


def checksum_fields(checksum: Checksum | None, *, with_type: bool = True) -> dict[str, Any]:
    """The output fields that carry a checksum."""
    if checksum is None:
        return {}
    fields = {CHECKSUM_FIELDS[checksum.algorithm]: checksum.value}
    if with_type:
        fields["checksum_type"] = checksum.type
    return fields


def shown_version_id(bucket: BucketRecord, version_id: str) -> str | None:
    """The version id as answers carry it: a bucket that never had versioning speaks of none."""
    return None if bucket.versioning is Versioning.UNVERSIONED else version_id


def version_id_of_new(bucket: BucketRecord, version_id: str) -> str | None:
    """The version id as answers to writes carry it: where versions are not kept, they name none.

    Copies do, as was recorded of AWS: theirs are told by `shown_version_id`.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html (the sample responses)
    """
    return version_id if bucket.versioning is Versioning.ENABLED else None


def check_version_id(
    bucket: BucketRecord, version_id: str | None, argument: str = "versionId"
) -> None:
    """Refuse what no version of this bucket can be called; the empty id is not the current one.

    argument    the parameter or header that names the version
    """
    if version_id == "":
        raise InvalidArgument(
            "Version id cannot be the empty string", ArgumentName=argument, ArgumentValue=""
        )
    if version_id is not None and not may_be_version(bucket, version_id):
        raise invalid_version_id(version_id, argument)


def invalid_version_id(version_id: str, argument: str = "versionId") -> InvalidArgument:
    """What AWS says of an id that it never gave."""
    return InvalidArgument(
        "Invalid version id specified", ArgumentName=argument, ArgumentValue=version_id
    )


def may_be_version(bucket: BucketRecord, version_id: str) -> bool:
    """Whether the bucket can ever have had such a version."""
    is_versioned = bucket.versioning is not Versioning.UNVERSIONED
    return version_id == NULL_VERSION or (is_versioned and ids.is_version_id(version_id))


def current_etag(version: VersionRecord | None) -> str | None:
    """What conditions on writes compare with."""
    return version.etag if version else None
