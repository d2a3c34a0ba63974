"""Shapes of what is done with keys.

https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html and those of its kind.
"""

from ferrox.protocol.kms import limits
from ferrox.protocol.shape import Shape, member

SYMMETRIC = "SYMMETRIC_DEFAULT"


class Tried(Shape):
    """Whether it is only tried."""

    dry_run: bool = member(default=False)


class EncryptInput(Tried):
    """What to seal under which key."""

    key_id: str = member(limits.KEY_ID)
    plaintext: bytes = member(limits.PLAINTEXT, sensitive=True)
    encryption_context: dict[str, str] | None = member(default=None)
    encryption_algorithm: str = member(default=SYMMETRIC)


class EncryptOutput(Shape):
    """It sealed."""

    ciphertext_blob: bytes = member()
    key_id: str = member()
    encryption_algorithm: str = member(default=SYMMETRIC)


class DecryptInput(Tried):
    """What to open, which names its key itself."""

    ciphertext_blob: bytes = member(limits.BLOB)
    encryption_context: dict[str, str] | None = member(default=None)
    key_id: str | None = member(limits.KEY_ID, default=None)
    encryption_algorithm: str = member(default=SYMMETRIC)
    recipient: dict[str, str] | None = member(default=None)


class DecryptOutput(Shape):
    """It opened."""

    key_id: str = member()
    plaintext: bytes = member(sensitive=True)
    encryption_algorithm: str = member(default=SYMMETRIC)
    key_material_id: str = member()


class ReEncryptInput(Tried):
    """What to open and to seal under another key, without being shown it."""

    ciphertext_blob: bytes = member(limits.BLOB)
    source_encryption_context: dict[str, str] | None = member(default=None)
    source_key_id: str | None = member(limits.KEY_ID, default=None)
    destination_key_id: str = member(limits.KEY_ID)
    destination_encryption_context: dict[str, str] | None = member(default=None)
    source_encryption_algorithm: str = member(default=SYMMETRIC)
    destination_encryption_algorithm: str = member(default=SYMMETRIC)


class ReEncryptOutput(Shape):
    """It sealed anew."""

    ciphertext_blob: bytes = member()
    source_key_id: str = member()
    key_id: str = member()
    source_encryption_algorithm: str = member(default=SYMMETRIC)
    destination_encryption_algorithm: str = member(default=SYMMETRIC)
    source_key_material_id: str = member()
    destination_key_material_id: str = member()


class NewDataKey(Tried):
    """Under which key, and how long."""

    key_id: str = member(limits.KEY_ID)
    encryption_context: dict[str, str] | None = member(default=None)
    number_of_bytes: int | None = member(limits.DATA_KEY_BYTES, default=None)
    key_spec: str | None = member(limits.DATA_KEY_SPEC, default=None)


class GenerateDataKeyInput(NewDataKey):
    """The same, and for whose eyes."""

    recipient: dict[str, str] | None = member(default=None)


class GenerateDataKeyWithoutPlaintextOutput(Shape):
    """A data key, sealed."""

    ciphertext_blob: bytes = member()
    key_id: str = member()
    key_material_id: str = member()


class GenerateDataKeyOutput(GenerateDataKeyWithoutPlaintextOutput):
    """A data key, sealed and as it is."""

    plaintext: bytes = member(sensitive=True)


class GenerateRandomInput(Shape):
    """How many random bytes."""

    number_of_bytes: int | None = member(limits.DATA_KEY_BYTES, default=None)
    custom_key_store_id: str | None = member(default=None)
    recipient: dict[str, str] | None = member(default=None)


class GenerateRandomOutput(Shape):
    """Random bytes."""

    plaintext: bytes = member(sensitive=True)
