"""patience.py: what passes is tried again, what does not is not."""

import pytest

from ferrox.migration.faults import Broken, Changed, Halt, Refused, WrongBytes
from ferrox.migration.patience import Patience, is_passing

QUICK = Patience(attempts=4, pause_s=0.0)


class Attempts:
    """Fails so and so, in turn, and then succeeds."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.count = 0

    async def __call__(self) -> str:
        self.count += 1
        if self.failures:
            raise self.failures.pop(0)
        return "done"


@pytest.mark.parametrize(
    "error",
    [
        *(Refused(status, "", "") for status in (429, 500, 502, 503, 504)),
        Refused(400, "RequestTimeout", ""),
        Refused(503, "SlowDown", ""),
        ConnectionResetError(),
        TimeoutError(),
        WrongBytes("md5"),
        Changed("etag"),
    ],
)
async def test_what_passes_is_tried_again(error: Exception) -> None:
    attempts = Attempts(error, error, error)

    assert "done" == await QUICK.persist(attempts)
    assert 4 == attempts.count


@pytest.mark.parametrize(
    "error",
    [
        *(Refused(status, "", "") for status in (400, 403, 404, 412, 501, 507)),
        Broken("again and again"),
        Halt("full"),
        ValueError("a mistake of ours"),
    ],
)
async def test_what_lasts_is_not(error: Exception) -> None:
    attempts = Attempts(error)

    with pytest.raises(type(error)):
        await QUICK.persist(attempts)
    assert 1 == attempts.count


async def test_patience_ends() -> None:
    attempts = Attempts(*[ConnectionResetError()] * 10)

    with pytest.raises(ConnectionResetError):
        await QUICK.persist(attempts)
    assert 4 == attempts.count


async def test_what_others_are_patient_with_is_left_to_them() -> None:
    attempts = Attempts(Changed("etag"))

    with pytest.raises(Changed):
        await QUICK.persist(attempts, but=Changed)


def test_pauses_grow_up_to_a_limit_and_are_never_quite_the_same() -> None:
    patience = Patience(pause_s=1.0, most_pause_s=8.0)

    pauses = [[patience.pause(attempt) for _ in range(50)] for attempt in (0, 1, 2, 3, 40)]

    for most_s, drawn in zip((1, 2, 4, 8, 8), pauses, strict=True):
        assert most_s / 2 <= min(drawn) < max(drawn) <= most_s


def test_a_refusal_without_a_code_is_called_by_its_status() -> None:
    assert ("Status502", "status 502") == (Refused(502, "", "").code, str(Refused(502, "", "")))
    assert is_passing(Refused(502, "", ""))
