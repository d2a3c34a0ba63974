"""Request and Response as plain data: what the gateway hands in and gets back.

Header names are lower case; a header sent more than once has its values joined by "," as RFC 9110
5.3 allows. Paths and query strings stay exactly as they were sent: a signature covers those bytes.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from ferrox.decision import Decision
from ferrox.errors import InvalidURI
from ferrox.identity import Principal
from ferrox.records import BucketRecord

Body = AsyncIterator[bytes]

HTTP_1_1 = "HTTP/1.1"

_SHORT = {"commonName": "CN", "organizationalUnitName": "OU", "organizationName": "O"}


async def no_body() -> Body:
    """The body of a request that has none."""
    return
    yield b""  # makes this function an asynchronous generator


def decode_component(raw: str) -> str:
    """Percent-decode one path or query component; it must be UTF-8."""
    if "%" not in raw and raw.isascii():
        return raw
    try:
        return unquote_to_bytes(raw.encode("utf-8", "surrogateescape")).decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidURI(URI=raw.encode("utf-8", "replace").decode()) from None


class Tls(NamedTuple):
    """How a request was protected on its way.

    version  TLSv1.2 or TLSv1.3
    cipher   as OpenSSL and the logs of AWS call it
    subject  of the client's certificate, attribute and value as Python's ssl calls them; () without
    """

    version: str
    cipher: str
    subject: tuple[tuple[str, str], ...] = ()

    @property
    def client(self) -> str:
        """Who the client is, on one line: `OU=operators,CN=alice`."""
        return ",".join(f"{_SHORT.get(name, name)}={value}" for name, value in self.subject)


class Removal(NamedTuple):
    """What became of one key of a request that removes many; no code means success."""

    key: str
    version_id: str | None
    error_code: str = ""


class Copied(NamedTuple):
    """What a request copied from; no version id means the current one."""

    bucket: BucketRecord
    key: str
    version_id: str | None
    size_bytes: int


@dataclass
class Request:
    """One HTTP request.

    path           raw path as sent, without the query string; begins with "/"
    query_string   raw query as sent, without the "?"
    peer           address of the caller, for logs
    tls            how it came; None when it came in the open
    facts          what the access log is told: operation, bucket, key, access_key_id,
                   signature_version, auth_type, error_code, acl_required
    principal      who asks, once that is known; for logs, as is what follows
    bucket         what is asked about, once it has been looked up
    removals       what became of the keys of a request that removes many
    copied         what was copied from, once the caller has been let read it
    stated         headers that a document stands for; where there are any, these count
    decision       why the caller was refused, if permission was what was missing
    values         condition keys, in lower case, that only the operation knows
    remembered     what the authorizer found out about the caller, for its next question
    version        of HTTP, for logs
    meter          is told of the bytes of the answer, where somebody has only so many
    """

    method: str
    path: str
    query_string: str
    headers: dict[str, str]
    body: Body = field(default_factory=no_body)
    peer: str = ""
    tls: Tls | None = None
    request_id: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    principal: Principal | None = None
    bucket: BucketRecord | None = None
    removals: Sequence[Removal] = ()
    copied: Copied | None = None
    stated: dict[str, str] = field(default_factory=dict)
    decision: Decision | None = None
    meter: Callable[[int], None] | None = None
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    remembered: object = None
    version: str = HTTP_1_1

    @property
    def is_secure(self) -> bool:
        """Whether nobody on the way could read it."""
        return self.tls is not None

    @cached_property
    def query_pairs(self) -> list[tuple[str, str]]:
        """The decoded query, in the order sent. A "+" is a space, as everywhere in S3 queries."""
        return _decode_query(self.query_string)

    @cached_property
    def query(self) -> dict[str, str]:
        """The decoded query; of a repeated name the first value counts."""
        return dict(reversed(_decode_query(self.query_string)))


def _decode_query(query_string: str) -> list[tuple[str, str]]:
    pairs = []
    for piece in query_string.split("&"):
        if piece:
            name, _, value = piece.partition("=")
            if "%" in piece or "+" in piece or not piece.isascii():
                name = decode_component(name.replace("+", "%20"))
                value = decode_component(value.replace("+", "%20"))
            pairs.append((name, value))
    return pairs


@dataclass(slots=True)
class Response:
    """One HTTP response. `body` is bytes, or an iterator when it is long; HEAD has b""."""

    status: int
    headers: dict[str, str]
    body: bytes | Body = b""


class Outcome(NamedTuple):
    """What became of a request, for logs. `turnaround_s` ends where the answer begins."""

    status: int
    headers: dict[str, str]
    sent_bytes: int
    duration_s: float
    turnaround_s: float
    received_bytes: int = 0


def version_of(request: Request, outcome: Outcome) -> str:
    """The version that was asked for, or that came of it; "" if there is none."""
    try:
        asked = request.query.get("versionId", "")
    except InvalidURI:
        asked = ""
    return asked or outcome.headers.get("x-amz-version-id", "")
