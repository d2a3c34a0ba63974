"""Encryption of objects: with which keys a version is sealed, and who may have it opened.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingServerSideEncryption.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html

What is said of it is decided once, when a version is begun: by the request, or else by the bucket,
or else by the server's own default. From then on it stands in the version (or in the upload whose
parts it will be made of), and requests either must not speak of it or must bring the same key.
"""

import base64
import hmac
import os
from typing import Any

from ferrox.crypto.envelope import KeyEncryptionKey
from ferrox.document_errors import ServerSideEncryptionConfigurationNotFoundError
from ferrox.errors import AccessDenied, InvalidArgument, InvalidRequest
from ferrox.operations import key_use
from ferrox.operations.call import Call
from ferrox.protocol import encryption, etag
from ferrox.protocol.documents import encryption as documents
from ferrox.protocol.encryption import PREFIX, SOURCE_PREFIX, Asked, CustomerKey
from ferrox.protocol.shapes.encryption import (
    ServerSideEncryptionByDefault,
    ServerSideEncryptionConfiguration,
    ServerSideEncryptionRule,
)
from ferrox.records import (
    CUSTOMER_KEY,
    BucketRecord,
    Encryption,
    UploadRecord,
    VersionRecord,
)

CUSTOMER_KEK = "c"
"""What stands for the id of a customer's key."""

_MISSING = (
    "The object was stored using a form of Server Side Encryption. The correct parameters must be "
    "provided to retrieve the object."
)
_NOT_APPLICABLE = "The encryption parameters are not applicable to this object."
_OF_UPLOAD = (
    "The multipart upload initiate requested encryption. Subsequent part requests must include the "
    "appropriate encryption parameters."
)
_OTHER = "The provided encryption parameters did not match the ones used originally."
_OTHER_TO_READ = (
    "Requests specifying Server Side Encryption with Customer provided keys must provide the "
    "correct secret key."
)
_OTHER_TO_COMPLETE = (
    "The object was stored using a form of Server Side Encryption. Correct SSE-C request "
    "parameters are required for this request when specifying checksums for each part."
)


def admit_default(call: Call, document: ServerSideEncryptionConfiguration) -> None:
    """Refuse a default of a bucket that could not be obeyed: its puts would all fail."""
    documents.check(document)
    default = documents.by_default(document)
    if default is not None:  # like AWS it takes any name for a key of KMS
        call.services.encryption.keys.require(default.algorithm)


def unconfigured(call: Call) -> ServerSideEncryptionConfiguration:
    """How a bucket encrypts that was never told to: as the server does unasked."""
    if call.services.encryption.mode != "default":
        raise ServerSideEncryptionConfigurationNotFoundError(BucketName=call.bucket.name)
    by_default = ServerSideEncryptionByDefault(sse_algorithm=encryption.AES256)
    rule = ServerSideEncryptionRule(
        apply_server_side_encryption_by_default=by_default, bucket_key_enabled=False
    )
    return ServerSideEncryptionConfiguration(rules=[rule])


def of_new_version(call: Call, object_key: str) -> Encryption | None:
    """How a version that this request begins is to be sealed; by a key that its caller may use."""
    headers = call.request.headers
    asked = encryption.asked(headers)
    key = _customer_key(call, PREFIX)
    configured = call.configuration(ServerSideEncryptionConfiguration)
    if key is not None:
        encryption.check_length(key)
        if asked is not None:
            raise InvalidArgument(
                "Server Side Encryption with Customer provided key is incompatible with the "
                "encryption method specified",
                ArgumentName=PREFIX,
                ArgumentValue=asked.algorithm,
            )
        _refuse_blocked(call, object_key)
        salt = encryption.new_salt(os.urandom(8))
        return Encryption(CUSTOMER_KEY, key.fingerprint(salt))
    default = documents.by_default(configured)
    asked = asked or default
    if asked is None:
        return call.services.encryption.unasked()
    if asked.bucket_key is None and default is not None:
        asked = asked._replace(bucket_key=default.bucket_key)
    return _resolved(call, asked, object_key)


def is_asked(call: Call) -> bool:
    """Whether the request itself speaks of encryption."""
    headers = call.request.headers
    return PREFIX in headers or encryption.brings_key(headers)


