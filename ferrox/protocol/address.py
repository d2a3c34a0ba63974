"""Host and raw path → Service | Bucket | Object, in path style and in virtual-hosted style.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
"""

from collections.abc import Sequence
from typing import NamedTuple

from ferrox.errors import InvalidURI
from ferrox.protocol.message import Request, decode_component

SERVICE = "service"
BUCKET = "bucket"
OBJECT = "object"


class Service(NamedTuple):
    """The installation as a whole: `/`."""

    @property
    def level(self) -> str:
        """Which rows of the operation table apply."""
        return SERVICE


class Bucket(NamedTuple):
    """One bucket. The name is decoded, not yet checked."""

    bucket: str

    @property
    def level(self) -> str:
        """Which rows of the operation table apply."""
        return BUCKET


class Object(NamedTuple):
    """One key of one bucket. The key is decoded once and otherwise untouched: it is no path."""

    bucket: str
    key: str

    @property
    def level(self) -> str:
        """Which rows of the operation table apply."""
        return OBJECT


Target = Service | Bucket | Object


def locate(request: Request, domains: Sequence[str]) -> Target:
    """What the request is about. `domains` are the names under which buckets are subdomains."""
    path = request.path
    host = request.headers.get("host", "")
    if not path.startswith("/"):
        host, path = split_target(path)
    if domains:
        bucket = _bucket_in(host, domains)
        if bucket:
            return Object(bucket, decode_component(path[1:])) if len(path) > 1 else Bucket(bucket)
    return _path_style(path)


def split_target(target: str) -> tuple[str, str]:
    """Authority and path of a request target in absolute form (`GET http://host/bucket HTTP/1.1`).

    The authority replaces the Host header, RFC 9112 3.2.2. `*` (OPTIONS) speaks of the service.
    """
    if target == "*":
        return "", "/"
    scheme, separator, rest = target.partition("://")
    if not separator or scheme.lower() not in {"http", "https"}:
        raise InvalidURI(URI=target)
    authority, slash, path = rest.partition("/")
    return authority, slash + path or "/"


def website_bucket(host: str, domains: Sequence[str], other_domains: Sequence[str] = ()) -> str:
    """The bucket whose website a host shows, "" when it shows none.

    domains        BUCKET.DOMAIN is the website of a bucket, and DOMAIN that of the bucket that is
                   called like it
    other_domains  where buckets are subdomains, but no websites; the longest of all names decides
    """
    name = _without_port(host).lower()
    here = _longest(name, domains)
    if not here or len(_longest(name, other_domains)) > len(here):
        return ""
    return name if name == here else name[: -len(here) - 1]


def _longest(name: str, domains: Sequence[str]) -> str:
    """The longest of these domains that a host is or is in."""
    matches = [domain for domain in domains if name == domain or name.endswith("." + domain)]
    return max(matches, key=len, default="")


def _path_style(path: str) -> Target:
    raw_bucket, _, raw_key = path[1:].partition("/")
    if not raw_bucket:
        if len(path) > 1:
            raise InvalidURI(URI=path)  # `//key`: a key in a bucket without a name
        return Service()
    bucket = decode_component(raw_bucket)
    return Object(bucket, decode_component(raw_key)) if raw_key else Bucket(bucket)


def _bucket_in(host: str, domains: Sequence[str]) -> str:
    """The subdomain that names the bucket, "" when there is none. The longest domain decides."""
    name = _without_port(host).lower()
    matches = [domain for domain in domains if name.endswith("." + domain.lower())]
    if not matches or any(name == domain.lower() for domain in domains):
        return ""
    return name[: -len(max(matches, key=len)) - 1]


def _without_port(host: str) -> str:
    name, separator, port = host.rpartition(":")
    return name if separator and port.isdigit() else host
