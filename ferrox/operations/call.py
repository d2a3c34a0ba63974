"""What a handler may use: the store, the caller, the bucket, the body."""

from collections.abc import Callable
from dataclasses import dataclass, field

from ferrox.clock import Clock
from ferrox.errors import NoSuchBucket
from ferrox.iam.authorizer import Authorizer
from ferrox.operations.configurations import Configurations
from ferrox.operations.payload import Payload
from ferrox.protocol.message import Request
from ferrox.protocol.shape import S
from ferrox.records import BucketRecord, Principal
from ferrox.storage.store import Store


@dataclass(slots=True)
class Services:
    """What lives as long as the server."""

    store: Store
    authorizer: Authorizer
    clock: Clock
    region: str
    is_event_target: Callable[[str], bool] = field(default=lambda _arn: False)
    """Whether an ARN names somebody who can be told of events."""
    _configurations: Configurations = field(default_factory=Configurations, init=False)

    def configuration(self, bucket: BucketRecord, shape: type[S]) -> S | None:
        """The document of this shape that a bucket is configured with; not to be changed."""
        document = self.store.bucket_document(bucket, shape.stored_as)
        return None if document is None else self._configurations.shaped(bucket, shape, document)


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

    def configuration(self, shape: type[S]) -> S | None:
        """The document of this shape that the addressed bucket has; not to be changed."""
        return self.services.configuration(self.bucket, shape)

    def require(self, action: str, bucket: BucketRecord, key: str = "") -> None:
        """Ask for one more permission, beyond the operation's own."""
        self.services.authorizer.require(self.principal, action, bucket, key)
