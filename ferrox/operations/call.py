"""What a handler may use: the store, the caller, the bucket, the body."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import quote

from ferrox import ids
from ferrox.accounting.ledger import Ledger
from ferrox.clock import Clock
from ferrox.errors import AccessDenied, NoSuchBucket
from ferrox.iam.acl import Access
from ferrox.iam.asking import Asking
from ferrox.iam.authorizer import Authorizer
from ferrox.identity import Account, Principal
from ferrox.operations.access import BucketDefaults, bucket_access
from ferrox.operations.configurations import Configurations
from ferrox.operations.encryption_rules import EncryptionRules
from ferrox.operations.payload import Payload
from ferrox.protocol.form_fields import FormGrant
from ferrox.protocol.message import Request
from ferrox.protocol.shape import S
from ferrox.protocol.shapes.groups import Owner
from ferrox.records import BucketRecord, Occasion, VersionAcl, VersionRecord
from ferrox.storage.keys.ring import Ring
from ferrox.storage.store import Store

P = TypeVar("P")

Accounts = Callable[[str], Account | None]
"""Finds the account of a canonical id."""


def no_accounts(_canonical_id: str) -> Account | None:
    """Find nobody."""
    return None


def no_forms(_fields: Mapping[str, str]) -> FormGrant:
    """Take no form from anybody."""
    raise AccessDenied


@dataclass(slots=True)
class Services:
    """What lives as long as the server."""

    store: Store
    authorizer: Authorizer
    clock: Clock
    region: str
    accounts: Accounts = no_accounts
    bucket_defaults: BucketDefaults = BucketDefaults()  # noqa: RUF009 - a tuple, never changed
    is_event_target: Callable[[str], bool] = field(default=lambda _arn: False)
    """Whether an ARN names somebody who can be told of events."""
    is_operator: Callable[[Principal], bool] = field(default=lambda _principal: False)
    """Whether somebody may know what happens in all buckets."""
    encryption: EncryptionRules = field(default_factory=lambda: EncryptionRules(Ring()))
    """How it encrypts."""
    host_id: str = field(default_factory=ids.host_id)
    """What answers and events say of the server, as x-amz-id-2."""
    verify_form: Callable[[Mapping[str, str]], FormGrant] = no_forms
    """Says by its fields who made an upload form, or refuses it."""
    ledger: Ledger = field(default_factory=Ledger)
    """Limits, audit log and refusals."""
    oidc_ca_file: str = ""
    """Certificates that identity providers are known by, beside those of the system."""
    _configurations: Configurations = field(default_factory=Configurations, init=False)
    _parts: dict[Callable[["Services"], Any], Any] = field(default_factory=dict, init=False)

    def part(self, make: Callable[["Services"], P]) -> P:
        """What few servers need, made when it is asked for first."""
        if make not in self._parts:
            self._parts[make] = make(self)
        made: P = self._parts[make]
        return made

    def note_use(self, principal: Principal, service: str = "s3") -> None:
        """A key of the caller's own signed a request to a service."""
        if principal.access_key_id and principal.session is None:
            self.store.key_uses.note(principal.access_key_id, service, self.region)

    def configuration(self, bucket: BucketRecord, shape: type[S]) -> S | None:
        """The document of this shape that a bucket is configured with; not to be changed."""
        document = self.store.bucket_document(bucket, shape.stored_as)
        return None if document is None else self._configurations.shaped(bucket, shape, document)

    def access(self, bucket: BucketRecord) -> Access:
        """What a bucket says about access control lists."""
        return bucket_access(self.store, bucket)

    def owner_account_id(self, bucket: BucketRecord) -> str | None:
        """The number of the account that owns a bucket."""
        account = self.accounts(bucket.owner_id)
        return account.account_id if account else None


@dataclass(slots=True)
class Call:
    """One authenticated, authorized request on its way to its handler."""

    services: Services
    principal: Principal
    request: Request
    addressed: BucketRecord | None
    payload: Payload

    @property
    def store(self) -> Store:
        """Where the bytes and their names are."""
        return self.services.store

    @property
    def bucket(self) -> BucketRecord:
        """The bucket that is addressed; the pipeline made sure that it exists."""
        if self.addressed is None:
            raise NoSuchBucket
        return self.addressed

    def url(self, path: str) -> str:
        """The address of something on this server, by the name that the caller has for it."""
        scheme = "https" if self.request.is_secure else "http"
        return f"{scheme}://{self.request.headers.get('host', '')}{path}"

    def location(self, bucket_path: str, key: str) -> str:
        """The address of an object below the path of its bucket; as on AWS "/" is escaped, too."""
        return self.url(f"{bucket_path}/{quote(key, safe='')}")

    def configuration(self, shape: type[S]) -> S | None:
        """The document of this shape that the addressed bucket has; not to be changed."""
        return self.services.configuration(self.bucket, shape)

    def require(
        self, action: str, bucket: BucketRecord, key: str = "", version_id: str | None = None
    ) -> None:
        """Ask for one more permission, beyond the operation's own."""
        self.services.authorizer.require(
            self.principal, action, bucket, key, version_id, request=self.request
        )

    def require_on(self, action: str, resource: str) -> None:
        """Ask for one more permission where there is no bucket yet, given an ARN."""
        self.services.authorizer.require_on(self.principal, action, resource, request=self.request)

    def may(self, action: str, key: str, version_id: str | None = None) -> bool:
        """Whether the caller may do this to an object of the bucket that is addressed."""
        asking = Asking(self.principal, action, self.bucket, key, version_id, self.request)
        return self.services.authorizer.decision(asking, self.bucket).is_allowed

    def require_of_owner(
        self, action: str, bucket: BucketRecord, version: VersionRecord | VersionAcl, key: str
    ) -> None:
        """Ask for permission to an object again if it is not its bucket's owner's."""
        if version.owner_id != bucket.owner_id:
            self.services.authorizer.require_of_owner(
                self.principal, action, bucket, key, version.version_id, request=self.request
            )

    def occasion(self, event: str) -> Occasion:
        """This request as what a change is made on."""
        return Occasion(
            event,
            self.principal.access_key_id or "Anonymous",
            self.request.peer,
            self.request.request_id,
            self.services.host_id,
        )

    def owner(self, canonical_id: str) -> Owner:
        """An owner as documents show it."""
        return Owner(id=canonical_id, display_name=self.owner_name(canonical_id))

    def owner_name(self, canonical_id: str) -> str:
        """What an owner is called; nothing where the account is not known."""
        if canonical_id == self.principal.canonical_id:
            return self.principal.display_name
        account = self.services.accounts(canonical_id)
        return account.display_name if account else ""
