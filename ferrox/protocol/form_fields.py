"""What the fields of an upload form mean: a key, the headers of a PutObject, and how to answer.

https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTForms.html

Fields come by lower-case name. A header that goes back to readers of the object must be one: what
would break out of it is refused here, since no parser of HTTP has seen it.
"""

import re
import sys
from collections.abc import Mapping
from typing import Literal, NamedTuple
from urllib.parse import urlencode, urlsplit

from ferrox.errors import InvalidArgument, UserKeyMustBeSpecified
from ferrox.identity import Principal
from ferrox.protocol import decode, etag, tagging, user_metadata, xml
from ferrox.protocol.shapes.object_tagging import ObjectTags

CREATED = 201
NO_CONTENT = 204
SEE_OTHER = 303

_FILE_NAME = "${filename}"
_HEADERS = frozenset(
    {
        "cache-control",
        "content-disposition",
        "content-encoding",
        "content-language",
        "content-md5",
        "content-type",
        "expires",
        "if-match",
        "if-none-match",
    }
)
"""Fields that are headers of a PutObject, beside those whose names begin with x-amz-."""
_OF_SIGNATURE = frozenset(
    {
        "x-amz-algorithm",
        "x-amz-credential",
        "x-amz-date",
        "x-amz-security-token",
        "x-amz-signature",
    }
)
_STATUSES = {"200": 200, "201": CREATED}

_is_token = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+").fullmatch
_control = re.compile("[\x00-\x08\x0a-\x1f\x7f]").search
_is_visible_ascii = re.compile("[!-~]+").fullmatch


class FormGrant(NamedTuple):
    """Who made a form, and how many bytes its file may have; "" signed by nobody."""

    principal: Principal
    signature_version: Literal["AWS4", "AWS", ""] = ""
    least_bytes: int = 0
    most_bytes: int = sys.maxsize


def missing(name: str) -> InvalidArgument:
    """What a form is told that lacks a field."""
    return InvalidArgument(
        f"Bucket POST must contain a field named '{name}'.  "
        "If it is specified, please check the order of the fields.",
        ArgumentName=name,
        ArgumentValue="",
    )


def expanded(fields: Mapping[str, str], file_name: str | None) -> dict[str, str]:
    """The fields with the name of the file in the places that the form leaves for it.

    As recorded of AWS in 2026 they stay as they are in a form that does not name its file.
    """
    if file_name is None:
        return dict(fields)
    return {name: value.replace(_FILE_NAME, file_name) for name, value in fields.items()}


def key_of(fields: Mapping[str, str]) -> str:
    """The key under which the form stores its file."""
    if "key" not in fields:
        raise missing("key")
    if not fields["key"]:
        raise UserKeyMustBeSpecified
    return fields["key"]


def headers_of(fields: Mapping[str, str]) -> dict[str, str]:
    """The headers with which a PutObject would have said the same."""
    headers = {
        name: _checked(name, value)
        for name, value in fields.items()
        if name in _HEADERS or (name.startswith("x-amz-") and name not in _OF_SIGNATURE)
    }
    if "acl" in fields:
        headers["x-amz-acl"] = fields["acl"]
    if "tagging" in fields:
        headers["x-amz-tagging"] = _tags(fields["tagging"])
    return headers


def status_of(fields: Mapping[str, str]) -> int:
    """The status of success; what the form asks for and S3 does not know is 204."""
    return _STATUSES.get(fields.get("success_action_status", ""), NO_CONTENT)


def redirect_of(fields: Mapping[str, str], bucket: str, key: str, entity_tag: str) -> str | None:
    """Where the browser is sent after success; an address that cannot be one is ignored."""
    url = fields.get("success_action_redirect") or fields.get("redirect", "")
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if not _is_visible_ascii(url) or parts.scheme not in {"http", "https"} or not parts.netloc:
        return None
    told = {"bucket": bucket, "key": key, "etag": etag.quote(entity_tag)}
    query = urlencode(told)
    return parts._replace(query=f"{parts.query}&{query}" if parts.query else query).geturl()


def created(location: str, bucket: str, key: str, entity_tag: str) -> bytes:
    """The document of an answer with 201. As on AWS it is in no namespace."""
    elements = {
        "Location": location,
        "Bucket": bucket,
        "Key": key,
        "ETag": etag.quote(entity_tag),
    }
    content = "".join(f"<{tag}>{xml.escape(text)}</{tag}>" for tag, text in elements.items())
    return xml.document("PostResponse", content, namespace="")


def _checked(name: str, value: str) -> str:
    """The value, if name and value can be those of a header; metadata is encoded later."""
    if not _is_token(name):
        raise InvalidArgument(
            "The name of this form field cannot be that of a header", ArgumentName=name
        )
    if not name.startswith(user_metadata.PREFIX) and _control(value):
        raise InvalidArgument(
            "A header value may not contain control characters",
            ArgumentName=name,
            ArgumentValue=value,
        )
    return value


def _tags(document: str) -> str:
    """A document of tags as the header says it."""
    content = xml.parse(document.encode(), "Tagging")
    tags = decode.structure(ObjectTags, content).tag_set
    return urlencode(tagging.from_pairs([(tag.key, tag.value) for tag in tags]))
