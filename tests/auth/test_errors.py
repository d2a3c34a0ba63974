"""The refusals of signatures read as AWS words them."""

import pytest

from ferrox.auth import errors
from ferrox.errors import S3Error

ALL = [
    value
    for value in vars(errors).values()
    if isinstance(value, type) and issubclass(value, S3Error) and value is not S3Error
]


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_every_error_has_a_code_a_status_and_a_message_on_one_line(kind: type[S3Error]) -> None:
    assert 400 <= kind.status < 500
    assert kind.code == kind.__name__
    assert kind.default_message()
    assert "\n" not in kind.default_message()


def test_the_message_is_what_aws_says() -> None:
    assert errors.RegionSetMismatch().message == (
        "The provided X-Amz-Region-Set doesn't match against the requested S3 region."
    )
