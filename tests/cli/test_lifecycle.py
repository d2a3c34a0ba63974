"""`ferroxd lifecycle`: what it takes, what it prints, what it refuses."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ferrox.cli import lifecycle, main
from ferrox.clock import SettableClock
from ferrox.errors import StartError
from ferrox.jobs.lifecycle import DOCUMENT, LifecycleJob
from ferrox.records import UNLOCKED, Lock, VersionDraft
from ferrox.storage.store import Store
from tests.ephemeral_process import started
from tests.storage.verbs import put

START_MS = 1_700_000_000_000
"""In the past of whatever clock the machine has."""

RULES = {
    "Rule": [
        {
            "ID": "logs",
            "Status": "Enabled",
            "Filter": {"Prefix": "logs/"},
            "Expiration": {"Days": 1},
            "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
        }
    ]
}


LONG_OVER = {
    "Status": "Enabled",
    "Filter": {"Prefix": ""},
    "Expiration": {"Date": datetime(2020, 1, 1, tzinfo=UTC)},
}
"""Nobody looks for it within the first seconds of a server."""


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A data directory with old objects in a bucket with rules."""
    asyncio.run(fill(tmp_path / "data"))
    return tmp_path / "data"


async def fill(data_dir: Path) -> None:
    store = await Store.open(data_dir, clock=SettableClock(START_MS))
    bucket, _ = await store.create_bucket("logged", "owner", "r", is_object_lock_enabled=True)
    await store.create_bucket("plain", "owner", "r")
    for key, body, lock in (
        ("logs/1", b"12345", UNLOCKED),
        ("logs/1", b"123", Lock(legal_hold=True)),
        ("logs/1", b"1", UNLOCKED),
        ("logs/new\n", b"12", UNLOCKED),
        ("k", b"1234567", UNLOCKED),
    ):
        await put(store, bucket, key, body, lock=lock)
    await store.create_upload(bucket, VersionDraft("logs/3", "", "owner"), None, None)
    await store.put_bucket_document(bucket, DOCUMENT, RULES)
    await store.close()


def obey(data_dir: Path) -> None:
    async def work() -> None:
        clock = SettableClock(START_MS)
        clock.advance(3 * 86_400)
        store = await Store.open(data_dir, clock=clock)
        await LifecycleJob(store, clock, interval_s=1, day_s=86_400).work_once()
        await store.close()

    asyncio.run(work())


def ferroxd(data_dir: Path, *arguments: str) -> int:
    return main.main(["lifecycle", *arguments, "--data-dir", str(data_dir)])


