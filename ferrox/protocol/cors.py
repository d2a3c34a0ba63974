"""CORS: whether a page of another origin may do what its browser asks for, and how that is said.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html
https://docs.aws.amazon.com/AmazonS3/latest/API/RESTOPTIONSobject.html
https://fetch.spec.whatwg.org/#http-cors-protocol

The first rule that fits decides: one of its origins, its methods, and for every header that the
page wants to send one of its headers. Origins and headers may hold one wildcard; headers are
compared without regard to case.
"""

from collections.abc import Sequence

from ferrox.protocol.shapes.cors import CORSRule

ORIGIN = "origin"
REQUEST_METHOD = "access-control-request-method"
REQUEST_HEADERS = "access-control-request-headers"

VARY = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"
"""What an answer depends on, so that no cache gives one origin's answer to another."""


def allowance(
    rules: Sequence[CORSRule], origin: str, method: str, requested: str | None
) -> dict[str, str] | None:
    """The headers that let a page send a request or see its answer; None when no rule lets it.

    requested   Access-Control-Request-Headers: names with commas between them
    """
    names = [name.strip().lower() for name in (requested or "").split(",") if name.strip()]
    for rule in rules:
        if _fits(rule, origin, method) and all(_allows(rule, name) for name in names):
            headers = _headers(rule, origin)
            if names:
                headers["access-control-allow-headers"] = ", ".join(names)
            return headers
    return None


def _fits(rule: CORSRule, origin: str, method: str) -> bool:
    return method in rule.allowed_methods and any(
        _matches(pattern, origin) for pattern in rule.allowed_origins
    )


def _allows(rule: CORSRule, name: str) -> bool:
    return any(_matches(pattern.lower(), name) for pattern in rule.allowed_headers or ())


def _matches(pattern: str, value: str) -> bool:
    before, star, after = pattern.partition("*")
    if not star:
        return pattern == value
    is_long_enough = len(value) >= len(before) + len(after)
    return is_long_enough and value.startswith(before) and value.endswith(after)


def _headers(rule: CORSRule, origin: str) -> dict[str, str]:
    is_for_everybody = "*" in rule.allowed_origins
    headers = {
        "access-control-allow-origin": "*" if is_for_everybody else origin,
        "access-control-allow-methods": ", ".join(rule.allowed_methods),
        "vary": VARY,
    }
    if rule.expose_headers:
        headers["access-control-expose-headers"] = ", ".join(rule.expose_headers)
    if rule.max_age_seconds is not None:
        headers["access-control-max-age"] = str(rule.max_age_seconds)
    if not is_for_everybody:
        headers["access-control-allow-credentials"] = "true"
    return headers
