"""Callers who could not be verified."""

import pytest

from ferrox import metrics
from ferrox.auth.failures import COUNTED
from ferrox.errors import Fault, SignatureDoesNotMatch
from tests.counted import counting


def test_a_refusal_is_counted_by_its_code_and_goes_on() -> None:
    with counting() as counts, pytest.raises(SignatureDoesNotMatch), COUNTED:
        raise SignatureDoesNotMatch

    assert {("SignatureDoesNotMatch",): [1]} == counts[metrics.AUTHENTICATION_FAILURES]


def test_what_fails_here_is_nobodys_refusal() -> None:
    with counting() as counts, pytest.raises(Fault), COUNTED:
        raise Fault

    assert {} == counts[metrics.AUTHENTICATION_FAILURES]


def test_who_is_verified_is_not_counted() -> None:
    with counting() as counts, COUNTED:
        pass

    assert {} == counts[metrics.AUTHENTICATION_FAILURES]
