"""Shapes of RenameObject."""

from ferrox.protocol.shape import Shape, header, path


class RenameObjectInput(Shape):
    bucket: str = path("Bucket")
    key: str = path("Key")
    rename_source: str = header("x-amz-rename-source")
    destination_if_match: str | None = header("If-Match", default=None)
    destination_if_none_match: str | None = header("If-None-Match", default=None)
    destination_if_modified_since: int | None = header(
        "If-Modified-Since", default=None, timestamp="http"
    )
    destination_if_unmodified_since: int | None = header(
        "If-Unmodified-Since", default=None, timestamp="http"
    )
    source_if_match: str | None = header("x-amz-rename-source-if-match", default=None)
    source_if_none_match: str | None = header("x-amz-rename-source-if-none-match", default=None)
    source_if_modified_since: int | None = header(
        "x-amz-rename-source-if-modified-since", default=None, timestamp="http"
    )
    source_if_unmodified_since: int | None = header(
        "x-amz-rename-source-if-unmodified-since", default=None, timestamp="http"
    )
    client_token: str | None = header("x-amz-client-token", default=None)


class RenameObjectOutput(Shape):
    pass
