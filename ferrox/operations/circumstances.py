"""Circumstances: the condition keys of a request, worked out when a policy asks for them.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/list_amazons3.html (condition keys of S3)
https://docs.aws.amazon.com/AmazonS3/latest/userguide/tagging-and-policies.html

Keys have their names in lower case, but for the names of tags, which policies spell as they are;
what a policy writes is put into lower case whole, so tags are looked up without regard to case.

An upload in parts is held to the same conditions from its beginning to its end, though what they
ask about is said at the beginning only: the parts and the end count as saying it, too.
"""

from collections.abc import Callable, Container, Mapping
from typing import NamedTuple

from ferrox.clock import Clock
from ferrox.errors import S3Error
from ferrox.iam.asking import Asking
from ferrox.identity import Principal
from ferrox.operations.caller_keys import CallerKeys, Found
from ferrox.protocol import copy_source, dates, tagging
from ferrox.protocol.message import Request
from ferrox.storage.store import Store

EXISTING_TAG = "s3:existingobjecttag/"
REQUEST_TAG = "s3:requestobjecttag/"

_MS_PER_DAY = 24 * 60 * 60 * 1000

_QUERIES = {
    "s3:prefix": "prefix",
    "s3:delimiter": "delimiter",
    "s3:max-keys": "max-keys",
}
_SENDER = {
    "aws:referer": "referer",
    "aws:useragent": "user-agent",
}
"""Of who sends a request, whatever that says."""
_HEADERS = {
    "s3:if-match": "if-match",
    "s3:if-none-match": "if-none-match",
    "s3:object-lock-legal-hold": "x-amz-object-lock-legal-hold",
    "s3:object-lock-mode": "x-amz-object-lock-mode",
    "s3:object-lock-retain-until-date": "x-amz-object-lock-retain-until-date",
}
"""Keys whose names differ from that of the header they stand for."""

_OF_UPLOADS = frozenset(
    {
        *("x-amz-acl", "x-amz-grant-full-control", "x-amz-grant-read", "x-amz-grant-read-acp"),
        *("x-amz-grant-write", "x-amz-grant-write-acp", "x-amz-storage-class", "x-amz-tagging"),
        *("x-amz-object-lock-legal-hold", "x-amz-object-lock-mode"),
        *("x-amz-object-lock-retain-until-date", "x-amz-server-side-encryption"),
        *("x-amz-server-side-encryption-aws-kms-key-id", "x-amz-website-redirect-location"),
        *("if-match", "if-none-match"),
    }
)
"""Headers that begin an upload and cannot come with its parts. Keys of customers come with each."""

_PARTS = frozenset({"UploadPart", "UploadPartCopy"})
_GOING_ON = _PARTS | {"CompleteMultipartUpload"}
_MAKING_NOTHING_YET = _PARTS | {"CreateMultipartUpload"}


def said_of_upload(headers: Mapping[str, str]) -> dict[str, str]:
    """What conditions may ask about an upload that begins, as long as it goes on."""
    return {name: headers[name] for name in sorted(_OF_UPLOADS & headers.keys())}


class Surroundings(NamedTuple):
    """Where requests are looked up and judged.

    find_tags  those of a caller
    """

    store: Store
    clock: Clock
    region: str = ""
    find_tags: Callable[[Principal], Mapping[str, str]] = lambda _principal: {}


