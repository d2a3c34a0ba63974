"""Errors of KMS, and what S3 makes of them."""

import pytest

from ferrox import kms_errors
from ferrox.errors import AccessDenied, S3Error


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        (kms_errors.Disabled("x is disabled."), "KMS.DisabledException"),
        (kms_errors.NotFound("Invalid keyId x"), "KMS.NotFoundException"),
        (kms_errors.InvalidArn("Invalid arn x"), "KMS.NotFoundException"),
        (kms_errors.InvalidState("x is pending deletion."), "KMS.KMSInvalidStateException"),
    ],
)
def test_s3_passes_on_what_kms_says(refusal: S3Error, code: str) -> None:
    told = kms_errors.through_s3(refusal)

    assert (400, code, refusal.message) == (told.status, told.code, told.message)


def test_what_is_no_refusal_of_a_key_stays_as_it_is() -> None:
    refusal = AccessDenied()

    assert refusal is kms_errors.through_s3(refusal)
