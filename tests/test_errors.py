import sys
from types import ModuleType
from typing import Any

import pytest

from ferrox import document_errors, errors, iam_errors, kms_errors
from ferrox.auth import errors as auth_errors
from ferrox.errors import AccessDenied, NoSuchKey, S3Error

STATUSES = {
    errors: range(300, 600),
    document_errors: range(400, 500),
    iam_errors: range(400, 501),
    kms_errors: range(400, 500),
    auth_errors: range(400, 500),
}
"""The modules of errors, and which statuses those may have that they define."""

NAMED_OTHERWISE = {"ExpiredSecurityToken", "ExpiredIdentityToken"}
"""Errors that IAM or STS call like others of theirs or of S3."""


def errors_of(*modules: ModuleType) -> list[Any]:
    return [
        pytest.param(value, id=f"{module.__name__}.{name}")
        for module in modules
        for name, value in vars(module).items()
        if isinstance(value, type)
        and issubclass(value, S3Error)
        and value.__module__ == module.__name__
        and value is not S3Error
    ]


@pytest.mark.parametrize("kind", errors_of(*STATUSES))
def test_every_error_has_a_status_and_a_message_on_one_line(kind: type[S3Error]) -> None:
    assert kind.status in STATUSES[sys.modules[kind.__module__]]
    assert kind.default_message()
    assert "\n" not in kind.default_message()


@pytest.mark.parametrize("kind", errors_of(*(one for one in STATUSES if one is not kms_errors)))
def test_every_error_but_those_of_kms_is_named_by_its_code(kind: type[S3Error]) -> None:
    assert (kind.code == kind.__name__) is (kind.__name__ not in NAMED_OTHERWISE)


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