class Circumstances:
    """What is known of one request. It holds for as long as the request is being answered."""

    __slots__ = ("_asking", "_caller", "_clock", "_request", "_store", "_surroundings")

    def __init__(self, surroundings: Surroundings, request: Request, asking: Asking) -> None:
        self._surroundings = surroundings
        self._store = surroundings.store
        self._clock = surroundings.clock
        self._request = request
        self._asking = asking
        self._caller = CallerKeys(asking.principal, surroundings.clock, surroundings.find_tags)

    def get(self, key: str, /) -> Found:
        """The values of a key; None if the request has none."""
        work_out = _KNOWN.get(key)
        if work_out is not None:
            return work_out(self)
        if key in _QUERIES:
            found = self._request.query.get(_QUERIES[key])
            return None if found is None else (found,)  # an empty prefix is one, too
        if key in _SENDER:
            return _one(self._request.headers.get(_SENDER[key]))
        if key in _HEADERS:
            return _one(self._said(_HEADERS[key]))
        if key.startswith(EXISTING_TAG):
            return _one(_lower(self._existing_tags()).get(key.removeprefix(EXISTING_TAG)))
        if key.startswith(REQUEST_TAG):
            return _one(_lower(self._request_tags()).get(key.removeprefix(REQUEST_TAG)))
        if key.startswith("s3:x-amz-"):
            return _one(self._header(key.removeprefix("s3:")))
        return self._request.values.get(key) or self._caller.get(key)

    def _said(self, header: str) -> str | None:
        """A header, or what a document says in its place."""
        stated = self._request.stated
        return stated.get(header) if stated else self._header(header)

    def _header(self, name: str) -> str | None:
        """A header of the request, or else of the one that began the upload it belongs to."""
        found = self._request.headers.get(name)
        if found is not None or name not in _OF_UPLOADS or not self._is_writing(_GOING_ON):
            return found
        _, _, bucket, key, _, _ = self._asking
        upload_id = self._request.query.get("uploadId", "")
        return bucket and self._store.said_of_upload(bucket, key, upload_id).get(name)

    def _is_writing(self, operations: Container[str]) -> bool:
        """Whether this is about the object that one of these operations writes."""
        asked = self._asking.action == "s3:PutObject"
        return asked and self._request.facts.get("operation") in operations

    def _existing_tags(self) -> dict[str, str]:
        _, _, bucket, key, version_id, _ = self._asking
        if bucket is None or not key:
            return {}
        version = self._store.version(bucket, key, version_id)
        return {} if version is None else version.tags

    def _request_tags(self) -> dict[str, str]:
        try:
            return tagging.parse_tagging_header(self._said("x-amz-tagging"))
        except S3Error:  # the operation will say what is wrong with them
            return {}

    def _source_ip(self) -> Found:
        return _one(self._request.peer)

    def _is_secure(self) -> Found:
        return ("true" if self._request.is_secure else "false",)

    def _tls_version(self) -> Found:
        tls = self._request.tls
        return None if tls is None else (tls.version.removeprefix("TLSv"),)

    def _now(self) -> Found:
        return (dates.iso8601_seconds(self._clock.now_ms()),)

    def _epoch_s(self) -> Found:
        return (str(self._clock.now_ms() // 1000),)

    def _region(self) -> Found:
        return _one(self._surroundings.region)

    def _resource_account(self) -> Found:
        """Of what is not in a bucket, as the operation says; or else the caller's own."""
        bucket = self._asking.bucket
        if bucket is None:
            said = self._request.values.get("aws:resourceaccount")
            return said or _one(self._asking.principal.account_id)
        account = self._store.identities.account_of(bucket.owner_id)
        return None if account is None else (account.account_id,)

    def _signature_version(self) -> Found:
        version = self._request.facts.get("signature_version")
        return _one(_ALGORITHMS.get(version or "", version))

    def _signature_age_ms(self) -> Found:
        if self._request.facts.get("signature_version") not in _ALGORITHMS:
            return None
        at = self._request.query.get("X-Amz-Date") or self._request.headers.get("x-amz-date")
        at_ms = dates.parse_iso8601(at or "")
        return None if at_ms is None else (str(max(0, self._clock.now_ms() - at_ms)),)

    def _auth_type(self) -> Found:
        kind = self._request.facts.get("auth_type")
        return _one({"header": "REST-HEADER", "query": "REST-QUERY-STRING"}.get(kind or "", kind))

    def _remaining_retention_days(self) -> Found:
        """Days that have begun count: what is retained for ten days from now has ten."""
        until_ms = dates.parse_iso8601(self._said("x-amz-object-lock-retain-until-date") or "")
        if until_ms is None:
            return None
        return (str(-(-(until_ms - self._clock.now_ms()) // _MS_PER_DAY)),)

    def _version_id(self) -> Found:
        # Not that of the query: a list of keys and the source of a copy name versions, too.
        return _one(self._asking.version_id)

    def _copy_source(self) -> Found:
        """Bucket and key, however they are spelt: a denial must not hang on a slash."""
        header = self._request.headers.get("x-amz-copy-source")
        if header is None:
            return None
        try:
            named = copy_source.parse(header)
        except S3Error:  # the operation will say what is wrong with it
            return _one(header)
        return (f"{named.bucket}/{named.key}",)

    def _is_creation(self) -> Found:
        if self._asking.action != "s3:PutObject":
            return None
        return ("false" if self._is_writing(_MAKING_NOTHING_YET) else "true",)

    def _request_tag_keys(self) -> Found:
        return tuple(self._request_tags()) or None


_ALGORITHMS = {"AWS4": "AWS4-HMAC-SHA256", "AWS4A": "AWS4-ECDSA-P256-SHA256"}

_KNOWN: dict[str, Callable[[Circumstances], Found]] = {
    "aws:currenttime": Circumstances._now,
    "aws:epochtime": Circumstances._epoch_s,
    "aws:requestedregion": Circumstances._region,
    "aws:resourceaccount": Circumstances._resource_account,
    "aws:securetransport": Circumstances._is_secure,
    "aws:sourceip": Circumstances._source_ip,
    "s3:authtype": Circumstances._auth_type,
    "s3:object-lock-remaining-retention-days": Circumstances._remaining_retention_days,
    "s3:resourceaccount": Circumstances._resource_account,
    "s3:objectcreationoperation": Circumstances._is_creation,
    "s3:requestobjecttagkeys": Circumstances._request_tag_keys,
    "s3:signatureage": Circumstances._signature_age_ms,
    "s3:signatureversion": Circumstances._signature_version,
    "s3:tlsversion": Circumstances._tls_version,
    "s3:versionid": Circumstances._version_id,
    "s3:x-amz-copy-source": Circumstances._copy_source,
}


def _one(value: str | None) -> Found:
    return (value,) if value else None


def _lower(tags: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in tags.items()}
