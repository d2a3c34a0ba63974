"""What is carried over of a version besides its bytes: an answer of the source as a write.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html

Some wishes a server may not be able to fulfil: encryption for which it has no key, storage classes
that are another's names. What was once refused is not asked for again, and told in the report.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from ferrox.migration.faults import Refused
from ferrox.protocol import checksums
from ferrox.protocol.etag import quote
from ferrox.protocol.shapes.acl import Grant
from ferrox.protocol.shapes.groups import RepresentationHeaders
from ferrox.protocol.shapes.multipart import CompleteMultipartUploadInput
from ferrox.protocol.shapes.objects import GetObjectOutput, HeadObjectOutput, PutObjectInput
from ferrox.protocol.shapes.tagging import Tag
from ferrox.records import Checksum

Answer = GetObjectOutput | HeadObjectOutput

CHECKSUM_FIELDS = {
    "CRC64NVME": "checksum_crc64_nvme",
    "CRC32C": "checksum_crc32_c",
    "CRC32": "checksum_crc32",
    "SHA256": "checksum_sha256",
    "SHA1": "checksum_sha1",
}
"""Where answers have checksums, the stronger ones of equal cost first."""

ENCRYPTION_CODES = frozenset(
    {
        *("InvalidEncryptionAlgorithmError", "KMS.NotFoundException", "KMS.DisabledException"),
        *("ServerSideEncryptionConfigurationNotFoundError", "KMS.KMSInvalidStateException"),
    }
)
_SPOKEN_OF = "ncryption"
W = TypeVar("W")


class Concessions:
    """What the target cannot do, as it turned out."""

    def __init__(self) -> None:
        self.encryption = False
        self.kms = False
        self.storage_classes: set[str] = set()

    def concede(self, refused: Refused, wish: "Wish") -> str:
        """What is given up after a refusal, in words; "" if it is about something else."""
        if refused.code == "InvalidStorageClass" and wish.storage_class:
            self.storage_classes.add(wish.storage_class)
            return f"storage class {wish.storage_class} is not known at the target: STANDARD"
        is_about = refused.code in ENCRYPTION_CODES or _SPOKEN_OF in str(refused)
        if not wish.encryption or not is_about:
            return ""
        if wish.encryption != "AES256" and not self.kms:
            self.kms = True
            return f"the target cannot encrypt as the source did (aws:kms): {refused}"
        self.encryption = True
        return f"the target does not encrypt as the source did: {refused}"


class Wish:
    """What a write asks for that may be refused."""

    def __init__(self, answer: Answer, concessions: Concessions) -> None:
        storage_class = answer.storage_class or ""
        self.storage_class = "" if storage_class in concessions.storage_classes else storage_class
        sse = answer.server_side_encryption or ""
        if sse.startswith("aws:kms"):
            sse = "AES256" if concessions.kms else "aws:kms"
        self.encryption = "" if concessions.encryption else sse


def write(  # noqa: PLR0917 - one version from all sides
    shape: Callable[..., W],
    bucket: str,
    key: str,
    answer: Answer,
    tags: Sequence[Tag],
    wish: Wish,
    now_ms: int,
    **more: Any,
) -> W:
    """The write that makes a version of what was answered about another.

    shape  PutObjectInput or CreateMultipartUploadInput
    """
    fields: dict[str, Any] = {
        name: value
        for name in RepresentationHeaders.plan.fields
        if name not in {"metadata", "storage_class"} and (value := getattr(answer, name, None))
    }
    if tags:
        fields["tagging"] = urlencode([(tag.key, tag.value) for tag in tags])
    if wish.storage_class:
        fields["storage_class"] = wish.storage_class
    if wish.encryption:
        fields["server_side_encryption"] = wish.encryption
    if answer.object_lock_legal_hold_status:
        fields["object_lock_legal_hold_status"] = answer.object_lock_legal_hold_status
    until_ms = answer.object_lock_retain_until_date
    if answer.object_lock_mode and until_ms is not None and until_ms > now_ms:
        fields["object_lock_mode"] = answer.object_lock_mode
        fields["object_lock_retain_until_date"] = until_ms
    return shape(bucket=bucket, key=key, metadata=answer.metadata, **fields, **more)


def on_condition(args: PutObjectInput | CompleteMultipartUploadInput, replaced: str | None) -> None:
    """Have a write replace nothing but what was seen; see `plan.KeyPlan`."""
    if replaced is not None:
        args.if_none_match = None if replaced else "*"
        args.if_match = quote(replaced) if replaced else None


def checksum_of(answer: Answer) -> Checksum | None:
    """The checksum that a source has of the bytes it answers about."""
    for algorithm, field in CHECKSUM_FIELDS.items():
        value = getattr(answer, field)
        if value is not None:
            default = checksums.COMPOSITE if "-" in value else checksums.FULL_OBJECT
            return Checksum(algorithm, value, answer.checksum_type or default)
    return None


def is_plain(answer: Answer) -> bool:
    """Whether ETags are made of MD5s: not so where KMS or a customer has the key."""
    sse = answer.server_side_encryption or ""
    return not sse.startswith("aws:kms") and answer.sse_customer_algorithm is None


def shared_grants(grants: Sequence[Grant]) -> tuple[dict[str, str], int]:
    """The grants that mean the same everywhere, as header fields, and how many there are beside.

    Those to groups go on; those to accounts name somebody whom the target does not know. What the
    owner has needs no saying.
    """
    fields = {"READ": "grant_read", "READ_ACP": "grant_read_acp", "WRITE_ACP": "grant_write_acp"}
    fields |= {"FULL_CONTROL": "grant_full_control", "WRITE": "grant_write"}
    found: dict[str, list[str]] = {}
    others = 0
    for grant in grants:
        grantee = grant.grantee
        if grantee is not None and grantee.uri and grant.permission in fields:
            found.setdefault(fields[grant.permission], []).append(f'uri="{grantee.uri}"')
        else:
            others += 1
    return {name: ", ".join(uris) for name, uris in found.items()}, others
