"""operations/website.py: what browsers see of a bucket that is a website."""

import http.client
import json
from pathlib import Path
from typing import Any

import pytest

from ferrox.operations.website import Websites
from ferrox.protocol.message import Request
from tests.in_process import Answer, InProcess
from tests.operations.configured import delete, put
from tests.server_process import serving

DOMAIN = "web.example.com"
PUBLIC = {"x-amz-acl": "public-read"}
SITE = "<IndexDocument><Suffix>index.html</Suffix></IndexDocument>"
ERRORS = "<ErrorDocument><Key>error.html</Key></ErrorDocument>"
PAGES = {
    "index.html": b"home",
    "docs/index.html": b"docs",
    "my docs/index.html": b"mine",
    "a.txt": b"0123456789",
    "secret.txt": b"secret",
}


class Visitor:
    """A browser, as values."""

    def __init__(self, s3: InProcess) -> None:
        self.websites = Websites(s3.services, (DOMAIN,), s3.pipeline, ("s3.example.com",))

    async def visit(
        self,
        path: str,
        method: str = "GET",
        host: str = f"site.{DOMAIN}:8080",
        headers: dict[str, str] | None = None,
        query: str = "",
    ) -> Answer:
        request = Request(method, path, query, {"host": host, **(headers or {})})
        response = await self.websites.answer(request)
        body = response.body
        if not isinstance(body, bytes):
            body = b"".join([block async for block in body])
        self.facts = request.facts
        return Answer(response.status, response.headers, body)


async def configure(s3: InProcess, content: str, bucket: str = "site") -> None:
    document = f"<WebsiteConfiguration>{content}</WebsiteConfiguration>"
    answer = await put(s3, "website", document, path=f"/{bucket}")
    assert answer.status == 200, answer.body


@pytest.fixture
async def browser(s3: InProcess) -> Visitor:
    """A visitor of a website whose pages are public, but for one."""
    await s3.ask("PUT", "/site", headers={"x-amz-object-ownership": "ObjectWriter"})
    await delete(s3, "publicAccessBlock", path="/site")
    for key, body in PAGES.items():
        await s3.put(key, body, "site", headers={} if key == "secret.txt" else PUBLIC)
    await configure(s3, SITE)
    return Visitor(s3)


async def make_listable(s3: InProcess) -> None:
    answer = await s3.ask("PUT", "/site", {"acl": ""}, headers=PUBLIC)
    assert answer.status == 200


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/", b"home"),
        ("/index.html", b"home"),
        ("/docs/", b"docs"),
        ("/my%20docs/", b"mine"),
        ("/a.txt", b"0123456789"),
    ],
)
async def test_a_page_is_what_its_key_holds(browser: Visitor, path: str, body: bytes) -> None:
    answer = await browser.visit(path)

    assert (200, body) == (answer.status, answer.body)
    assert {"etag", "last-modified", "x-amz-request-id", "x-amz-id-2"} <= answer.headers.keys()
    assert browser.facts["operation"] == "GetWebsite"


async def test_head_tells_what_get_would_send(browser: Visitor) -> None:
    answer = await browser.visit("/a.txt", "HEAD")

    assert (200, b"", "10") == (answer.status, answer.body, answer.headers["content-length"])


async def test_ranges_and_conditions_work_as_in_the_api(browser: Visitor) -> None:
    part = await browser.visit("/a.txt", headers={"range": "bytes=2-4"})
    etag = part.headers["etag"]
    same = await browser.visit("/a.txt", headers={"if-none-match": etag})
    other = await browser.visit("/a.txt", headers={"if-match": '"other"'})

    assert (206, b"234") == (part.status, part.body)
    assert (304, b"") == (same.status, same.body)
    assert 412 == other.status
    assert b"<li>Code: PreconditionFailed</li>" in other.body


async def test_a_query_is_the_pages_own_business(browser: Visitor) -> None:
    answer = await browser.visit("/a.txt", query="versionId=x&response-content-type=a&acl&bad=%ff")

    assert (200, b"0123456789") == (answer.status, answer.body)


async def test_a_folder_without_its_slash_is_sent_to_itself(browser: Visitor) -> None:
    answer = await browser.visit("/my%20docs")

    assert (302, "/my%20docs/") == (answer.status, answer.headers["location"])


async def test_a_page_that_is_not_public_is_forbidden_and_so_is_one_that_is_not_there(
    browser: Visitor,
) -> None:
    secret = await browser.visit("/secret.txt")
    absent = await browser.visit("/absent.txt")

    assert (403, 403) == (secret.status, absent.status)
    assert b"secret" not in secret.body.replace(b"secret.txt", b"")
    assert b"<title>403 Forbidden</title>" in secret.body
    assert b"<li>Code: AccessDenied</li>" in absent.body
    assert "AccessDenied" == secret.headers["x-amz-error-code"]


