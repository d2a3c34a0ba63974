"""Identifiers: random where nobody may guess, in order of time where it helps."""

import base64
import os
import re
import secrets
import uuid

TEMPORARY_PREFIX = "ASIA"
"""What ids of keys begin with that come with a session token, and those of no others."""

_VERSION_ID_LENGTH = 32
_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
# Also what others call versions that are brought here: AWS, Ceph, MinIO (a UUID), Backblaze.
_is_version_id = re.compile(r"[A-Za-z0-9._~-]{16,128}").fullmatch
_is_upload_id = re.compile(r"[0-9a-f]{48}").fullmatch


def request_id() -> str:
    """16 upper-case hexadecimal digits, the form of x-amz-request-id."""
    return os.urandom(8).hex().upper()


def version_id() -> str:
    """32 URL-safe characters that name one version of an object."""
    return _url_safe(24)


def is_version_id(text: str) -> bool:
    """Whether `version_id` could have made it, or another object store."""
    return _is_version_id(text) is not None


def is_short_version_id(text: str) -> bool:
    """Whether it is shorter than what `version_id` makes, and AWS: another store made it."""
    return len(text) < _VERSION_ID_LENGTH


def upload_id(now_ms: int) -> str:
    """48 hexadecimal digits; the ids of one key sort by time of initiation, as AWS lists them."""
    return f"{now_ms:012x}{os.urandom(18).hex()}"


def is_upload_id(text: str) -> bool:
    """Whether `upload_id` could have made it."""
    return _is_upload_id(text) is not None


def configuration_id() -> str:
    """48 characters, base64 of a UUID: what AWS calls rules whose author gave them no name."""
    return base64.b64encode(str(uuid.uuid4()).encode()).decode()


def blob_name(now_ms: int) -> bytes:
    """16 bytes: 6 of time, so that new rows land beside each other, and 10 random ones."""
    return now_ms.to_bytes(6, "big") + os.urandom(10)


def access_key_id() -> str:
    """20 characters in the form of an AWS access key id."""
    return "FRX" + "".join(secrets.choice(_BASE32) for _ in range(17))


def temporary_key_id() -> str:
    """20 characters: the id of a key that works only with its session token."""
    return TEMPORARY_PREFIX + base64.b32encode(os.urandom(10)).decode("ascii")


def secret_access_key() -> str:
    """40 URL-safe characters, 240 bits."""
    return _url_safe(30)


def host_id() -> str:
    """76 characters in the form of x-amz-id-2; one for the life of a server."""
    return base64.b64encode(os.urandom(57)).decode()


def unique_id(prefix: str) -> str:
    """21 characters by which IAM tells apart what bore one name at different times.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html

    prefix   AIDA for a user, AGPA for a group, AROA for a role, ANPA for a managed policy
    """
    return prefix + "".join(secrets.choice(_BASE32) for _ in range(17))


def _url_safe(size_bytes: int) -> str:
    """Random characters; none that a command line would take for the beginning of an option."""
    while (text := secrets.token_urlsafe(size_bytes)).startswith("-"):
        pass
    return text
