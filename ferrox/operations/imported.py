"""What comes with an import of settings must be what an operation would have accepted.

Documents of buckets are written as the XML that a client would send, read as strictly as that is,
and checked as it is. Policies are read as when they are set, and may name nobody who is not there.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from ferrox import setting_kinds
from ferrox.document_errors import MalformedPolicy, PolicyTooLarge
from ferrox.errors import InvalidArgument, MalformedXML, S3Error
from ferrox.iam import acl
from ferrox.iam.document import PolicyError
from ferrox.identity import GroupRecord, PolicyRecord, ProviderRecord, RoleRecord, UserRecord
from ferrox.operations import lifecycle as lifecycle_operations
from ferrox.operations import named_principals
from ferrox.operations.access import POLICY_DOCUMENT, POLICY_TEXT, parse_policy
from ferrox.operations.held_policies import managed_policy
from ferrox.operations.iam import oidc_providers, policy_texts, quotas
from ferrox.operations.kms.policies import require_policy
from ferrox.operations.policy import MAX_BYTES
from ferrox.protocol import decode, encode, xml
from ferrox.protocol.documents import (
    access,
    analysis,
    cors,
    encryption,
    inventory,
    lifecycle,
    lock_configuration,
    logging,
    notification,
    tagging,
    versioning,
    website,
)
from ferrox.protocol.iam import limits
from ferrox.protocol.names import check_bucket_name
from ferrox.protocol.plain import from_plain
from ferrox.protocol.shape import Limit, Shape
from ferrox.protocol.shapes.access import OwnershipControls, PublicAccessBlockConfiguration
from ferrox.protocol.shapes.analysis import (
    AnalyticsConfiguration,
    IntelligentTieringConfiguration,
    MetricsConfiguration,
)
from ferrox.protocol.shapes.cors import CORSConfiguration
from ferrox.protocol.shapes.encryption import ServerSideEncryptionConfiguration
from ferrox.protocol.shapes.inventory import InventoryConfiguration
from ferrox.protocol.shapes.lifecycle import BucketLifecycleConfiguration
from ferrox.protocol.shapes.lock_configuration import ObjectLockConfiguration
from ferrox.protocol.shapes.logging import BucketLoggingStatus
from ferrox.protocol.shapes.notification import NotificationConfiguration
from ferrox.protocol.shapes.replication import ReplicationConfiguration
from ferrox.protocol.shapes.tagging import Tagging
from ferrox.protocol.shapes.transfer import AccelerateConfiguration, RequestPaymentConfiguration
from ferrox.protocol.shapes.versioning import VersioningConfiguration
from ferrox.protocol.shapes.website import WebsiteConfiguration
from ferrox.storage.identities.view import IdentityView

Document = dict[str, Any]
Check = Callable[[Any, str], None]
"""Given a shape and the id under which it is stored, if it has one."""

_ROOT = "Document"


def _nothing(_document: Any, _id: str) -> None:
    """Whatever can be read is right."""


def _alone(check: Callable[[Any], None]) -> Check:
    return lambda document, _id: check(document)


def _check_logging(status: BucketLoggingStatus, _id: str) -> None:
    if status.logging_enabled is not None:
        logging.check(status.logging_enabled)


SHAPES: dict[type[Shape], Check] = {
    AccelerateConfiguration: _nothing,
    AnalyticsConfiguration: analysis.check_analytics,
    BucketLifecycleConfiguration: _alone(lifecycle.check),
    BucketLoggingStatus: _check_logging,
    CORSConfiguration: _alone(cors.check),
    IntelligentTieringConfiguration: analysis.check_tiering,
    InventoryConfiguration: inventory.check,
    MetricsConfiguration: analysis.check_metrics,
    NotificationConfiguration: _alone(notification.check),
    ObjectLockConfiguration: _alone(lock_configuration.check),
    OwnershipControls: _alone(access.check_ownership),
    PublicAccessBlockConfiguration: _alone(access.complete_public_access_block),
    ReplicationConfiguration: _nothing,
    RequestPaymentConfiguration: _nothing,
    ServerSideEncryptionConfiguration: _alone(encryption.check),
    Tagging: _alone(tagging.check),
    VersioningConfiguration: _alone(versioning.check),
    WebsiteConfiguration: _alone(website.check),
}
"""Every document of a bucket that is a shape, and when it is acceptable."""

_SHAPES = {shape.stored_as: shape for shape in SHAPES}
_PERMISSIONS = {acl.FULL_CONTROL, acl.READ, acl.WRITE, acl.READ_ACP, acl.WRITE_ACP}


class ImportChecks:
    """The checks, as `storage.portable.taking` wants them."""

    def is_configuration(self, name: str) -> bool:
        """Whether a document of a bucket is something that somebody configured."""
        return name in {POLICY_DOCUMENT, acl.DOCUMENT} or name.partition("/")[0] in _SHAPES

    def bucket_name(self, name: str) -> None:
        """Refuse what no bucket may be called: InvalidBucketName."""
        check_bucket_name(name)

    def region(self, name: str) -> None:
        """Refuse what no region is called: InvalidArgument."""
        try:
            setting_kinds.region(name)
        except ValueError as error:
            raise InvalidArgument(str(error)) from None

    def account_block(self, document: Document) -> None:
        """Refuse what is no public access block of a whole account: S3Error."""
        with _understood(acl.PUBLIC_ACCESS_BLOCK_DOCUMENT):
            _check_shape(acl.PUBLIC_ACCESS_BLOCK_DOCUMENT, document)

    def bucket_document(
        self, identities: IdentityView, bucket: str, name: str, document: Document
    ) -> None:
        """Refuse what is no document of this name: S3Error."""
        with _understood(name):
            if name == POLICY_DOCUMENT:
                _check_policy(identities, bucket, document)
            elif name == acl.DOCUMENT:
                _check_list(document)
            else:
                _check_shape(name, document)

    def key_policy(self, text: str) -> None:
        """Refuse what is no policy of a key of KMS: S3Error."""
        if text:
            require_policy(text)

    def identity(
        self,
        identities: IdentityView,
        record: UserRecord | GroupRecord | RoleRecord | PolicyRecord | ProviderRecord,
    ) -> None:
        """Refuse what IAM would not have made: S3Error."""
        match record:
            case UserRecord():
                _check_name(record.name, limits.USER_NAME)
            case GroupRecord():
                _check_name(record.name, limits.GROUP_NAME)
            case RoleRecord():
                _check_name(record.name, limits.ROLE_NAME)
                policy_texts.require_trust(identities, record.trust_policy)
            case PolicyRecord():
                _check_name(record.name, limits.POLICY_NAME)
                _check_managed(record)
                return
            case ProviderRecord():
                oidc_providers.require_provider(record)
                return
            case _:
                return
        groups, keys = getattr(record, "groups", ()), getattr(record, "keys", ())
        _require_most(groups, quotas.GROUPS_PER_USER, "groups")
        _require_most(keys, quotas.ACCESS_KEYS_PER_USER, "access keys")
        _require_most(record.attached, quotas.ATTACHED_POLICIES, "attached policies")
        for name, text in record.inline.items():
            _check_name(name, limits.POLICY_NAME)
            policy_texts.require_inline(text)
        boundary = getattr(record, "boundary", "")
        for arn in (*record.attached, *([boundary] if boundary else [])):
            if arn.count(":") < 5 or managed_policy(identities, arn) is None:
                raise InvalidArgument(f"there is no policy {arn}")


@contextmanager
def _understood(name: str) -> Iterator[None]:
    """A block that looks at a document of this name: S3Error, in words that say so."""
    try:
        yield
    except (TypeError, ValueError, AttributeError, KeyError) as error:
        raise MalformedXML(f"{name} is not understood: {error}") from error
    except S3Error as error:
        raise type(error)(f"{name}: {error.message}") from error


def _require_most(things: Sequence[object], most: int, what: str) -> None:
    if len(things) > most:
        raise InvalidArgument(f"it has {len(things)} {what}, and may have {most}")


def _check_name(name: str, limit: Limit) -> None:
    most = limit.most or len(name)
    if not 0 < len(name) <= most or not re.fullmatch(limit.pattern, name, re.ASCII):
        raise InvalidArgument(f"{name!r} is no name. {limit.explained}")


def _check_managed(record: PolicyRecord) -> None:
    for version in record.versions:
        policy_texts.require_managed(version.text)
    if record.default_version_id not in {version.version_id for version in record.versions}:
        raise InvalidArgument(f"it has no version {record.default_version_id}")


def _check_policy(identities: IdentityView, bucket: str, document: Document) -> None:
    text = document[POLICY_TEXT]
    if {*document} != {POLICY_TEXT} or len(text.encode()) > MAX_BYTES:
        raise PolicyTooLarge
    try:
        policy = parse_policy(bucket, text)
    except PolicyError as error:
        raise MalformedPolicy(str(error)) from None
    if (stranger := named_principals.missing(identities, policy)) is not None:
        raise MalformedPolicy(f"Invalid principal in policy: {stranger}")


def _check_list(document: Document) -> None:
    grants = document["grants"]
    if {*document} != {"grants"} or len(grants) > acl.MOST_GRANTS:
        raise InvalidArgument("this is no access control list")
    for kind, grantee, permission in grants:
        is_group = kind == acl.GROUP and grantee in acl.GROUPS
        is_account = kind == acl.CANONICAL_USER and isinstance(grantee, str)
        if not (is_group or is_account) or permission not in _PERMISSIONS:
            raise InvalidArgument("this is no access control list")


def _check_shape(name: str, document: Document) -> None:
    stored_as, _, configuration_id = name.partition("/")
    shape = _SHAPES[stored_as]
    said = dict(document)
    if shape is BucketLifecycleConfiguration:
        said.pop(lifecycle_operations.MINIMUM_SIZE)
    _require_types(shape, said)
    given = from_plain(shape, said)
    written = xml.document(_ROOT, encode.structure(shape)(given))
    read = partial(decode.structure, shape, is_strict=True)
    SHAPES[shape](read(xml.parse(written, _ROOT)), configuration_id)


def _require_types(shape: type[Shape], plain: Any) -> None:
    """ValueError unless every member is one of the shape's, and of its type."""
    fields = {field.wire: field for field in shape.plan.fields.values()}
    if not isinstance(plain, dict) or plain.keys() - fields:
        raise ValueError(f"it has members that {shape.__name__} has not")
    for wire, value in plain.items():
        field = fields[wire]
        if field.is_list and not isinstance(value, list):
            raise ValueError(f"{wire} is no list")
        for item in value if field.is_list else [value]:
            if issubclass(field.type, Shape):
                _require_types(field.type, item)
            elif type(item) is not field.type:
                raise ValueError(f"{wire} is not what it should be")
