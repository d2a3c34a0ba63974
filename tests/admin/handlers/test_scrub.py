"""admin/handlers/scrub.py: how far the scrub is, and what it has found."""

import dataclasses

from ferrox.clock import SettableClock
from ferrox.jobs.rounds import Rounds
from ferrox.jobs.scrub import Scrub
from ferrox.storage.metadata.findings import BLOB, DATABASE, INLINE, UPLOAD, VERSION, Name
from ferrox.storage.metadata.scrubbing import Pass
from tests.admin.operator import LOOKER, Operator
from tests.in_process import InProcess

LARGE = bytes(range(256)) * 1200


async def test_before_the_first_pass_there_is_none(operator: Operator) -> None:
    operator.backstage.config = dataclasses.replace(
        operator.backstage.config, scrub_interval=None, scrub_rate=5
    )
    await operator.backstage.services.store.scrubbing.keep(Pass(0, 1, 1))

    told = await operator.get("/scrub")

    assert {
        "state": "resting", "progress": None, "findings": 0, "due": None,
        "interval_days": None, "rate": 5, "passes": [],
    } == told  # fmt: skip


async def test_a_pass_is_told_with_its_phase(operator: Operator, clock: SettableClock) -> None:
    scrubbing = operator.backstage.services.store.scrubbing
    began_ms = clock.now_ms()
    await scrubbing.keep(Pass(1, began_ms, began_ms + 1000, phase=7, done_bytes=5))
    await scrubbing.keep(Pass(2, began_ms, phase=6, total_bytes=9, unopened_count=3))

    told = await operator.get("/scrub")

    second, first = told["passes"]
    assert (2, "blobs", None, 0, 9, 3) == (
        second["number"], second["phase"], second["ended"], second["done_bytes"],
        second["total_bytes"], second["unopened"],
    )  # fmt: skip
    assert ("done", "2026-09-21T14:13:21.000Z", 5, None) == (
        first["phase"], first["ended"], first["done_bytes"], first["total_bytes"],
    )  # fmt: skip


async def test_the_next_pass_is_told_unless_one_is_under_way(
    operator: Operator, clock: SettableClock
) -> None:
    scrubbing = operator.backstage.services.store.scrubbing
    began_ms = clock.now_ms()
    await scrubbing.keep(Pass(0, began_ms, began_ms))
    first = await operator.get("/scrub")
    await scrubbing.keep(Pass(1, began_ms, began_ms + 5))
    later = await operator.get("/scrub")
    await scrubbing.keep(Pass(2, began_ms))
    during = await operator.get("/scrub")

    assert ["2026-09-22T14:13:20.000Z", "2026-09-28T14:13:20.000Z", None] == [
        told["due"] for told in (first, later, during)
    ]


async def test_it_is_asked_for_once(operator: Operator, clock: SettableClock) -> None:
    rounds = operator.jobs["scrub"] = Rounds("scrub", clock)
    with rounds.round():
        told = await operator.order("POST", "/scrub/run")
    is_asked_during = await rounds.rest(0.001)
    await operator.order("POST", "/scrub/run")

    assert "working" == told["state"]
    assert is_asked_during is False, "no second pass follows the one that is under way"
    assert await rounds.rest(1000) is True


async def test_a_server_without_a_scrub_says_so(operator: Operator) -> None:
    answer = await operator.ask("POST", "/scrub/run")

    assert (404, "This server has no scrub.") == (answer.status, answer.message)


async def test_who_may_only_look_cannot_have_it_run(operator: Operator) -> None:
    answer = await operator.ask("POST", "/scrub/run", caller=LOOKER)

    assert 403 == answer.status


async def test_findings_are_told_with_what_needs_them(operator: Operator, s3: InProcess) -> None:
    await s3.make_bucket()
    await s3.put("k", LARGE)
    bucket = s3.store.bucket("bucket")
    assert bucket is not None
    version = s3.store.version(bucket, "k")
    assert version is not None
    name = version.extents[0].blob_name.hex()
    path = s3.store.data_dir.blobs_path / name[-4:-2] / name[-2:] / name
    path.unlink()

    await Scrub(s3.store, s3.clock, interval_s=None, rate_bytes=0).work_once()
    page = await operator.get("/scrub/findings")

    holder = {
        "bucket": "bucket", "key": "k", "version_id": "null", "upload_id": None,
        "part_number": None,
    }  # fmt: skip
    when = "2026-09-21T14:13:20.000Z"
    assert {
        "findings": [{
            "kind": "blob", "name": name, "problem": f"blob {name} is missing", "found": when,
            "last_seen": when, "needed_by": [holder], "needed_by_count": 1,
        }],
        "next": None,
    } == page  # fmt: skip


async def test_findings_come_in_pages(operator: Operator, s3: InProcess) -> None:
    await s3.make_bucket()
    await s3.put("large", LARGE)
    await s3.put("small")
    begun = await s3.ask("POST", "/bucket/open", {"uploads": ""})
    upload_id = str(begun.document["UploadId"])
    query = {"uploadId": upload_id, "partNumber": "1"}
    await s3.ask("PUT", "/bucket/open", query, body=LARGE)
    bucket = s3.store.bucket("bucket")
    assert bucket is not None
    large, small = (s3.store.version(bucket, key) for key in ("large", "small"))
    assert large is not None
    assert small is not None
    noted: list[tuple[str, Name, str]] = [
        (BLOB, large.extents[0].blob_name, "a"), (DATABASE, "index.db", "b"),
        (INLINE, small.version, "c"), (UPLOAD, upload_id, "d"), (VERSION, large.version, "e"),
    ]  # fmt: skip
    await s3.store.scrubbing.note(noted, 1)

    seen: list[dict[str, str]] = []
    after = ""
    while after is not None:
        page = await operator.get("/scrub/findings", after=after, limit="1")
        seen += page["findings"]
        after = page["next"]

    assert ["a", "b", "c", "d", "e"] == [one["problem"] for one in seen]
    assert [None] * 5 == [one["needed_by"] for one in seen]
    assert "index.db" == seen[1]["name"]


async def test_a_page_that_is_none_is_refused(operator: Operator) -> None:
    answer = await operator.ask("GET", "/scrub/findings", query={"after": "blob:zz"})

    assert (400, "after is not the next of a page") == (answer.status, answer.message)
