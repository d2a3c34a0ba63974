"""Website endpoints: which key a page is, where requests are sent on, what an error looks like.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteEndpoints.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/IndexDocumentSupport.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-to-page-redirect.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/CustomErrorDocSupport.html

In this order: the whole site may be sent elsewhere; a routing rule without an error code may fit
the key; then the page is looked for, and only when that fails a rule with the error's code is
asked, and last the error document. The first rule that fits decides.
"""

from html import escape
from typing import NamedTuple
from urllib.parse import quote

from ferrox.protocol.shapes.website import Condition, RoutingRule, WebsiteConfiguration

MOVED_PERMANENTLY = 301
FOUND = 302

_DOCUMENT_FAILED = "An Error Occurred While Attempting to Retrieve a Custom Error Document"


class Moved(NamedTuple):
    """A request that is sent on."""

    status: int
    location: str


class Visit(NamedTuple):
    """What a browser asked for: the key is the path without its first slash, decoded."""

    key: str
    host: str
    is_secure: bool


def page_key(site: WebsiteConfiguration, key: str) -> str:
    """The key of the page: for a folder, its index document."""
    suffix = site.index_document.suffix if site.index_document else ""
    return key + suffix if not key or key.endswith("/") else key


def before_look_up(site: WebsiteConfiguration, visit: Visit) -> Moved | None:
    """Where a request goes before any page is looked for."""
    everything = site.redirect_all_requests_to
    if everything is not None:
        location = _location(visit, everything.protocol, everything.host_name, visit.key)
        return Moved(MOVED_PERMANENTLY, location)
    return _routed(site, visit, None)


def after_error(site: WebsiteConfiguration, visit: Visit, status: int) -> Moved | None:
    """Where a request goes whose page could not be had."""
    return _routed(site, visit, status)


def to_folder(visit: Visit) -> Moved:
    """The same page as a folder, which has an index document."""
    return Moved(FOUND, f"/{quote(visit.key)}/")


def error_page(
    status: int, reason: str, details: dict[str, str], failed: dict[str, str] | None = None
) -> bytes:
    """The page for an error; `details` are shown one by one, Code and Message first.

    failed  why the site's own page for errors cannot be shown, if it has one
    """
    title = escape(f"{status} {reason}")
    why = "" if failed is None else f"<h3>{_DOCUMENT_FAILED}</h3>\n{_list(failed)}"
    return (
        f"<html>\n<head><title>{title}</title></head>\n<body>\n<h1>{title}</h1>\n"
        f"{_list(details)}{why}<hr/>\n</body>\n</html>\n"
    ).encode("utf-8", "replace")


def _list(details: dict[str, str]) -> str:
    items = "".join(
        f"<li>{escape(name)}: {escape(value)}</li>\n" for name, value in details.items()
    )
    return f"<ul>\n{items}</ul>\n"


def _routed(site: WebsiteConfiguration, visit: Visit, status: int | None) -> Moved | None:
    for rule in site.routing_rules or ():
        if _fits(rule.condition, visit.key, status):
            return _followed(rule, visit)
    return None


def _fits(condition: Condition | None, key: str, status: int | None) -> bool:
    """Rules with an error code are asked when there is an error, the others when there is none."""
    if condition is None:
        return status is None
    code = condition.http_error_code_returned_equals
    if code != (None if status is None else str(status)):
        return False
    return key.startswith(condition.key_prefix_equals or "")


def _followed(rule: RoutingRule, visit: Visit) -> Moved:
    redirect = rule.redirect
    key = visit.key
    if redirect.replace_key_with is not None:
        key = redirect.replace_key_with
    elif redirect.replace_key_prefix_with is not None:
        prefix = (rule.condition.key_prefix_equals if rule.condition else None) or ""
        key = redirect.replace_key_prefix_with + key[len(prefix) :]
    status = int(redirect.http_redirect_code or MOVED_PERMANENTLY)
    return Moved(status, _location(visit, redirect.protocol, redirect.host_name, key))


def _location(visit: Visit, protocol: str | None, host: str | None, key: str) -> str:
    scheme = protocol or ("https" if visit.is_secure else "http")
    return f"{scheme}://{host or visit.host}/{quote(key)}"