async def test_credentials_do_not_count(browser: Visitor, s3: InProcess) -> None:
    answer = await browser.visit("/secret.txt", headers={"authorization": "AWS4-HMAC-SHA256 ..."})

    assert 403 == answer.status


async def test_who_may_list_the_bucket_learns_that_a_page_is_not_there(
    browser: Visitor, s3: InProcess
) -> None:
    await make_listable(s3)

    answer = await browser.visit("/%3Cscript%3E")

    assert 404 == answer.status
    assert b"<li>Key: &lt;script&gt;</li>" in answer.body
    assert b"<li>RequestId: " in answer.body
    assert "text/html; charset=utf-8" == answer.headers["content-type"]


async def test_an_error_document_comes_with_the_status_of_the_error(
    browser: Visitor, s3: InProcess
) -> None:
    await s3.put("error.html", b"sorry", "site", headers=PUBLIC | {"content-type": "text/html"})
    await configure(s3, SITE + ERRORS)

    answer = await browser.visit("/absent", headers={"range": "bytes=0-1", "if-none-match": "*"})

    assert (403, b"sorry") == (answer.status, answer.body)
    assert "AccessDenied" == answer.headers["x-amz-error-code"]
    assert "text/html" == answer.headers["content-type"]
    assert "AccessDenied" == browser.facts["error_code"]


async def test_an_error_document_that_fails_is_told_of(browser: Visitor, s3: InProcess) -> None:
    await configure(s3, SITE + ERRORS)
    await make_listable(s3)

    answer = await browser.visit("/absent")

    first, _, second = answer.body.partition(b"<h3>An Error Occurred")
    assert 404 == answer.status
    assert b"<li>Key: absent</li>" in first
    assert b"<li>Key: error.html</li>" in second


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH"])
async def test_a_website_can_only_be_looked_at(browser: Visitor, method: str) -> None:
    answer = await browser.visit("/a.txt", method)

    assert (405, "GET, HEAD") == (answer.status, answer.headers["allow"])
    assert b"<li>Code: MethodNotAllowed</li>" in answer.body


async def test_an_object_may_send_its_visitors_elsewhere(browser: Visitor, s3: InProcess) -> None:
    redirect = {"x-amz-website-redirect-location": "https://example.com/new"}
    await s3.put("old", b"unused", "site", headers=PUBLIC | redirect)

    for method in ("GET", "HEAD"):
        answer = await browser.visit("/old", method)

        found = answer.status, answer.headers["location"], answer.body
        assert (301, "https://example.com/new", b"") == found


async def test_a_whole_site_may_be_elsewhere(browser: Visitor, s3: InProcess) -> None:
    await configure(
        s3, "<RedirectAllRequestsTo><HostName>example.com</HostName></RedirectAllRequestsTo>"
    )

    answer = await browser.visit("/secret.txt")

    assert (301, "http://example.com/secret.txt") == (answer.status, answer.headers["location"])


async def test_a_rule_may_wait_for_an_error(browser: Visitor, s3: InProcess) -> None:
    await configure(
        s3,
        SITE + ERRORS + "<RoutingRules><RoutingRule><Condition><HttpErrorCodeReturnedEquals>403"
        "</HttpErrorCodeReturnedEquals></Condition><Redirect><HostName>login.example.com"
        "</HostName><HttpRedirectCode>302</HttpRedirectCode></Redirect></RoutingRule>"
        "</RoutingRules>",
    )

    shown = await browser.visit("/a.txt")
    answer = await browser.visit("/secret.txt")

    assert 200 == shown.status
    assert (302, "http://login.example.com/secret.txt") == (
        answer.status,
        answer.headers["location"],
    )


