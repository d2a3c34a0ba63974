import pytest

from ferrox import iam_errors
from ferrox.errors import S3Error
from ferrox.iam_errors import ExpiredSecurityToken, NoSuchEntity

ALL = [
    value
    for value in vars(iam_errors).values()
    if isinstance(value, type) and issubclass(value, S3Error) and value is not S3Error
]


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_every_error_has_a_code_a_status_and_a_message_on_one_line(kind: type[S3Error]) -> None:
    assert 400 <= kind.status <= 500
    assert kind.code == kind.__name__ or kind.__name__.startswith("Expired")
    assert kind.default_message()
    assert "\n" not in kind.default_message()


def test_an_expired_token_is_told_apart_from_that_of_s3() -> None:
    assert ("ExpiredToken", 403) == (ExpiredSecurityToken.code, ExpiredSecurityToken.status)


def test_what_is_not_there_is_not_found() -> None:
    assert 404 == NoSuchEntity.status
