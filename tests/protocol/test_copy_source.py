"""protocol/copy_source.py: the spellings of x-amz-copy-source."""

import pytest

from ferrox.errors import InvalidArgument, InvalidURI
from ferrox.protocol.copy_source import CopySourceName, parse


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bucket/key", ("bucket", "key", None)),
        ("/bucket/key", ("bucket", "key", None)),
        ("bucket%2Fa%2fb", ("bucket", "a/b", None)),
        ("bucket/a+b%2Bc", ("bucket", "a b+c", None)),
        ("bucket//a", ("bucket", "/a", None)),
        ("bucket/ü", ("bucket", "ü", None)),
        ("bucket/a?b", ("bucket", "a?b", None)),
        ("bucket/a%3FversionId=1", ("bucket", "a?versionId=1", None)),
        ("bucket/a?versionId=null", ("bucket", "a", "null")),
        ("bucket/a?versionId=", ("bucket", "a", "")),
    ],
)
def test_a_source_is_read_however_it_is_spelt(
    header: str, expected: tuple[str, str, str | None]
) -> None:
    assert CopySourceName(*expected) == parse(header)


@pytest.mark.parametrize("header", ["", "/", "bucket", "/bucket", "bucket/", "//key"])
def test_a_source_needs_a_bucket_and_a_key(header: str) -> None:
    with pytest.raises(InvalidArgument, match="sourcebucket/sourcekey"):
        parse(header)


def test_a_source_that_is_no_text_is_refused() -> None:
    with pytest.raises(InvalidURI):
        parse("bucket/%ae")
