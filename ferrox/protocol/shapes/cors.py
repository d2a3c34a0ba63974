"""Shapes of the rules for other origins."""

from ferrox.protocol.shape import Shape, element, payload
from ferrox.protocol.shapes.groups import DocumentInput


class CORSRule(Shape):
    id: str | None = element("ID", default=None)
    allowed_methods: list[str] = element("AllowedMethod", flattened=True)
    allowed_origins: list[str] = element("AllowedOrigin", flattened=True)
    allowed_headers: list[str] | None = element("AllowedHeader", default=None, flattened=True)
    max_age_seconds: int | None = element("MaxAgeSeconds", default=None)
    expose_headers: list[str] | None = element("ExposeHeader", default=None, flattened=True)


class CORSConfiguration(Shape, stored_as="cors"):
    cors_rules: list[CORSRule] = element("CORSRule", flattened=True)


class GetBucketCorsOutput(Shape, root="CORSConfiguration"):
    cors_rules: list[CORSRule] | None = element("CORSRule", default=None, flattened=True)


class PutBucketCorsInput(DocumentInput):
    cors_configuration: CORSConfiguration = payload("CORSConfiguration")
