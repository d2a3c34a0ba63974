"""admin/handlers/server.py: figures of all processes, settings without secrets, jobs."""

import dataclasses
import json

from ferrox import __version__
from ferrox.clock import SettableClock
from ferrox.config import SETTINGS
from tests.admin.operator import Operator, Told

FIGURES = {
    "pid": 7, "started_ms": 1_790_000_000_000, "requests": 10, "client_errors": 2,
    "server_errors": 1, "under_way": 3, "connections": 4,
}  # fmt: skip


async def test_figures_of_all_processes_are_added_up(
    operator: Operator, clock: SettableClock
) -> None:
    both = {worker: json.dumps(FIGURES | {"pid": worker}).encode() for worker in (1, 0)}
    operator.processes.told["stats"] = Told(both, frozenset({2}))
    clock.advance(90)

    stats = await operator.get("/stats")

    assert (__version__, 90, [2]) == (stats["version"], stats["uptime_s"], stats["silent"])
    assert [20, 4, 2, 6, 8] == [
        stats[name]
        for name in ("requests", "client_errors", "server_errors", "under_way", "connections")
    ]
    assert [0, 1] == [worker["worker"] for worker in stats["workers"]]
    assert "2026-09-21T14:13:20.000Z" == stats["workers"][0]["started"]


async def test_settings_are_told_with_their_source_and_no_secret(operator: Operator) -> None:
    operator.backstage.config = dataclasses.replace(
        operator.backstage.config,
        access_key="somebody",
        secret_key="very secret",
        sources={"secret_key": "environment variable X", "data_dir": "--data-dir"},
    )

    answer = await operator.ask("GET", "/settings")

    told = {setting["name"]: setting for setting in answer.document["settings"]}
    assert {setting.name for setting in SETTINGS} == set(told)
    assert b"very secret" not in answer.body
    secret = told["secret_key"]
    assert (None, True, "environment variable X") == (
        secret["value"], secret["is_secret"], secret["source"],
    )  # fmt: skip
    assert ("somebody", "default") == (told["access_key"]["value"], told["access_key"]["source"])
    assert ("0.0.0.0:9000", "default") == (told["bind"]["value"], told["bind"]["source"])
    assert "--data-dir" == told["data_dir"]["source"]


async def test_jobs_are_told_before_and_after_their_rounds(
    operator: Operator, clock: SettableClock
) -> None:
    (before,) = (await operator.get("/jobs"))["jobs"]
    with operator.jobs["sweeping"].round():
        (during,) = (await operator.get("/jobs"))["jobs"]
        clock.advance(1)
    (after,) = (await operator.get("/jobs"))["jobs"]

    assert ("resting", 0, None, None) == (
        before["state"], before["rounds"], before["last_began"], before["last_ended"],
    )  # fmt: skip
    assert ("working", 0) == (during["state"], during["rounds"])
    assert ("resting", 1, "2026-09-21T14:13:20.000Z", "2026-09-21T14:13:21.000Z") == (
        after["state"], after["rounds"], after["last_began"], after["last_ended"],
    )  # fmt: skip


async def test_a_job_tells_how_far_it_is(operator: Operator) -> None:
    sweeping = operator.jobs["sweeping"]
    with sweeping.round():
        (silent,) = (await operator.get("/jobs"))["jobs"]
        sweeping.advance(3, None, "buckets")
        (told,) = (await operator.get("/jobs"))["jobs"]

    assert None is silent["progress"]
    assert {"done": 3, "total": None, "unit": "buckets"} == told["progress"]


async def test_a_job_is_asked_for(operator: Operator) -> None:
    told = await operator.order("POST", "/jobs/sweeping/run")

    assert "sweeping" == told["name"]
    assert await operator.jobs["sweeping"].rest(1000) is True


async def test_a_job_that_is_not_there_is_answered_with_those_that_are(
    operator: Operator,
) -> None:
    answer = await operator.ask("POST", "/jobs/knitting/run")

    assert (404, "There is no job knitting, only sweeping.") == (answer.status, answer.message)