def test_a_plan_tells_what_would_be_removed(
    data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (data_dir / "index.db").read_bytes()

    status = ferroxd(data_dir, "plan", "logged")
    lines = capsys.readouterr().out.splitlines()

    assert (0, before) == (status, (data_dir / "index.db").read_bytes())
    assert [
        "bucket logged now",
        "2 objects would be expired, 1 noncurrent version would be removed,"
        " 0 delete markers would be removed, 1 upload would be aborted;"
        " 5 bytes would be removed",
        "kept by locks: 1 version whose time is over",
    ] == lines[:3]
    assert [
        "remove  logs/1",
        "expire  logs/1",
        "abort   logs/3",
        "expire  'logs/new\\n'",
    ] == sorted(
        (line.split("  (")[0].strip() for line in lines[3:]),
        key=lambda line: (line.split()[1].strip("'"), line.split()[0] == "expire"),
    )


def test_a_plan_beside_a_server_sees_what_was_committed(
    data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def meanwhile() -> int:
        store = await Store.open(data_dir, clock=SettableClock(START_MS))
        try:
            bucket = store.bucket("logged")
            assert bucket is not None
            await put(store, bucket, "logs/2", b"data")
            return await asyncio.to_thread(ferroxd, data_dir, "plan", "logged", "--json")
        finally:
            await store.close()

    status = asyncio.run(meanwhile())
    plan = json.loads(capsys.readouterr().out)

    assert (0, 3, 1) == (status, plan["counts"]["expire"], plan["locked_count"])
    assert "logs/2" in [step["key"] for step in plan["first"]]


def test_reports_tell_what_was_done(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = ferroxd(data_dir, "report", "logged")
    nothing = capsys.readouterr().out
    obey(data_dir)

    second = ferroxd(data_dir, "report", "logged")
    lines = capsys.readouterr().out.splitlines()
    ferroxd(data_dir, "report", "logged", "--json")
    reports: list[dict[str, Any]] = json.loads(capsys.readouterr().out)

    assert (0, 0) == (first, second)
    assert "not been obeyed yet" in nothing
    assert "bucket logged at 2023-11-17T22:13:20.000Z, in 0.0 s" == lines[0]
    assert lines[1].startswith("2 objects expired, 1 noncurrent version removed,")
    assert [{"logs": 4}] == [report["rule_counts"] for report in reports]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ((), "usage:"),
        (("plan",), "usage:"),
        (("obey", "logged"), "usage:"),
        (("plan", "logged", "plain"), "usage:"),
        (("plan", "logged", "--force"), "unknown option --force"),
        (("plan", "nothing"), "there is no bucket nothing"),
        (("report", "nothing"), "there is no bucket nothing"),
        (("plan", "plain"), "bucket plain has no lifecycle rules"),
    ],
)
def test_what_cannot_be_done(
    data_dir: Path,
    arguments: tuple[str, ...],
    reason: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    status = ferroxd(data_dir, *arguments)

    said = capsys.readouterr()
    assert (2, "", 1) == (status, said.out, len(said.err.splitlines()))
    assert reason in said.err


def test_a_server_is_asked_where_the_environment_names_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It looked into a data directory, which was another one, or none."""
    monkeypatch.chdir(tmp_path)
    with started(tmp_path, "--seed-bucket", "logged") as server:
        server.s3.put_object(Bucket="logged", Key="logs/1", Body=b"12345")
        server.s3.put_bucket_lifecycle_configuration(
            Bucket="logged", LifecycleConfiguration={"Rules": [LONG_OVER]}
        )
        url = server.variables["FERROX_ADMIN_URL"]
        monkeypatch.setenv("FERROX_ADMIN_URL", url)
        planned = main.main(["lifecycle", "plan", "logged"])
        reported = main.main(["lifecycle", "report", "logged", "--json"])
        told = capsys.readouterr().out.splitlines()
        monkeypatch.delenv("FERROX_ADMIN_URL")
        by_option = main.main(["lifecycle", "plan", "logged", "--json", "--admin-url", url])
        plan = json.loads(capsys.readouterr().out)
        missing = main.main(["lifecycle", "plan", "missing", "--admin-url", url])
        server.end()

    assert (0, 0, 0, 2) == (planned, reported, by_option, missing)
    assert ["bucket logged now", "1 object would be expired, "] == [told[0], told[1][:27]]
    assert "[]" == told[-1]
    assert ({"expire": 1}, "logs/1") == (plan["counts"], plan["first"][0]["key"])
    assert "NoSuchBucket" in capsys.readouterr().err


def test_a_data_directory_counts_more_than_the_environment(
    data_dir: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FERROX_ADMIN_URL", "https://nobody.invalid")

    assert 0 == ferroxd(data_dir, "plan", "logged")
    assert "bucket logged now" in capsys.readouterr().out


def test_nothing_is_made_where_nothing_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert 2 == ferroxd(tmp_path / "nowhere", "plan", "logged")
    assert "no data directory" in capsys.readouterr().err
    assert not (tmp_path / "nowhere").exists()


def test_help_says_that_a_server_may_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == main.main(["lifecycle", "--help"])
    assert "whether a server is running or not" in capsys.readouterr().out


def test_settings_come_from_where_those_of_the_server_come_from(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FERROX_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("FERROX_LIFECYCLE_DEBUG_DAY", "10")

    order = lifecycle.parse(["plan", "logged"])

    assert (tmp_path, 10) == (order.config.data_dir, order.config.lifecycle_debug_day)
    with pytest.raises(StartError, match="needs a value"):
        lifecycle.parse(["plan", "logged", "--data-dir="])
