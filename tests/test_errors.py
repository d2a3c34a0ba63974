import pytest

from ferrox import errors
from ferrox.errors import AccessDenied, NoSuchKey, S3Error

ALL = [
    value
    for value in vars(errors).values()
    if isinstance(value, type) and issubclass(value, S3Error) and value is not S3Error
]


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_every_error_has_a_code_a_status_and_a_message_on_one_line(kind: type[S3Error]) -> None:
    assert 300 <= kind.status < 600
    assert kind.code == kind.__name__
    assert kind.default_message()
    assert "\n" not in kind.default_message()


def test_details_and_a_message_for_the_case_at_hand_travel_with_the_error() -> None:
    error = NoSuchKey("Not here.", Key="k", headers={"a": "1"})

    assert ("Not here.", {"Key": "k"}, {"a": "1"}) == (error.message, error.details, error.headers)
    assert NoSuchKey.default_message() == NoSuchKey().message


def test_a_reason_is_kept_beside_what_the_client_is_told() -> None:
    error = AccessDenied().because("it rains")

    assert ("it rains", "Access Denied", {}) == (error.reason, error.message, error.details)
    assert "" == AccessDenied().reason


def test_an_error_without_status_or_docstring_cannot_be_defined() -> None:
    with pytest.raises(TypeError, match="needs a status"):
        type("Nameless", (S3Error,), {})
