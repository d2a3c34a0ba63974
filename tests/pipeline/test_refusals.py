import pytest

from ferrox.errors import NoSuchKey, StorageFull, StoreReadOnly
from ferrox.pipeline.refusals import refusal_of


def test_what_the_client_did_is_told_as_it_is() -> None:
    error = NoSuchKey(Key="k")

    assert error is refusal_of(error, "id")


@pytest.mark.parametrize(
    ("reason", "status", "code"),
    [
        (StorageFull(), 507, "InsufficientStorage"),
        (StoreReadOnly("disk"), 503, "ServiceUnavailable"),
        (ValueError("secret"), 500, "InternalError"),
    ],
)
def test_what_went_wrong_here_is_told_without_its_reason(
    reason: Exception, status: int, code: str
) -> None:
    refusal = refusal_of(reason, "id")

    assert (status, code) == (refusal.status, refusal.code)
    assert "secret" not in refusal.message


def test_the_log_is_told_the_reason(caplog: pytest.LogCaptureFixture) -> None:
    refusal_of(ValueError("the reason"), "4442587FB7D0A2F9")

    assert "4442587FB7D0A2F9: request failed" in caplog.text
    assert "the reason" in caplog.text
