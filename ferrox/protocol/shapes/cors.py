"""Shapes of the rules for other origins."""

from ferrox.protocol.shape import Shape, element, header, payload, prefixed
from ferrox.protocol.shapes.groups import BucketInput, DocumentInput, ObjectInput


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


class PreflightHeaders(Shape):
    origin: str | None = header("Origin", default=None)
    request_method: str | None = header("Access-Control-Request-Method", default=None)
    request_headers: str | None = header("Access-Control-Request-Headers", default=None)


class OptionsBucketInput(BucketInput, PreflightHeaders):
    pass


class OptionsObjectInput(ObjectInput, PreflightHeaders):
    pass


class PreflightOutput(Shape):
    headers: dict[str, str] = prefixed("", default_factory=dict)