def kek_for_writing(call: Call, wanted: Encryption | None) -> KeyEncryptionKey | None:
    """The key that the bytes of a new version come under."""
    if wanted is None:
        return None
    if wanted.sse == CUSTOMER_KEY:
        key = _customer_key(call, PREFIX)
        return None if key is None else _kek(key)
    return call.services.encryption.keys.for_writing(wanted)


def kek_for_part(call: Call, upload: UploadRecord) -> KeyEncryptionKey | None:
    """The key that a part comes under: as its upload was begun, by the same customer's key."""
    begun = upload.draft.encryption
    encryption.asked(call.request.headers)  # which refuses what cannot be without a header
    key = _customer_key(call, PREFIX)
    if key is None:
        if begun is not None and begun.sse == CUSTOMER_KEY:
            raise InvalidRequest(_OF_UPLOAD)
        if begun is not None and is_under_kms(begun):
            key_use.require_use(call, key_use.WRAP, begun, call.bucket, upload.key)
        return kek_for_writing(call, begun)
    _refuse_blocked(call, upload.key)
    if begun is None or begun.sse != CUSTOMER_KEY:
        raise InvalidRequest(_OF_UPLOAD)
    if not key.fits(begun.key_id):
        raise InvalidRequest(_OTHER)
    return _kek(key)


def check_completion(call: Call, upload: UploadRecord) -> None:
    """Raise if the request speaks of other encryption than its upload has; it need not speak.

    AWS takes no word of keys of the server here. Clients of MinIO say them again, but to AWS.
    """
    begun = upload.draft.encryption
    repeated = call.request.headers.get(PREFIX)
    if repeated is not None and (begun is None or begun.sse != repeated):
        raise encryption.misplaced(repeated)
    if not encryption.brings_whole_key(call.request.headers):
        return
    key = _customer_key(call, PREFIX)
    is_customers = begun is not None and begun.sse == CUSTOMER_KEY
    if key is None or begun is None or not is_customers or not key.fits(begun.key_id):
        raise InvalidRequest(_OTHER_TO_COMPLETE)


def kek_for_reading(
    call: Call,
    version: VersionRecord,
    prefix: str = PREFIX,
    *,
    bucket: BucketRecord | None = None,
    is_opened: bool = True,
) -> KeyEncryptionKey | None:
    """The key that the request brings for what it reads; None: the server has it, if any.

    prefix     what the headers that bring it begin with: a copy has another key for its source
    bucket     where the version is, if not in the bucket that is addressed
    is_opened  whether anything that is sealed is told: that takes a key of KMS that can be used,
               and permission to use it
    """
    key = _customer_key(call, prefix, needs_md5=False)
    sealed = version.encryption
    if sealed is None or sealed.sse != CUSTOMER_KEY:
        if key is not None:
            raise InvalidRequest(_NOT_APPLICABLE)
        if is_opened and sealed is not None and is_under_kms(sealed):
            where = bucket or call.bucket
            key_use.require_use(call, key_use.UNWRAP, sealed, where, version.key)
        return None
    if key is None:
        raise InvalidRequest(_MISSING)
    if not key.fits(sealed.key_id):
        raise AccessDenied(_OTHER_TO_READ) if prefix == PREFIX else InvalidRequest(_OTHER)
    return _kek(key)


def kek_for_source(
    call: Call, version: VersionRecord, bucket: BucketRecord
) -> KeyEncryptionKey | None:
    """The key of the source of a copy, which is in this bucket."""
    return kek_for_reading(call, version, SOURCE_PREFIX, bucket=bucket)


def of_copy(call: Call, wanted: Encryption | None, source: VersionRecord) -> Encryption | None:
    """How a copy is sealed: as asked for, or in the very way of its source if that is the same.

    A copy that says nothing is not laid open where its source was sealed by keys of the server.
    """
    sealed = source.encryption
    if wanted is None and sealed is not None and sealed.sse != CUSTOMER_KEY:
        wanted = call.services.encryption.keys.resolve(encryption.AES256)
    if wanted is None or sealed is None or wanted.sse != sealed.sse:
        return wanted
    if wanted.sse == CUSTOMER_KEY:
        key = _customer_key(call, PREFIX)
        return sealed if key is not None and key.fits(sealed.key_id) else wanted
    return wanted


