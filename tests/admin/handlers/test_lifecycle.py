"""admin/handlers/lifecycle.py: what rules would do, and what they did, as the command tells it."""

import pytest

from ferrox.clock import SettableClock
from ferrox.jobs.lifecycle import DOCUMENT, LifecycleJob
from tests.admin.operator import LOOKER, Operator
from tests.in_process import InProcess

RULES = {"Rule": [{"ID": "old", "Status": "Enabled", "Filter": {}, "Expiration": {"Days": 1}}]}
COUNTED = {"expire": 2}


@pytest.fixture
async def ruled(s3: InProcess, clock: SettableClock) -> InProcess:
    """A bucket with rules whose time has come for two objects."""
    await s3.make_bucket("ruled")
    bucket = s3.store.bucket("ruled")
    assert bucket is not None
    await s3.put("a", b"12345", bucket="ruled")
    await s3.put("b\n", b"123", bucket="ruled")
    await s3.store.put_bucket_document(bucket, DOCUMENT, RULES)
    clock.advance(3 * 86_400)
    return s3


async def test_a_plan_says_what_would_be_done(ruled: InProcess, operator: Operator) -> None:
    plan = await operator.get("/buckets/ruled/lifecycle/plan")

    assert (COUNTED, {"old": 2}, 8, 0, []) == tuple(
        plan[name] for name in ("counts", "rule_counts", "size_bytes", "locked_count", "errors")
    )
    assert [
        {"action": "expire", "rule_id": "old", "key": key, "name": "null", "size_bytes": size}
        for key, size in (("a", 5), ("b\n", 3))
    ] == plan["first"]
    assert "2026-09-24T14:13:20.000Z" == plan["started"] == plan["ended"]
    assert 200 == (await ruled.get("a", bucket="ruled")).status


async def test_runs_say_what_was_done(
    ruled: InProcess, operator: Operator, clock: SettableClock
) -> None:
    before = await operator.get("/buckets/ruled/lifecycle/runs")
    await LifecycleJob(ruled.store, clock, interval_s=1, day_s=86_400).work_once()

    (run,) = (await operator.get("/buckets/ruled/lifecycle/runs"))["runs"]

    assert {"runs": []} == before
    assert (COUNTED, ["a", "b\n"]) == (run["counts"], [step["key"] for step in run["first"]])


async def test_who_may_look_may_see_both(ruled: InProcess, operator: Operator) -> None:
    plan = await operator.ask("GET", "/buckets/ruled/lifecycle/plan", caller=LOOKER)

    assert (200, COUNTED) == (plan.status, plan.document["counts"])


async def test_where_nothing_is_that_is_said(s3: InProcess, operator: Operator) -> None:
    await s3.make_bucket("plain")

    unruled = await operator.ask("GET", "/buckets/plain/lifecycle/plan")
    missing = [
        await operator.ask("GET", f"/buckets/missing/lifecycle/{what}") for what in ("plan", "runs")
    ]

    assert (404, "NoSuchLifecycleConfiguration") == (unruled.status, unruled.code)
    assert [(404, "NoSuchBucket")] * 2 == [(answer.status, answer.code) for answer in missing]
