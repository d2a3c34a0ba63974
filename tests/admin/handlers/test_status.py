"""admin/handlers/status.py: one answer with all there is to see."""

import dataclasses
import json
from collections.abc import Iterator
from typing import Any

import pytest

from ferrox import __version__, metrics
from ferrox.admin.handlers.status import Counts
from ferrox.clock import SettableClock
from ferrox.errors import Fault
from ferrox.instruments import Panel
from ferrox.slots import Slots
from ferrox.storage.metadata.scrubbing import Pass
from tests.admin.operator import Operator, Told
from tests.in_process import InProcess

DAY_S = 86_400
FIGURES = {
    "pid": 7, "started_ms": 1_790_000_000_000, "requests": 10, "client_errors": 2,
    "server_errors": 1, "under_way": 3, "connections": 4, "addresses": ["http://127.0.0.1:9"],
}  # fmt: skip


@pytest.fixture(autouse=True)
def counting() -> Iterator[None]:
    """Counters that begin at nothing."""
    metrics.share(Slots(1), 0)
    yield
    metrics.share(Slots(1), 0)


@pytest.fixture(autouse=True)
def two_workers(operator: Operator) -> None:
    told = {worker: json.dumps(FIGURES | {"pid": worker}).encode() for worker in (1, 0)}
    operator.processes.told["stats"] = Told(told)


async def status(operator: Operator) -> Any:
    return await operator.get("/status")


def names(told: dict[str, Any]) -> list[str]:
    """Of troubles, but for those of the drive that this runs on."""
    return [one["name"] for one in told["troubles"] if not one["name"].startswith("drive")]


async def test_an_empty_server_is_well(operator: Operator, clock: SettableClock) -> None:
    clock.advance(90.25)

    told = await status(operator)

    assert (__version__, 90.25, True, []) == (
        told["version"], told["uptime_s"], told["is_well"], names(told),
    )  # fmt: skip
    assert ("2026-09-21T14:13:20.000Z", ["http://127.0.0.1:9"]) == (
        told["started"], told["addresses"],
    )  # fmt: skip
    assert [0, 1] == [worker["worker"] for worker in told["workers"]]
    assert {"findings": 0, "last_ended": None} == told["scrub"]
    assert ["sweeping"] == [job["name"] for job in told["jobs"]]
    assert 0 == sum(told["latency"]["counts"])


async def test_what_is_stored_and_where_is_told(operator: Operator, s3: InProcess) -> None:
    await s3.make_bucket()
    await s3.put("large", bytes(300_000))
    await s3.put("small", b"12345")

    told = await status(operator)

    assert {
        "buckets": 1, "objects": 2, "versions": 2, "version_bytes": 300_005, "part_bytes": 0,
    } == told["stored"]  # fmt: skip
    held = told["capacity"]
    assert (1, 300_000, 0) == (held["blobs"], held["blob_bytes"], held["garbage_blobs"])
    assert 0 < held["drive_free_bytes"] < held["drive_bytes"]
    assert held["index_bytes"] > 0


async def test_requests_are_counted_over_operations(operator: Operator) -> None:
    for operation, code, seconds in (
        ("GetObject", "200", 0.0004), ("GetObject", "404", 0.002), ("PutObject", "503", 300),
        ("PutObject", "0", 0.002),
    ):  # fmt: skip
        metrics.REQUESTS.inc(1, operation, code)
        metrics.DURATION.observe(seconds, operation)
        metrics.RECEIVED_BYTES.inc(10, operation)
        metrics.SENT_BYTES.inc(100, operation)
    metrics.IN_FLIGHT.inc(3)
    metrics.CONNECTIONS.inc(5)

    told = await status(operator)

    assert {
        "ended": 4, "client_errors": 1, "server_errors": 1, "received_bytes": 40,
        "sent_bytes": 400, "under_way": 3, "connections": 5,
    } == told["requests"]  # fmt: skip
    latency = told["latency"]
    assert len(latency["bounds_s"]) + 1 == len(latency["counts"])
    assert (1, 2, 1) == (
        latency["counts"][0], latency["counts"][latency["bounds_s"].index(0.0025)],
        latency["counts"][-1],
    )  # fmt: skip


async def test_troubles_are_told(operator: Operator, s3: InProcess, clock: SettableClock) -> None:
    operator.processes.told["stats"] = operator.processes.told["stats"]._replace(
        silent=frozenset({4})
    )
    s3.store._database.refuse_writes("the drive is broken")
    metrics.CERTIFICATE_EXPIRY.set(clock.now_ms() / 1000 + DAY_S, "a.crt")

    told = await status(operator)

    assert False is told["is_well"]
    assert ["read-only", "worker", "certificate"] == names(told)
    assert [4] == told["silent"]
    assert "nothing can be written: the drive is broken" == told["troubles"][0]["message"]


async def test_a_drive_that_is_gone_is_a_trouble(operator: Operator, s3: InProcess) -> None:
    s3.store.data_dir.blobs_path.rmdir()

    told = await status(operator)

    assert "drive" == told["troubles"][0]["name"]
    assert "blobs: No such file or directory" in told["troubles"][0]["message"]
    assert (False, 0) == (told["is_well"], told["capacity"]["drive_bytes"])


async def test_a_scrub_that_is_late_is_told_of(
    operator: Operator, s3: InProcess, clock: SettableClock
) -> None:
    operator.backstage.config = dataclasses.replace(operator.backstage.config, scrub_interval=1)
    await s3.store.scrubbing.keep(Pass(1, clock.now_ms(), clock.now_ms()))
    clock.advance(3 * DAY_S)

    told = await status(operator)

    assert ["scrub-late"] == names(told)
    assert "2026-09-21T14:13:20.000Z" == told["scrub"]["last_ended"]


async def test_an_index_that_cannot_be_read_leaves_the_rest(
    operator: Operator, s3: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(**_: Any) -> None:
        raise Fault("malformed")

    monkeypatch.setattr(s3.store, "figures", fail)

    told = await status(operator)

    assert (None, None, False) == (told["stored"], told["scrub"], told["is_well"])
    assert "index" in names(told)
    assert 0 < told["capacity"]["drive_bytes"]


def test_nothing_that_was_counted_is_zero() -> None:
    assert 0 == Counts.read(metrics.PANEL).requests.ended
    assert isinstance(metrics.PANEL, Panel)
