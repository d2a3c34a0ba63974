"""The key ring of a server: finds the keys by which stored bytes were and are to be sealed."""

from ferrox import errors
from ferrox.crypto.envelope import KeyEncryptionKey
from ferrox.errors import Fault, InvalidRequest
from ferrox.records import Encryption
from ferrox.storage.keys.server_keys import PREFIX, ServerKeys

SSE_S3 = "AES256"

_NO_KMS = "Encryption with keys of KMS is not implemented"

NO_MASTER_KEY = (
    "Server-side encryption was asked for, but this server has no master key to encrypt with."
)


class Ring:
    """The keys of one server; those of SSE-S3, if it has a master key."""

    def __init__(self, server_keys: ServerKeys | None = None) -> None:
        self.server_keys = server_keys

    def kek(self, kek_id: str, _encryption: Encryption) -> KeyEncryptionKey:
        """The key of this id; Fault says why not."""
        if kek_id.startswith(PREFIX):
            if self.server_keys is None:
                raise Fault(f"something is sealed under {kek_id}; the server needs its master key")
            return self.server_keys.find(kek_id)
        raise Fault(f"{kek_id} is no key of this server")

    def resolve(
        self, algorithm: str, key_id: str = "", context: str = "", *, bucket_key: bool = False
    ) -> Encryption:
        """What is asked for, as it is stored: with the one name of its key. S3Error."""
        del key_id, context, bucket_key
        if algorithm != SSE_S3:
            raise errors.NotImplemented(_NO_KMS)
        if self.server_keys is None:
            raise InvalidRequest(NO_MASTER_KEY)
        return Encryption(algorithm)

    def for_writing(self, encryption: Encryption) -> KeyEncryptionKey:
        """The key that wraps the data keys of what is sealed so from now on."""
        if encryption.sse != SSE_S3:
            raise errors.NotImplemented(_NO_KMS)
        if self.server_keys is None:
            raise InvalidRequest(NO_MASTER_KEY)
        return self.server_keys.current()
