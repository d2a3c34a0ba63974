"""Which requests on the port of S3 are for KMS."""

import pytest

from ferrox.protocol.kms.service import operation_name
from ferrox.protocol.message import Request


@pytest.mark.parametrize(
    ("method", "target", "expected"),
    [
        ("POST", "TrentService.Encrypt", "Encrypt"),
        ("POST", "TrentService.", ""),
        ("GET", "TrentService.Encrypt", None),
        ("POST", "DynamoDB_20120810.ListTables", None),
    ],
)
def test_the_target_says_it(method: str, target: str, expected: str | None) -> None:
    assert expected == operation_name(Request(method, "/", "", {"x-amz-target": target}))


def test_without_a_target_it_is_for_s3() -> None:
    assert operation_name(Request("POST", "/", "", {})) is None
