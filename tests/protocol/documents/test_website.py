import pytest

from ferrox.protocol.documents import website
from ferrox.protocol.shapes.website import WebsiteConfiguration
from tests.protocol.documents.reading import read, verdict

INDEX = "<IndexDocument><Suffix>index.html</Suffix></IndexDocument>"
ALL = "<RedirectAllRequestsTo>{}</RedirectAllRequestsTo>"


def judge(content: str) -> str:
    return verdict(
        lambda: website.check(read(WebsiteConfiguration, "WebsiteConfiguration", content))
    )


def routed(*rules: str) -> str:
    content = "".join(f"<RoutingRule>{rule}</RoutingRule>" for rule in rules)
    return judge(f"{INDEX}<RoutingRules>{content}</RoutingRules>")


def to(content: str) -> str:
    return f"<Redirect>{content}</Redirect>"


HOST = to("<HostName>example.com</HostName>")


@pytest.mark.parametrize(
    "content",
    [
        INDEX,
        f"{INDEX}<ErrorDocument><Key>oops/404.html</Key></ErrorDocument>",
        ALL.format("<HostName>example.com</HostName>"),
        ALL.format("<HostName>example.com</HostName><Protocol>https</Protocol>"),
    ],
)
def test_websites_that_are_accepted(content: str) -> None:
    assert judge(content) == ""


def test_fifty_routing_rules_are_accepted_and_no_more() -> None:
    assert routed(*[HOST] * 50) == ""
    assert routed(*[HOST] * 51).startswith("InvalidRequest: The number of routing rules")


@pytest.mark.parametrize(
    "rule",
    [
        f"<Condition><KeyPrefixEquals>a/</KeyPrefixEquals></Condition>{HOST}",
        "<Condition><HttpErrorCodeReturnedEquals>404</HttpErrorCodeReturnedEquals></Condition>"
        + to("<ReplaceKeyPrefixWith>b/</ReplaceKeyPrefixWith>"),
        to("<HttpRedirectCode>302</HttpRedirectCode><Protocol>http</Protocol>"),
        to("<ReplaceKeyWith></ReplaceKeyWith>"),
    ],
)
def test_rules_that_are_accepted(rule: str) -> None:
    assert routed(rule) == ""


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (
            "",
            "InvalidArgument: A value for IndexDocument Suffix must be provided if"
            " RedirectAllRequestsTo is empty",
        ),
        *(
            (
                f"<IndexDocument><Suffix>{suffix}</Suffix></IndexDocument>",
                "InvalidArgument: The IndexDocument Suffix is not well formed",
            )
            for suffix in ("", "a/b.html")
        ),
        (
            f"{INDEX}<ErrorDocument><Key/></ErrorDocument>",
            "InvalidArgument: The ErrorDocument Key is not well formed",
        ),
        *(
            (
                ALL.format("<HostName>example.com</HostName>") + other,
                "InvalidArgument: RedirectAllRequestsTo cannot be provided in conjunction with"
                " other Routing Rules.",
            )
            for other in (INDEX, "<RoutingRules/>", "<ErrorDocument><Key>e</Key></ErrorDocument>")
        ),
        (
            ALL.format("<HostName/>"),
            "InvalidRequest: A host name must be provided to redirect all requests"
            ' (e.g. "example.com").',
        ),
        (
            ALL.format("<HostName>example.com</HostName><Protocol>ftp</Protocol>"),
            "InvalidRequest: Invalid protocol, protocol can be http or https. If not defined the"
            " protocol will be selected automatically.",
        ),
    ],
)
def test_websites_that_are_refused(content: str, refusal: str) -> None:
    assert refusal == judge(content)


@pytest.mark.parametrize(
    ("rule", "refusal"),
    [
        (f"<Condition/>{HOST}", "InvalidRequest: Condition cannot be empty."),
        (
            "<Condition><HttpErrorCodeReturnedEquals>200</HttpErrorCodeReturnedEquals></Condition>"
            + HOST,
            "InvalidRequest: The provided HTTP error code (200) is not valid."
            " Valid codes are 4XX or 5XX.",
        ),
        *(
            (
                to(f"<HttpRedirectCode>{code}</HttpRedirectCode>"),
                f"InvalidRequest: The provided HTTP redirect code ({code}) is not valid."
                " Valid codes are 3XX except 300.",
            )
            for code in ("300", "306", "314", "404", "3O2", "")
        ),
        (
            to("<ReplaceKeyWith>a</ReplaceKeyWith><ReplaceKeyPrefixWith>b</ReplaceKeyPrefixWith>"),
            "InvalidRequest: You can only define ReplaceKeyPrefix or ReplaceKey but not both.",
        ),
        (to("<Protocol>gopher</Protocol>"), "InvalidRequest: Invalid protocol, protocol can be"),
        (to(""), "MalformedXML: "),
        ("", "MalformedXML: "),
    ],
)
def test_rules_that_are_refused(rule: str, refusal: str) -> None:
    assert routed(rule).startswith(refusal)


@pytest.mark.parametrize(
    "content",
    [
        "<IndexDocument/>",
        f"{INDEX}<RoutingRules/>",
        f"{INDEX}{INDEX}",
        f"{INDEX}<Guestbook/>",
        ALL.format(""),
    ],
)
def test_what_is_no_website_is_malformed(content: str) -> None:
    assert judge(content).startswith("MalformedXML: ")
