"""Provenance: what a version that was made elsewhere keeps when it is brought here.

A migration (`ferroxd migrate`) copies versions from another object store. S3 gives what is written
the time of writing, an id and an ETag of its own; clients that remember ids, rules that go by age
and tools that compare times need those that a version had. So PutObject, CreateMultipartUpload and
DeleteObject (for a delete marker) take them as query parameters:

    ferrox-modified     when it was made, in ISO 8601
    ferrox-version-id   its id; only where the bucket keeps versions
    ferrox-etag         its ETag, without quotes

They are in the query because Signature Version 4 covers all of it; no other signature does, nor is
one in the query enough, as such an address is handed on. Only the operator may say such things:
the root of the first account.
"""

import re
from typing import NamedTuple

from ferrox import ids
from ferrox.errors import AccessDenied, InvalidArgument
from ferrox.operations.call import Call
from ferrox.protocol import dates
from ferrox.records import NULL_VERSION

MODIFIED = "ferrox-modified"
VERSION_ID = "ferrox-version-id"
ETAG = "ferrox-etag"

_PARAMETERS = frozenset({MODIFIED, VERSION_ID, ETAG})
_is_etag = re.compile(r"[!#-~]{1,128}").fullmatch


class Provenance(NamedTuple):
    """What a version keeps; empty, it is made here and now.

    modified_ms  0: it is made here
    """

    modified_ms: int = 0
    version_id: str = ""
    etag: str = ""


HERE = Provenance()


def claimed(call: Call) -> Provenance:
    """What the request says of the version that it brings, if it may say anything."""
    if not call.request.query_string or _PARAMETERS.isdisjoint(call.request.query):
        return HERE
    facts, query = call.request.facts, call.request.query
    signed_by = facts.get("signature_version"), facts.get("auth_type")
    if signed_by != ("AWS4", "header") or not call.services.is_operator(call.principal):
        raise AccessDenied("Only the operator brings versions that were made elsewhere.")
    modified_ms = dates.parse_iso8601(query.get(MODIFIED, ""))
    if modified_ms is None or not 0 < modified_ms <= call.services.clock.now_ms():
        raise _invalid(query, MODIFIED, "must be an instant of the past in ISO 8601")
    version_id = query.get(VERSION_ID, "")
    if version_id and version_id != NULL_VERSION and not ids.is_version_id(version_id):
        raise _invalid(query, VERSION_ID, "is no version id that can be kept")
    etag = query.get(ETAG, "")
    if etag and not _is_etag(etag):
        raise _invalid(query, ETAG, "is no ETag that can be kept")
    return Provenance(modified_ms, version_id, etag)


def _invalid(query: dict[str, str], name: str, why: str) -> InvalidArgument:
    return InvalidArgument(f"{name} {why}", ArgumentName=name, ArgumentValue=query.get(name, ""))
