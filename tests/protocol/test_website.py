"""protocol/website.py: pages, redirections and errors of website endpoints."""

import pytest

from ferrox.protocol import website
from ferrox.protocol.shapes.website import (
    Condition,
    ErrorDocument,
    IndexDocument,
    Redirect,
    RedirectAllRequestsTo,
    RoutingRule,
    WebsiteConfiguration,
)
from ferrox.protocol.website import Moved, Visit

HOST = "photos.web.example.com:8080"


def site(*rules: RoutingRule) -> WebsiteConfiguration:
    return WebsiteConfiguration(
        index_document=IndexDocument(suffix="index.html"),
        error_document=ErrorDocument(key="error.html"),
        routing_rules=list(rules) or None,
    )


def visit(key: str, *, is_secure: bool = False) -> Visit:
    return Visit(key, HOST, is_secure)


@pytest.mark.parametrize(
    ("key", "page"),
    [
        ("", "index.html"),
        ("docs/", "docs/index.html"),
        ("docs", "docs"),
        ("a/b.html", "a/b.html"),
        ("a//", "a//index.html"),
    ],
)
def test_the_page_of_a_folder_is_its_index_document(key: str, page: str) -> None:
    assert page == website.page_key(site(), key)


def test_a_whole_site_can_be_sent_elsewhere() -> None:
    other = RedirectAllRequestsTo(host_name="example.com", protocol="https")
    moved = website.before_look_up(
        WebsiteConfiguration(redirect_all_requests_to=other), visit("a b/ü?.html")
    )

    assert moved == Moved(301, "https://example.com/a%20b/%C3%BC%3F.html")


@pytest.mark.parametrize("is_secure", [False, True])
def test_without_a_protocol_the_one_of_the_request_stays(is_secure: bool) -> None:
    other = RedirectAllRequestsTo(host_name="example.com")
    moved = website.before_look_up(
        WebsiteConfiguration(redirect_all_requests_to=other), visit("", is_secure=is_secure)
    )

    assert moved == Moved(301, f"http{'s' if is_secure else ''}://example.com/")


@pytest.mark.parametrize(
    ("rule", "key", "expected"),
    [
        (
            RoutingRule(
                condition=Condition(key_prefix_equals="docs/"),
                redirect=Redirect(replace_key_prefix_with="documents/"),
            ),
            "docs/a.html",
            Moved(301, f"http://{HOST}/documents/a.html"),
        ),
        (
            RoutingRule(
                condition=Condition(key_prefix_equals="images/"),
                redirect=Redirect(replace_key_with="gone.html", http_redirect_code="302"),
            ),
            "images/cat.png",
            Moved(302, f"http://{HOST}/gone.html"),
        ),
        (
            RoutingRule(redirect=Redirect(host_name="example.com", protocol="https")),
            "a",
            Moved(301, "https://example.com/a"),
        ),
        (
            RoutingRule(redirect=Redirect(replace_key_prefix_with="new/")),
            "a",
            Moved(301, f"http://{HOST}/new/a"),
        ),
    ],
)
def test_a_rule_sends_the_keys_on_that_it_fits(
    rule: RoutingRule, key: str, expected: Moved
) -> None:
    assert expected == website.before_look_up(site(rule), visit(key))


def test_a_rule_for_other_keys_sends_nothing_on() -> None:
    rule = RoutingRule(
        condition=Condition(key_prefix_equals="docs/"), redirect=Redirect(replace_key_with="a")
    )

    assert website.before_look_up(site(rule), visit("pictures/docs/")) is None
    assert website.before_look_up(site(), visit("docs/")) is None


def test_a_rule_for_an_error_waits_for_it() -> None:
    rule = RoutingRule(
        condition=Condition(http_error_code_returned_equals="404", key_prefix_equals="docs/"),
        redirect=Redirect(host_name="backup.example.com", replace_key_prefix_with="report-404/"),
    )

    assert website.before_look_up(site(rule), visit("docs/a")) is None
    assert website.after_error(site(rule), visit("docs/a"), 403) is None
    assert website.after_error(site(rule), visit("a"), 404) is None
    assert website.after_error(site(rule), visit("docs/a"), 404) == Moved(
        301, "http://backup.example.com/report-404/a"
    )


def test_a_rule_without_condition_is_not_asked_again_after_an_error() -> None:
    rule = RoutingRule(redirect=Redirect(host_name="example.com"))

    assert website.after_error(site(rule), visit("a"), 404) is None


def test_the_first_rule_that_fits_decides() -> None:
    first = RoutingRule(
        condition=Condition(key_prefix_equals="a"), redirect=Redirect(replace_key_with="first")
    )
    second = RoutingRule(redirect=Redirect(replace_key_with="second"))

    moved = website.before_look_up(site(first, second), visit("a"))

    assert moved == Moved(301, f"http://{HOST}/first")


def test_a_folder_without_its_slash_is_sent_to_itself() -> None:
    assert website.to_folder(visit("my docs")) == Moved(302, "/my%20docs/")


def test_an_error_page_shows_nothing_as_markup() -> None:
    page = website.error_page(404, "Not Found", {"Code": "NoSuchKey", "Key": "<script>&\ud800"})

    assert b"<h1>404 Not Found</h1>" in page
    assert b"<li>Code: NoSuchKey</li>" in page
    assert b"<li>Key: &lt;script&gt;&amp;?</li>" in page


def test_an_error_page_tells_why_the_sites_own_is_not_shown() -> None:
    page = website.error_page(404, "Not Found", {"Code": "NoSuchKey"}, {"Key": "error.html"})

    assert page.index(b"Code: NoSuchKey") < page.index(b"<h3>") < page.index(b"Key: error.html")
