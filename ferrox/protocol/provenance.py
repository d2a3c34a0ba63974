"""Provenance on the wire: what a version that was made elsewhere keeps when it is brought here.

S3 gives what is written the time of writing, an id and an ETag of its own. Clients that remember
ids, rules that go by age and tools that compare times need those that a version had. So PutObject,
CreateMultipartUpload and DeleteObject (for a delete marker) take them as query parameters, which
are no part of S3:

    ferrox-modified     when it was made, in ISO 8601
    ferrox-version-id   its id; only where the bucket keeps versions
    ferrox-etag         its ETag, without quotes
    ferrox-follows      the id of the version that it came after, where that is younger by its time

Who may say so is in operations/provenance.py; who does is `ferroxd migrate`.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from ferrox import ids
from ferrox.errors import InvalidArgument
from ferrox.protocol.dates import parse_iso8601
from ferrox.records import NULL_VERSION

MODIFIED = "ferrox-modified"
VERSION_ID = "ferrox-version-id"
ETAG = "ferrox-etag"
FOLLOWS = "ferrox-follows"
PARAMETERS = frozenset({MODIFIED, VERSION_ID, ETAG, FOLLOWS})

MOST_AHEAD_MS = 900_000
"""How far another's clock may be ahead of ours, as in signatures."""

_is_etag = re.compile(r"[!#-~]{1,128}").fullmatch


class Provenance(NamedTuple):
    """What a version keeps; "" is given anew.

    modified_ms  0: it is made here and now, and keeps nothing
    follows      "": its time says where it belongs among the versions of its key
    """

    modified_ms: int = 0
    version_id: str = ""
    etag: str = ""
    follows: str = ""


HERE = Provenance()


def read(query: Mapping[str, str], now_ms: int) -> Provenance:
    """What a query says of a version. InvalidArgument"""
    modified_ms = parse_iso8601(query.get(MODIFIED, ""))
    if modified_ms is None or not 0 < modified_ms <= now_ms + MOST_AHEAD_MS:
        raise _invalid(query, MODIFIED, "must be an instant of the past in ISO 8601")
    for name in (VERSION_ID, FOLLOWS):
        if query.get(name) and not keeps_id(query[name]):
            raise _invalid(query, name, "is no version id that can be kept")
    etag = query.get(ETAG, "")
    if etag and not keeps_etag(etag):
        raise _invalid(query, ETAG, "is no ETag that can be kept")
    return Provenance(modified_ms, query.get(VERSION_ID, ""), etag, query.get(FOLLOWS, ""))


def parameters(said: Provenance) -> dict[str, str]:
    """The query that says it; what cannot be kept is left out."""
    at = datetime.fromtimestamp(said.modified_ms / 1000, UTC).isoformat(timespec="milliseconds")
    query = {MODIFIED: at.replace("+00:00", "Z")}
    if said.version_id and keeps_id(said.version_id):
        query[VERSION_ID] = said.version_id
    if said.follows and keeps_id(said.follows):
        query[FOLLOWS] = said.follows
    if said.etag and keeps_etag(said.etag):
        query[ETAG] = said.etag
    return query


def keeps_id(version_id: str) -> bool:
    """Whether a version can have this id here, too."""
    return version_id == NULL_VERSION or ids.is_version_id(version_id)


def keeps_etag(etag: str) -> bool:
    """Whether a version can have this ETag here, too."""
    return _is_etag(etag) is not None


def _invalid(query: Mapping[str, str], name: str, why: str) -> InvalidArgument:
    return InvalidArgument(f"{name} {why}", ArgumentName=name, ArgumentValue=query.get(name, ""))
