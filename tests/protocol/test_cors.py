"""protocol/cors.py: what the rules of a bucket let pages of other origins do."""

import pytest

from ferrox.protocol import cors
from ferrox.protocol.shapes.cors import CORSRule

ORIGIN = "https://app.example.com"
RULE = CORSRule(
    allowed_methods=["GET", "PUT"],
    allowed_origins=["https://*.example.com"],
    allowed_headers=["x-amz-*", "Content-Type"],
    expose_headers=["ETag", "x-amz-version-id"],
    max_age_seconds=600,
)
FOR_EVERYBODY = CORSRule(allowed_methods=["GET"], allowed_origins=["*"])


def test_a_rule_that_fits_says_so_in_headers() -> None:
    headers = cors.allowance([RULE], ORIGIN, "PUT", "X-Amz-Meta-A, content-type")

    assert headers == {
        "access-control-allow-origin": ORIGIN,
        "access-control-allow-methods": "GET, PUT",
        "access-control-allow-headers": "x-amz-meta-a, content-type",
        "access-control-allow-credentials": "true",
        "access-control-expose-headers": "ETag, x-amz-version-id",
        "access-control-max-age": "600",
        "vary": "Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
    }


def test_a_rule_for_everybody_names_nobody() -> None:
    headers = cors.allowance([FOR_EVERYBODY], ORIGIN, "GET", None)

    assert headers == {
        "access-control-allow-origin": "*",
        "access-control-allow-methods": "GET",
        "vary": "Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
    }


@pytest.mark.parametrize(
    ("origin", "method", "requested"),
    [
        ("https://example.org", "PUT", None),
        ("http://app.example.com", "PUT", None),
        ("https://.example.co", "PUT", None),
        ("https://.EXAMPLE.com", "PUT", None),
        (ORIGIN, "DELETE", None),
        (ORIGIN, "put", None),
        (ORIGIN, "PUT", "authorization"),
        (ORIGIN, "PUT", "content-type, authorization"),
        ("", "PUT", None),
    ],
)
def test_what_no_rule_fits_is_not_let(origin: str, method: str, requested: str | None) -> None:
    assert cors.allowance([RULE], origin, method, requested) is None


def test_a_wildcard_stands_for_any_text_and_does_not_overlap() -> None:
    rule = CORSRule(allowed_methods=["GET"], allowed_origins=["aXa*aXa"])

    assert cors.allowance([rule], "aXaaXa", "GET", None)
    assert cors.allowance([rule], "aXa-aXa", "GET", None)
    assert cors.allowance([rule], "aXaXa", "GET", None) is None


def test_the_first_rule_that_fits_decides() -> None:
    of_both = cors.allowance([RULE, FOR_EVERYBODY], ORIGIN, "GET", None)
    of_the_second = cors.allowance([FOR_EVERYBODY, RULE], ORIGIN, "PUT", None)

    assert of_both is not None
    assert of_the_second is not None
    assert of_both["access-control-allow-origin"] == ORIGIN
    assert of_the_second["access-control-max-age"] == "600"


def test_a_rule_that_lets_the_method_but_not_the_headers_is_passed_over() -> None:
    wide = CORSRule(allowed_methods=["GET"], allowed_origins=["*"], allowed_headers=["*"])

    headers = cors.allowance([FOR_EVERYBODY, wide], ORIGIN, "GET", "Authorization")

    assert headers is not None
    assert headers["access-control-allow-headers"] == "authorization"


def test_without_rules_nothing_is_let() -> None:
    assert cors.allowance([], ORIGIN, "GET", None) is None
