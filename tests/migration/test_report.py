"""report.py: what is counted, what is named, and how it is told."""

import json

import pytest

from ferrox.migration.report import MOST_NAMED, BucketReport, Report


def _report(*buckets: BucketReport) -> Report:
    return Report("http://a", "http://b", False, "2026-01-01T00:00:00Z", buckets=list(buckets))


def test_all_is_well_if_nothing_is_missing() -> None:
    bucket = BucketReport("a", "b", objects=2, bytes=2048, markers=1, present=3, verified=6)
    bucket.documents += ["CORS", "policy"]
    bucket.note("told once")
    bucket.note("told once")

    report = _report(bucket)

    assert report.is_complete
    assert report.told().splitlines()[1:4] == [
        "bucket a as b: 2 objects (2.0 KiB) and 1 delete marker copied, 3 there already;"
        " 6 verified",
        "  with CORS, policy",
        "  note: told once",
    ]
    assert report.told().endswith("\n1 bucket; 3 versions and 2.0 KiB copied in 0.0 s\ncomplete\n")


@pytest.mark.parametrize(
    "bucket",
    [
        BucketReport("a", "a", extra=2, removed=1),
        BucketReport("a", "a", counts={"WrongBytes": 1}),
    ],
)
def test_what_is_missing_or_too_much_is_told(bucket: BucketReport) -> None:
    assert not _report(bucket).is_complete
    assert "NOT complete" in _report(bucket).told()


def test_a_run_that_was_stopped_is_not_complete() -> None:
    report = _report()
    report.halted = "the disk is full"

    assert not report.is_complete
    assert report.told().endswith("stopped: the disk is full\n")


def test_a_dry_run_tells_what_would_be() -> None:
    report = _report(BucketReport("a", "a", objects=1, extra=1, removed=1))
    report.is_dry_run = True
    report.tried_again = 1

    assert "1 version and 0 bytes would be copied in 0.0 s; 1 request made again" in report.told()
    assert "1 object (0 bytes) and 0 delete markers would be copied" in report.told()
    assert "1 would be removed" in report.told()
    assert "complete" not in report.told()


def test_all_problems_are_counted_and_the_first_are_named() -> None:
    bucket = BucketReport("a", "a")
    for number in range(MOST_NAMED + 5):
        bucket.problem(f"k\n{number}", "v", "WrongBytes", "md5")

    told = _report(bucket).told(named=2)

    assert {"WrongBytes": MOST_NAMED + 5} == bucket.counts
    assert MOST_NAMED == len(bucket.problems)
    assert "  WrongBytes: 'k\\n0' (version v): md5\n" in told
    assert f"  and {MOST_NAMED + 3:,} more" in told


def test_it_can_be_read_by_programs() -> None:
    bucket = BucketReport("a", "a")
    bucket.problem("k", "", "NotFound", "gone")

    plain = json.loads(json.dumps(_report(bucket).as_plain()))

    assert (False, False) == (plain["is_complete"], plain["buckets"][0]["is_complete"])
    assert [{"what": "k", "version_id": "", "code": "NotFound", "message": "gone"}] == (
        plain["buckets"][0]["problems"]
    )
