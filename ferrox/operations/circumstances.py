"""Circumstances: the condition keys of a request, worked out when a policy asks for them.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/list_amazons3.html (condition keys of S3)
https://docs.aws.amazon.com/AmazonS3/latest/userguide/tagging-and-policies.html

Keys have their names in lower case, but for the names of tags, which policies spell as they are;
what a policy writes is put into lower case whole, so tags are looked up without regard to case.
"""

from collections.abc import Callable

from ferrox.clock import Clock
from ferrox.errors import S3Error
from ferrox.iam.authorizer import Asking
from ferrox.protocol import dates, tagging
from ferrox.protocol.message import Request
from ferrox.storage.store import Store

Found = tuple[str, ...] | None

EXISTING_TAG = "s3:existingobjecttag/"
REQUEST_TAG = "s3:requestobjecttag/"

_MS_PER_DAY = 24 * 60 * 60 * 1000

_QUERIES = {
    "s3:prefix": "prefix",
    "s3:delimiter": "delimiter",
    "s3:max-keys": "max-keys",
}
_HEADERS = {
    "aws:referer": "referer",
    "aws:useragent": "user-agent",
    "s3:if-match": "if-match",
    "s3:if-none-match": "if-none-match",
    "s3:object-lock-legal-hold": "x-amz-object-lock-legal-hold",
    "s3:object-lock-mode": "x-amz-object-lock-mode",
    "s3:object-lock-retain-until-date": "x-amz-object-lock-retain-until-date",
}
"""Keys whose names differ from that of the header they stand for."""


class Circumstances:
    """What is known of one request. It holds for as long as the request is being answered."""

    def __init__(self, store: Store, clock: Clock, request: Request, asking: Asking) -> None:
        self._store = store
        self._clock = clock
        self._request = request
        self._asking = asking
        self._principal = asking.principal

    def get(self, key: str, /) -> Found:
        """The values of a key; None if the request has none."""
        work_out = _KNOWN.get(key)
        if work_out is not None:
            return work_out(self)
        if key in _QUERIES:
            found = self._request.query.get(_QUERIES[key])
            return None if found is None else (found,)  # an empty prefix is one, too
        if key in _HEADERS:
            return _one(self._said(_HEADERS[key]))
        if key.startswith(EXISTING_TAG):
            return _one(_lower(self._existing_tags()).get(key.removeprefix(EXISTING_TAG)))
        if key.startswith(REQUEST_TAG):
            return _one(_lower(self._request_tags()).get(key.removeprefix(REQUEST_TAG)))
        if key.startswith("s3:x-amz-"):
            return _one(self._request.headers.get(key.removeprefix("s3:")))
        return None

    def _said(self, header: str) -> str | None:
        """A header, or what a document says in its place."""
        return (self._request.stated or self._request.headers).get(header)

    def _existing_tags(self) -> dict[str, str]:
        _, _, bucket, key, version_id, _ = self._asking
        if not key:
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

    def _now(self) -> Found:
        return (str(self._clock.now_ms() // 1000),)

    def _principal_account(self) -> Found:
        return _one(self._principal.account_id)

    def _principal_arn(self) -> Found:
        return None if self._principal.is_anonymous else (self._principal.arn,)

    def _principal_type(self) -> Found:
        return ("Anonymous" if self._principal.is_anonymous else "Account",)

    def _user_id(self) -> Found:
        return _one(self._principal.account_id)

    def _signature_version(self) -> Found:
        version = self._request.facts.get("signature_version")
        return _one({"AWS4": "AWS4-HMAC-SHA256"}.get(version or "", version))

    def _signature_age_ms(self) -> Found:
        if self._request.facts.get("signature_version") != "AWS4":
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

    def _request_tag_keys(self) -> Found:
        return tuple(self._request_tags()) or None


_KNOWN: dict[str, Callable[[Circumstances], Found]] = {
    "aws:currenttime": Circumstances._now,
    "aws:epochtime": Circumstances._now,
    "aws:principalaccount": Circumstances._principal_account,
    "aws:principalarn": Circumstances._principal_arn,
    "aws:principaltype": Circumstances._principal_type,
    "aws:securetransport": Circumstances._is_secure,
    "aws:sourceip": Circumstances._source_ip,
    "aws:userid": Circumstances._user_id,
    "s3:authtype": Circumstances._auth_type,
    "s3:object-lock-remaining-retention-days": Circumstances._remaining_retention_days,
    "s3:requestobjecttagkeys": Circumstances._request_tag_keys,
    "s3:signatureage": Circumstances._signature_age_ms,
    "s3:signatureversion": Circumstances._signature_version,
    "s3:versionid": Circumstances._version_id,
}


def _one(value: str | None) -> Found:
    return (value,) if value else None


def _lower(tags: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in tags.items()}
