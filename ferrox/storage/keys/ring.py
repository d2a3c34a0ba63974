"""The key ring of a server: finds the keys by which stored bytes were and are to be sealed."""

from collections.abc import Iterator
from contextlib import contextmanager

from ferrox.crypto.envelope import KeyEncryptionKey
from ferrox.errors import Fault, InvalidRequest, S3Error, ServiceUnavailable
from ferrox.kms_errors import NotFound, through_s3
from ferrox.records import Encryption
from ferrox.storage.keys import kms_keys
from ferrox.storage.keys.kms_keys import S3_ALIAS, KmsKeys
from ferrox.storage.keys.kms_records import KmsKey
from ferrox.storage.keys.server_keys import PREFIX, ServerKeys

SSE_S3 = "AES256"

NO_MASTER_KEY = (
    "Server-side encryption was asked for, but this server has no master key to encrypt with: it "
    "was started without --sse-master-key-file."
)


class Ring:
    """The keys of one server; it has some of both kinds, or, without a master key, of none."""

    def __init__(
        self, server_keys: ServerKeys | None = None, kms_keys: KmsKeys | None = None
    ) -> None:
        self.server_keys = server_keys
        self.kms_keys = kms_keys

    def kek(self, kek_id: str, encryption: Encryption) -> KeyEncryptionKey:
        """The key of this id; S3Error or Fault says why not."""
        if kek_id.startswith(PREFIX) and self.server_keys is not None:
            return self.server_keys.find(kek_id)
        if kek_id.startswith(kms_keys.PREFIX) and self.kms_keys is not None:
            with _told_by_s3():
                return self.kms_keys.kek(kek_id, encryption.context)
        if kek_id.startswith((PREFIX, kms_keys.PREFIX)):
            raise Fault(f"something is sealed under {kek_id}; the server needs its master key")
        raise Fault(f"{kek_id} is no key of this server")

    def require_fresh(self, kek_id: str, now_ms: int) -> None:
        """Refuse to name bytes under a key that is about to be removed: ServiceUnavailable."""
        keys = self.server_keys
        if keys and kek_id.startswith(PREFIX) and not keys.may_be_named(kek_id, now_ms):
            raise ServiceUnavailable("The key of this request is out of use. Please try again.")

    def resolve(
        self,
        algorithm: str,
        key_id: str = "",
        context: str = "",
        *,
        bucket_key: bool = False,
        account_id: str = "",
        now_ms: int = 0,
    ) -> Encryption:
        """What is asked for, as it is stored: with the one name of its key. S3Error.

        account_id  whose keys are meant by an id or alias, or by nothing at all
        """
        self.require(algorithm)
        if algorithm == SSE_S3:
            return Encryption(algorithm)
        keys = self._kms_keys()
        with _told_by_s3():
            is_default = key_id in {"", S3_ALIAS} or key_id.endswith(f":{account_id}:{S3_ALIAS}")
            key = keys.s3_key(account_id, now_ms) if is_default else keys.find(account_id, key_id)
            keys.require_usable(key)
        return Encryption(algorithm, keys.arn(key), context, bucket_key)

    def require(self, algorithm: str) -> None:
        """Refuse what the server cannot encrypt with at all: InvalidRequest."""
        if (self.server_keys if algorithm == SSE_S3 else self.kms_keys) is None:
            raise InvalidRequest(NO_MASTER_KEY)

    def for_writing(self, encryption: Encryption) -> KeyEncryptionKey:
        """The key that wraps the data keys of what is sealed so from now on."""
        self.require(encryption.sse)
        if encryption.sse == SSE_S3 and self.server_keys is not None:
            return self.server_keys.current()
        key = self.kms_key(encryption)
        return self._kms_keys().current(key, encryption.context)

    def kms_key(self, encryption: Encryption) -> KmsKey:
        """The key of KMS that something is sealed under, if it can be used; S3Error.

        Its id is what counts: ARNs of a time when the server was said to be in another region do.
        """
        keys = self._kms_keys()
        key = keys.key(encryption.key_id.rpartition("/")[2])
        with _told_by_s3():
            if key is None:
                raise NotFound(f"Key '{encryption.key_id}' does not exist")
            keys.require_usable(key)
        return key

    def _kms_keys(self) -> KmsKeys:
        if self.kms_keys is None:
            raise InvalidRequest(NO_MASTER_KEY)
        return self.kms_keys


@contextmanager
def _told_by_s3() -> Iterator[None]:
    """A block whose refusals are those that S3 passes on."""
    try:
        yield
    except S3Error as refusal:
        raise through_s3(refusal) from None