async def test_a_policy_may_show_a_site_to_those_who_come_from_its_pages(s3: InProcess) -> None:
    await s3.make_bucket("site")
    await delete(s3, "publicAccessBlock", path="/site")
    await s3.put("docs/index.html", b"docs", "site")
    await configure(s3, SITE)
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::site/*",
        "Condition": {"StringLike": {"aws:Referer": "https://example.com/*"}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    assert (await put(s3, "policy", policy, path="/site")).status == 204
    browser, referer = Visitor(s3), {"referer": "https://example.com/a"}

    answers = [
        await browser.visit("/docs/", headers=referer),
        await browser.visit("/docs", headers=referer),
        await browser.visit("/absent", headers=referer),
        await browser.visit("/docs/"),
        await browser.visit("/docs"),
    ]

    assert [200, 302, 403, 403, 403] == [answer.status for answer in answers]


async def test_pages_of_other_origins_may_look_where_the_rules_let_them(
    browser: Visitor, s3: InProcess
) -> None:
    rules = (
        "<CORSConfiguration><CORSRule><AllowedOrigin>https://app.example.com</AllowedOrigin>"
        "<AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>"
    )
    assert (await put(s3, "cors", rules, path="/site")).status == 200
    origin = {"origin": "https://app.example.com"}

    page = await browser.visit("/a.txt", headers=origin)
    asked = await browser.visit(
        "/a.txt", "OPTIONS", headers=origin | {"access-control-request-method": "GET"}
    )
    refused = await browser.visit(
        "/a.txt", "OPTIONS", headers=origin | {"access-control-request-method": "PUT"}
    )

    assert (200, 200, 403) == (page.status, asked.status, refused.status)
    assert page.headers["access-control-allow-origin"] == origin["origin"]
    assert asked.headers["access-control-allow-methods"] == "GET"
    assert b"<li>Code: AccessForbidden</li>" in refused.body


async def test_what_is_no_website_is_told_so(browser: Visitor, s3: InProcess) -> None:
    await s3.make_bucket("plain")

    plain = await browser.visit("/", host=f"plain.{DOMAIN}")
    absent = await browser.visit("/", host=f"absent.{DOMAIN}")

    assert (404, 404) == (plain.status, absent.status)
    assert b"<li>Code: NoSuchWebsiteConfiguration</li>" in plain.body
    assert b"<li>BucketName: plain</li>" in plain.body
    assert b"<li>Code: NoSuchBucket</li>" in absent.body


async def test_a_path_that_is_not_text_is_refused(browser: Visitor) -> None:
    answer = await browser.visit("/%ff")

    assert 400 == answer.status
    assert b"<li>Code: InvalidURI</li>" in answer.body


async def test_a_key_that_is_too_long_is_refused(browser: Visitor, s3: InProcess) -> None:
    await make_listable(s3)

    answer = await browser.visit("/" + 1025 * "a")

    assert 400 == answer.status
    assert b"<li>Code: KeyTooLongError</li>" in answer.body


async def test_nobody_visits_at_the_cost_of_a_requester(browser: Visitor, s3: InProcess) -> None:
    document = "<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration>"
    assert (await put(s3, "requestPayment", document, path="/site")).status == 200

    answer = await browser.visit("/a.txt")

    assert 403 == answer.status


async def test_the_bucket_of_a_domain_itself_is_called_like_it(
    browser: Visitor, s3: InProcess
) -> None:
    await s3.ask("PUT", f"/{DOMAIN}", headers={"x-amz-object-ownership": "ObjectWriter"})
    await delete(s3, "publicAccessBlock", path=f"/{DOMAIN}")
    await s3.put("index.html", b"apex", DOMAIN, headers=PUBLIC)
    await configure(s3, SITE, DOMAIN)

    answer = await browser.visit("/", host=DOMAIN)

    assert (200, b"apex") == (answer.status, answer.body)


async def test_other_hosts_are_the_apis(browser: Visitor) -> None:
    answer = await browser.visit("/site/a.txt", host="127.0.0.1:9000")
    listing = await browser.visit("/site", host="127.0.0.1:9000")

    assert (200, 403) == (answer.status, listing.status)
    assert listing.body.startswith(b"<?xml")


async def test_a_failure_shows_nothing_of_itself(
    browser: Visitor, s3: InProcess, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    def fail(name: str) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr(s3.store, "bucket", fail)

    answer = await browser.visit("/a.txt")

    assert 500 == answer.status
    assert b"secret" not in answer.body
    assert "a secret" in caplog.text


def test_a_server_shows_websites_on_their_domain(tmp_path: Path) -> None:
    options = ("--website-domain", "web.localhost", "--default-object-ownership", "ObjectWriter")
    more = ("--default-public-access-block", "off", "--workers", "1")
    with serving(tmp_path / "data", *options, *more) as server:
        connection = http.client.HTTPConnection(server.host, server.port)

        def visit(method: str, path: str, host: str) -> tuple[int, bytes]:
            connection.request(method, path, headers={"Host": host})
            response = connection.getresponse()
            return response.status, response.read()

        status, page = visit("GET", "/a", "site.web.localhost")
        _, head = visit("HEAD", "/a", "site.web.localhost")
        api = f"{server.host}:{server.port}"
        of_api, _ = visit("GET", "/site/a", api)
        pages = [
            visit("GET", path, host)[0]
            for host in ("web.localhost", api)
            for path in ("/health/live", "/metrics")
        ]
        connection.close()

        assert 404 == status
        assert b"<li>Code: NoSuchBucket</li>" in page
        assert b"" == head
        assert 404 == of_api
        assert [404, 404, 200, 200] == pages
        server.expect_clean_log()
