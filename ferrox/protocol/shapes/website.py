"""Shapes of the website that a bucket can be."""

from ferrox.protocol.shape import Shape, element, payload
from ferrox.protocol.shapes.groups import DocumentInput


class ErrorDocument(Shape):
    key: str = element("Key")


class IndexDocument(Shape):
    suffix: str = element("Suffix")


class RedirectAllRequestsTo(Shape):
    host_name: str = element("HostName")
    protocol: str | None = element("Protocol", default=None)


class Condition(Shape):
    http_error_code_returned_equals: str | None = element(
        "HttpErrorCodeReturnedEquals", default=None
    )
    key_prefix_equals: str | None = element("KeyPrefixEquals", default=None)


class Redirect(Shape):
    host_name: str | None = element("HostName", default=None)
    http_redirect_code: str | None = element("HttpRedirectCode", default=None)
    protocol: str | None = element("Protocol", default=None)
    replace_key_prefix_with: str | None = element("ReplaceKeyPrefixWith", default=None)
    replace_key_with: str | None = element("ReplaceKeyWith", default=None)


class RoutingRule(Shape):
    condition: Condition | None = element("Condition", default=None)
    redirect: Redirect = element("Redirect")


class WebsiteConfiguration(Shape, stored_as="website"):
    redirect_all_requests_to: RedirectAllRequestsTo | None = element(
        "RedirectAllRequestsTo", default=None
    )
    index_document: IndexDocument | None = element("IndexDocument", default=None)
    error_document: ErrorDocument | None = element("ErrorDocument", default=None)
    routing_rules: list[RoutingRule] | None = element(
        "RoutingRules", default=None, item="RoutingRule"
    )


class GetBucketWebsiteOutput(Shape, root="WebsiteConfiguration"):
    redirect_all_requests_to: RedirectAllRequestsTo | None = element(
        "RedirectAllRequestsTo", default=None
    )
    index_document: IndexDocument | None = element("IndexDocument", default=None)
    error_document: ErrorDocument | None = element("ErrorDocument", default=None)
    routing_rules: list[RoutingRule] | None = element(
        "RoutingRules", default=None, item="RoutingRule"
    )


class PutBucketWebsiteInput(DocumentInput):
    website_configuration: WebsiteConfiguration = payload("WebsiteConfiguration")