def is_under_kms(sealed: Encryption) -> bool:
    """Whether a key of KMS has to be asked for."""
    return sealed.sse in {encryption.KMS, encryption.DSSE}


def shown(call: Call, sealed: Encryption | None) -> dict[str, Any]:
    """The output fields that say how a version is sealed."""
    if sealed is None:
        return {}
    if sealed.sse == CUSTOMER_KEY:
        key = _customer_key(call, PREFIX, needs_md5=False)
        md5 = None if key is None else key.md5
        return {"sse_customer_algorithm": encryption.AES256, "sse_customer_key_md5": md5}
    return _shown_of_server(sealed)


def shown_of_new(call: Call, sealed: Encryption | None) -> dict[str, Any]:
    """The same where a version is begun: with the context that it is bound to."""
    fields = shown(call, sealed)
    if sealed is not None and sealed.context:
        fields["ssekms_encryption_context"] = base64.b64encode(sealed.context.encode()).decode()
    return fields


def shown_of_whole(call: Call, sealed: Encryption | None) -> dict[str, Any]:
    """The same of a completed upload, whose request may bring any part of a customer's key."""
    is_customers = sealed is not None and sealed.sse == CUSTOMER_KEY
    if is_customers and not encryption.brings_whole_key(call.request.headers):
        return {"sse_customer_algorithm": encryption.AES256}
    return shown(call, sealed)


def entity_tag(sealed: Encryption | None, md5: bytes | None) -> str:
    """The entity tag of bytes: their MD5, unless that would tell what is sealed to be unknown.

    md5  may be missing where `tells_md5` says that the tag does not tell it
    """
    if md5 is not None and encryption.tells_md5(sealed):
        return etag.single(md5)
    return etag.single(os.urandom(etag.MD5_BYTES))


def _shown_of_server(sealed: Encryption) -> dict[str, Any]:
    fields: dict[str, Any] = {"server_side_encryption": sealed.sse}
    if sealed.key_id:
        fields["ssekms_key_id"] = sealed.key_id
    if sealed.bucket_key:
        fields["bucket_key_enabled"] = True
    return fields


def _customer_key(call: Call, prefix: str, *, needs_md5: bool = True) -> CustomerKey | None:
    headers = call.request.headers
    is_safe = call.request.is_secure or call.services.encryption.takes_keys_in_the_open
    if not is_safe and encryption.brings_key(headers, prefix):
        raise encryption.insecure()
    return encryption.customer_key(headers, prefix, needs_md5=needs_md5)


def _resolved(call: Call, asked: Asked, object_key: str) -> Encryption:
    """What is asked for, with the one name of its key, which the caller may use."""
    services = call.services
    if asked.algorithm == encryption.AES256:
        return services.encryption.keys.resolve(asked.algorithm)
    key_use.require_identity(call)
    resolved = services.encryption.keys.resolve(
        asked.algorithm,
        asked.kms_key_id,
        asked.context,
        bucket_key=bool(asked.bucket_key) and asked.algorithm == encryption.KMS,
        account_id=call.principal.account_id,
        now_ms=services.clock.now_ms(),
    )
    key_use.require_use(call, key_use.WRAP, resolved, call.bucket, object_key)
    return resolved


def _kek(key: CustomerKey) -> KeyEncryptionKey:
    derived = hmac.digest(key.key, b"ferrox: key encryption key", "sha256")
    return KeyEncryptionKey(CUSTOMER_KEK, derived)


def _refuse_blocked(call: Call, object_key: str) -> None:
    """Raise where a bucket takes no customers' keys."""
    configured = call.configuration(ServerSideEncryptionConfiguration)
    blocked = configured.rules[0].blocked_encryption_types if configured else None
    if blocked is not None and "SSE-C" in (blocked.encryption_type or ()):
        raise call.services.authorizer.refusal(
            call.principal,
            "s3:PutObject",
            call.bucket,
            object_key,
            reason="this bucket has blocked upload requests that specify Server Side Encryption "
            "with Customer provided keys (SSE-C). Please specify a different server-side "
            "encryption type",
            request=call.request,
        )
