"""Sealing by jobs: how a bucket wants what is written into it without any request.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-bucket-encryption.html
"""

from collections.abc import Callable
from typing import Protocol

from ferrox.clock import Clock
from ferrox.crypto.envelope import KeyEncryptionKey
from ferrox.identity import Account
from ferrox.protocol import encryption
from ferrox.protocol.documents.encryption import by_default
from ferrox.protocol.encryption import Asked
from ferrox.protocol.plain import from_plain
from ferrox.protocol.shapes.encryption import ServerSideEncryptionConfiguration
from ferrox.records import BucketRecord, Encryption
from ferrox.storage.keys.ring import Ring
from ferrox.storage.store import Store


class Rules(Protocol):
    """How a server encrypts."""

    @property
    def keys(self) -> Ring:
        """Those that it has."""
        ...

    @property
    def mode(self) -> str:
        """What it does unasked: nothing, where it is optional."""
        ...


class Server(Protocol):
    """What sealing takes of a server."""

    @property
    def store(self) -> Store:
        """Its data."""
        ...

    @property
    def clock(self) -> Clock:
        """Its time."""
        ...

    @property
    def accounts(self) -> Callable[[str], Account | None]:
        """The account of an owner."""
        ...

    @property
    def encryption(self) -> Rules:
        """Its rules."""
        ...


class Sealing:
    """How jobs of one server seal.

    account_of        the account of an owner, whose keys of KMS its buckets mean
    encrypts_unasked  whether what no bucket asks to have encrypted is encrypted all the same
    """

    def __init__(
        self,
        store: Store,
        keys: Ring,
        clock: Clock,
        account_of: Callable[[str], Account | None],
        *,
        encrypts_unasked: bool,
    ) -> None:
        self._store = store
        self._keys = keys
        self._clock = clock
        self._account_of = account_of
        self._encrypts_unasked = encrypts_unasked

    def of_bucket(self, bucket: BucketRecord) -> Encryption | None:
        """How a bucket wants it, or else the server. S3Error when that cannot be obeyed."""
        document = self._store.bucket_document(bucket, ServerSideEncryptionConfiguration.stored_as)
        configured = document and from_plain(ServerSideEncryptionConfiguration, document)
        asked = by_default(configured or None)
        if asked is None and self._encrypts_unasked:
            asked = Asked(encryption.AES256)
        return None if asked is None else self.asked(bucket, asked)

    def asked(self, bucket: BucketRecord, asked: Asked) -> Encryption:
        """What is asked for on behalf of the owner of a bucket, as it is stored. S3Error."""
        account = self._account_of(bucket.owner_id)
        return self._keys.resolve(
            asked.algorithm,
            asked.kms_key_id,
            asked.context,
            bucket_key=bool(asked.bucket_key) and asked.algorithm == encryption.KMS,
            account_id=account.account_id if account else "",
            now_ms=self._clock.now_ms(),
        )

    def kek(self, wanted: Encryption | None) -> KeyEncryptionKey | None:
        """The key that it comes under. S3Error."""
        return None if wanted is None else self._keys.for_writing(wanted)


def sealing_of(server: Server) -> Sealing:
    """How jobs of a server seal."""
    rules = server.encryption
    return Sealing(
        server.store,
        rules.keys,
        server.clock,
        server.accounts,
        encrypts_unasked=rules.mode != "optional",
    )
