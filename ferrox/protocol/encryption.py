"""Server-side encryption as headers ask for it.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/serv-side-encryption.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/specifying-kms-encryption.html

A customer's key is in memory for as long as its request lasts, and nowhere else. What is kept of it
is a fingerprint: an HMAC under the key itself, so that the same key is known again and nothing can
be learnt from it.
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import NamedTuple

from ferrox.errors import InvalidArgument, InvalidEncryptionAlgorithmError, S3Error
from ferrox.records import Encryption

AES256 = "AES256"
KMS = "aws:kms"
DSSE = "aws:kms:dsse"
ALGORITHMS = (AES256, KMS, DSSE)

PREFIX = "x-amz-server-side-encryption"
SOURCE_PREFIX = "x-amz-copy-source-server-side-encryption"
_KMS_HEADERS = (f"{PREFIX}-aws-kms-key-id", f"{PREFIX}-context", f"{PREFIX}-bucket-key-enabled")

_CUSTOMER_HEADERS = {
    prefix: frozenset(f"{prefix}-customer-{part}" for part in ("algorithm", "key", "key-md5"))
    for prefix in (PREFIX, SOURCE_PREFIX)
}

KEY_BYTES = 32
_SALT_DIGITS = 16

_OF_CUSTOMER = "Requests specifying Server Side Encryption with Customer provided keys must provide"


class CustomerKey(NamedTuple):
    """A key that a request brings, and its MD5 as the request has it, in base64."""

    key: bytes
    md5: str

    def __repr__(self) -> str:
        """Show neither: the MD5 of a weak key tells it."""
        return "CustomerKey(…)"

    def fingerprint(self, salt: str) -> str:
        """What may be kept of the key; `salt` is some hexadecimal digits."""
        return salt + hmac.digest(self.key, b"ferrox: fingerprint" + salt.encode(), "sha256").hex()

    def fits(self, fingerprint: str) -> bool:
        """Whether this is the key that a fingerprint was made of."""
        made = self.fingerprint(fingerprint[:_SALT_DIGITS])
        return hmac.compare_digest(made.encode(), fingerprint.encode())


class Asked(NamedTuple):
    """Encryption with keys of the server.

    kms_key_id  id, ARN or alias, "" for the one that is there by default
    context     as one canonical JSON text, "" for none
    bucket_key  None: the request says nothing of it
    """

    algorithm: str
    kms_key_id: str = ""
    context: str = ""
    bucket_key: bool | None = None


def customer_key(headers: Mapping[str, str], prefix: str = PREFIX) -> CustomerKey | None:
    """The key that the request brings, checked; None if it brings none."""
    names = _CUSTOMER_HEADERS[prefix]
    if names.isdisjoint(headers):
        return None
    parts = ("algorithm", "key", "key-md5")
    algorithm, encoded, md5 = (headers.get(f"{prefix}-customer-{part}") for part in parts)
    if not algorithm:
        raise _bad(f"{_OF_CUSTOMER} a valid encryption algorithm.", prefix, "algorithm", "null")
    if algorithm != AES256:
        raise InvalidEncryptionAlgorithmError(
            ArgumentName=f"{prefix}-customer-algorithm", ArgumentValue=algorithm
        )
    if not encoded:
        raise _bad(f"{_OF_CUSTOMER} an appropriate secret key.", prefix, "key", "null")
    if not md5:
        message = f"{_OF_CUSTOMER} the client calculated MD5 of the secret key."
        raise _bad(message, prefix, "key-MD5", "null")
    try:
        key = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        message = "The secret key was invalid for the specified algorithm."
        raise _bad(message, prefix, "key", "null")
    computed = base64.b64encode(hashlib.md5(key, usedforsecurity=False).digest())
    if not hmac.compare_digest(computed, md5.encode("utf-8", "surrogateescape")):
        message = "The calculated MD5 hash of the key did not match the hash that was provided."
        raise _bad(message, prefix, "key-MD5", md5)
    return CustomerKey(key, md5)


def asked(headers: Mapping[str, str]) -> Asked | None:
    """The encryption with keys of the server that the request asks for; None for none."""
    algorithm = headers.get(PREFIX)
    if algorithm is None:
        for name in _KMS_HEADERS[:2]:
            if name in headers:
                raise _needs_kms(name, headers[name])
        return None
    if algorithm not in ALGORITHMS:
        raise InvalidArgument(
            "The encryption method specified is not supported",
            ArgumentName=PREFIX,
            ArgumentValue=algorithm,
        )
    if algorithm == AES256:
        for name in _KMS_HEADERS[:2]:
            if name in headers:
                raise _needs_kms(name, headers[name])
        return Asked(AES256)
    key_id, context, bucket_key = (headers.get(name) for name in _KMS_HEADERS)
    return Asked(algorithm, key_id or "", _context(context), _switch(bucket_key))


def tells_md5(sealed: Encryption | None) -> bool:
    """Whether the entity tag of bytes that are sealed so is their MD5.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
    """
    return sealed is None or sealed.sse == AES256


def new_salt(random: bytes) -> str:
    """The salt of a fingerprint, out of random bytes."""
    return random.hex()[:_SALT_DIGITS]


def _context(encoded: str | None) -> str:
    """The encryption context: base64 of a flat JSON object of strings."""
    if not encoded:
        return ""
    try:
        context = json.loads(base64.b64decode(encoded, validate=True))
        json.dumps(context, ensure_ascii=False).encode()  # half of a surrogate pair is no character
    except (binascii.Error, ValueError, RecursionError):
        context = None
    is_flat = isinstance(context, dict) and all(isinstance(one, str) for one in context.values())
    if not is_flat:
        raise InvalidArgument(
            "The header 'x-amz-server-side-encryption-context' shall be Base64-encoded UTF-8 "
            "string holding JSON which represents a string-string map",
            ArgumentName=f"{PREFIX}-context",
            ArgumentValue=encoded,
        )
    return json.dumps(context, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _switch(text: str | None) -> bool | None:
    if text is None:
        return None
    if text.lower() not in {"true", "false"}:
        raise InvalidArgument(ArgumentName=_KMS_HEADERS[2], ArgumentValue=text)
    return text.lower() == "true"


def _needs_kms(name: str, value: str) -> S3Error:
    return InvalidArgument(
        "Server Side Encryption with AWS KMS managed key requires HTTP header "
        "x-amz-server-side-encryption : aws:kms",
        ArgumentName=name,
        ArgumentValue=value,
    )


def _bad(message: str, prefix: str, part: str, value: str) -> S3Error:
    return InvalidArgument(message, ArgumentName=f"{prefix}-customer-{part}", ArgumentValue=value)
