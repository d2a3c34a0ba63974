"""jobs/failures.py: a job goes on after a failure, which is told."""

import asyncio
import logging

import pytest

from ferrox.errors import Fault
from ferrox.jobs.failures import survived

LOG = logging.getLogger("ferrox.test")


@pytest.mark.parametrize("failure", [Fault("the disk is gone"), OSError("the disk is gone")])
def test_what_is_wrong_around_the_server_is_told_in_a_line(
    failure: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    with survived(LOG, "work failed, to be tried again later"):
        raise failure

    told = [(one.levelname, one.getMessage(), one.exc_info) for one in caplog.records]
    assert [("WARNING", "work failed, to be tried again later: the disk is gone", None)] == told


def test_a_defect_is_told_with_its_trace(caplog: pytest.LogCaptureFixture) -> None:
    with survived(LOG, "work failed"):
        raise KeyError("a defect")

    [record] = caplog.records
    assert ("ERROR", "work failed") == (record.levelname, record.getMessage())
    assert "a defect" in caplog.text


def test_who_cancels_a_job_is_heard(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(asyncio.CancelledError), survived(LOG, "work failed"):
        raise asyncio.CancelledError

    assert [] == caplog.records


def test_what_succeeds_is_not_spoken_of(caplog: pytest.LogCaptureFixture) -> None:
    with survived(LOG, "work failed"):
        pass

    assert [] == caplog.records
