"""protocol/foreign.py: what MinIO's clients ask beside S3."""

import pytest

from ferrox import errors
from ferrox.protocol import address, foreign
from ferrox.protocol.message import Request


def refusal(method: str, path: str, query: str = "", host: str = "127.0.0.1") -> str:
    """What such a request is told; "" where it is let through."""
    request = Request(method, path, query, {"host": host})
    try:
        foreign.refuse(request, address.locate(request, ["s3.test"]))
    except errors.NotImplemented as refused:
        return str(refused)
    return ""


@pytest.mark.parametrize(
    ("method", "path", "query", "said"),
    [
        ("POST", "/minio/admin/v3/info", "metrics=true", "ferroxd user"),
        ("PUT", "/minio/admin/v3/add-user", "accessKey=alice", "ferroxd user"),
        ("GET", "/minio/kms/v1/key/status", "", "ferroxd user"),
        ("GET", "/minio/v2/metrics/cluster", "", "/metrics"),
        ("GET", "/minio/metrics/v3", "", "/metrics"),
        ("GET", "/bucket", "events=s3%3AObjectCreated%3A%2A&prefix=&suffix=", "notification"),
        ("GET", "/", "events=s3%3AObjectCreated%3A%2A&ping=10&prefix=&suffix=", "notification"),
    ],
)
def test_it_is_refused_and_the_way_is_shown(method: str, path: str, query: str, said: str) -> None:
    assert said in refusal(method, path, query)


@pytest.mark.parametrize(
    ("method", "path", "query"),
    [
        ("GET", "/minio/photo.jpg", ""),
        ("GET", "/minio", ""),
        ("GET", "/bucket/admin/v3/info", ""),
        ("GET", "/bucket/minio/admin/v3/info", ""),
        ("GET", "/bucket", "events=1"),
        ("GET", "/bucket", "suffix=.jpg&prefix=a"),
        ("PUT", "/bucket", "events=1&suffix="),
        ("GET", "/bucket/key", "events=1&suffix="),
    ],
)
def test_what_only_looks_alike_is_let_through(method: str, path: str, query: str) -> None:
    assert "" == refusal(method, path, query)


def test_a_key_of_a_bucket_that_the_host_names_is_let_through() -> None:
    assert "" == refusal("GET", "/minio/admin/v3/info", host="photos.s3.test")
