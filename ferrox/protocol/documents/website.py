"""The website that a bucket can be.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketWebsite.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-to-page-redirect.html
"""

from collections.abc import Container

from ferrox.errors import InvalidArgument, InvalidRequest, MalformedXML
from ferrox.protocol.shapes.website import (
    Condition,
    Redirect,
    RedirectAllRequestsTo,
    WebsiteConfiguration,
)

MAX_ROUTING_RULES = 50
PROTOCOLS = ("http", "https")
REDIRECTS = (301, 302, 303, 304, 305, 307, 308)
FAILURES = range(400, 600)


def check(document: WebsiteConfiguration) -> None:
    """Raise unless a bucket may be this website."""
    if document.redirect_all_requests_to is not None:
        _check_redirect_all(document, document.redirect_all_requests_to)
        return
    if document.index_document is None:
        raise InvalidArgument(
            "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty",
            ArgumentName="IndexDocument",
            ArgumentValue="null",
        )
    suffix = document.index_document.suffix
    if not suffix or "/" in suffix:
        raise InvalidArgument(
            "The IndexDocument Suffix is not well formed",
            ArgumentName="IndexDocument",
            ArgumentValue=suffix,
        )
    if document.error_document is not None and not document.error_document.key:
        raise InvalidArgument(
            "The ErrorDocument Key is not well formed",
            ArgumentName="ErrorDocument",
            ArgumentValue="",
        )
    _check_routing_rules(document)


def _check_redirect_all(document: WebsiteConfiguration, redirect: RedirectAllRequestsTo) -> None:
    others = (document.index_document, document.error_document, document.routing_rules)
    if any(other is not None for other in others):
        raise InvalidArgument(
            "RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.",
            ArgumentName="RedirectAllRequestsTo",
            ArgumentValue="not null",
        )
    if not redirect.host_name:
        raise InvalidRequest(
            'A host name must be provided to redirect all requests (e.g. "example.com").'
        )
    _check_protocol(redirect.protocol)


def _check_routing_rules(document: WebsiteConfiguration) -> None:
    rules = document.routing_rules
    if rules is None:
        return
    if not rules:
        raise MalformedXML
    if len(rules) > MAX_ROUTING_RULES:
        raise InvalidRequest(
            f"The number of routing rules must not exceed the allowed limit of {MAX_ROUTING_RULES}"
            " rules."
        )
    for rule in rules:
        if rule.condition is not None:
            _check_condition(rule.condition)
        _check_redirect(rule.redirect)


def _check_condition(condition: Condition) -> None:
    code = condition.http_error_code_returned_equals
    if code is None and condition.key_prefix_equals is None:
        raise InvalidRequest(
            "Condition cannot be empty. To redirect all requests without a condition, the condition"
            " element shouldn't be present."
        )
    if code is not None and not _is_code(code, FAILURES):
        raise InvalidRequest(
            f"The provided HTTP error code ({code}) is not valid. Valid codes are 4XX or 5XX."
        )


def _check_redirect(redirect: Redirect) -> None:
    if redirect.replace_key_prefix_with is not None and redirect.replace_key_with is not None:
        raise InvalidRequest("You can only define ReplaceKeyPrefix or ReplaceKey but not both.")
    if not redirect.__dict__:
        raise MalformedXML
    code = redirect.http_redirect_code
    if code is not None and not _is_code(code, REDIRECTS):
        raise InvalidRequest(
            f"The provided HTTP redirect code ({code}) is not valid."
            " Valid codes are 3XX except 300."
        )
    _check_protocol(redirect.protocol)


def _check_protocol(protocol: str | None) -> None:
    if protocol is not None and protocol not in PROTOCOLS:
        raise InvalidRequest(
            "Invalid protocol, protocol can be http or https. If not defined the protocol will be"
            " selected automatically."
        )


def _is_code(text: str, codes: Container[int]) -> bool:
    return len(text) == 3 and text.isascii() and text.isdecimal() and int(text) in codes
