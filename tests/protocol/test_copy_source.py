"""protocol/copy_source.py: the spellings of x-amz-copy-source."""

import pytest

from ferrox.errors import InvalidArgument
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


@pytest.mark.parametrize(
    ("header", "what"),
    [
        *((header, "object key") for header in ("", "/", "bucket", "/bucket", "bucket/")),
        *((header, "bucket name") for header in ("//key", "s3://bucket/key", "b c/key")),
        ("bucket/%ae", "encoding"),
    ],
)
def test_what_is_wrong_with_a_source_is_told(header: str, what: str) -> None:
    with pytest.raises(InvalidArgument) as refused:
        parse(header)

    assert f"Invalid copy source {what}" == refused.value.message
    name = "x-amz-copy-source"
    assert {"ArgumentName": name, "ArgumentValue": name} == refused.value.details
