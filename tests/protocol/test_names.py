"""Names of buckets and keys."""

from typing import Any

import pytest

from ferrox.errors import InvalidBucketName, KeyTooLongError
from ferrox.protocol import names


@pytest.mark.parametrize(
    "name",
    [
        "abc",
        "a" * 63,
        "docexamplebucket1",
        "log-delivery-march-2020",
        "my.hosted.content",
        "1.2.3",
        "1.2.3.4a",
        "123",
        "a--b",
        "amzn-s3-demo-bucket",
        "xn-a",
        "health-1",
        "s3alias",
    ],
)
def test_a_bucket_may_be_called_so(name: str) -> None:
    assert names.is_bucket_name(name)

    names.check_bucket_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "ab",
        "a" * 64,
        "Abc",
        "my_bucket",
        "my bucket",
        "-abc",
        "abc-",
        ".abc",
        "abc.",
        "a..b",
        "foo-.bar",
        "foo.-bar",
        "192.168.5.4",
        "xn--abc",
        "sthree-abc",
        "sthree-configurator",
        "abc-s3alias",
        "abc--ol-s3",
        "abc.mrap",
        "abc--x-s3",
        "abc--table-s3",
        "health",
        "metrics",
        "minio",
        "b\u00fccher",
        "\u0661\u0662\u0663",
        "abc\n",
        "a/b",
    ],
)
def test_a_bucket_may_not_be_called_so(name: str) -> None:
    assert not names.is_bucket_name(name)

    with pytest.raises(InvalidBucketName) as refused:
        names.check_bucket_name(name)
    assert {"BucketName": name} == refused.value.details


def refused_as(key: str) -> dict[str, Any] | None:
    """What a key is refused with that is too long."""
    try:
        names.check_key(key)
    except KeyTooLongError as refused:
        return refused.details
    return None


@pytest.mark.parametrize("key", ["k", "dir//../x", "x" * 1024, "é" * 512, "😀" * 256])
def test_a_key_may_have_1024_bytes(key: str) -> None:
    assert refused_as(key) is None


@pytest.mark.parametrize("key", ["x" * 1025, "é" * 512 + "x", "😀" * 256 + "x"])
def test_a_longer_key_is_refused_with_its_size(key: str) -> None:
    assert {"Size": 1025, "MaxSizeAllowed": 1024} == refused_as(key)
