"""Limits, audit log and refusals of a real server with several workers: counted, never timed."""

import json
import os
import shutil
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from ferrox.accounting.rate_limits import TABLE
from ferrox.storage.settings import Settings
from tests.raw_http import Reply, Wire, connected, request
from tests.server_process import NotReady, ServerProcess
from tests.test_prefork import WORKERS, until, wires

BURST = 60
ONE_AN_HOUR = "0.000277"


@contextmanager
def serving(data_dir: Path, *options: str) -> Iterator[ServerProcess]:
    """A server of several workers, which must end well; what it logs is not judged."""
    server = ServerProcess(data_dir, "--workers", f"{WORKERS}", *options)
    try:
        yield server
    except BaseException:
        server.kill()
        raise
    server.stop()


def ask_over(server: ServerProcess, by_worker: list[Wire], count: int) -> list[int]:
    """The statuses of so many requests over each connection, all at once."""
    statuses: list[int] = []

    def work(wire: Wire) -> None:
        for _ in range(count):
            statuses.append(wire.ask(request(server, "GET", "/")).status)  # noqa: PERF401 - as they come

    threads = [threading.Thread(target=work, args=(wire,)) for wire in by_worker]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses


def ask(server: ServerProcess, method: str, path: str, **more: Any) -> Reply:
    with connected(server) as wire:
        return wire.ask(request(server, method, path, **more))


def lines_of(path: Path) -> list[dict[str, Any]]:
    """The lines of an audit log and of its older files."""
    files = sorted(path.parent.glob(f"{path.name}*"))
    return [json.loads(line) for one in files for line in one.read_text().splitlines()]


def test_over_all_workers_exactly_the_burst_may_go_on(tmp_path: Path) -> None:
    limits = ("--rate-limit-requests", ONE_AN_HOUR, "--rate-limit-burst", f"{BURST}")
    with serving(tmp_path / "data", *limits) as server:
        with wires(server) as by_worker:
            statuses = ask_over(server, list(by_worker.values()), 2 * BURST)
            os.kill(next(iter(by_worker)), signal.SIGKILL)
        until(lambda: len(server.workers) == WORKERS, "the worker is replaced")
        with wires(server) as by_worker:
            after = ask_over(server, list(by_worker.values()), 5)
            reply = next(iter(by_worker.values())).ask(request(server, "GET", "/"))

    assert {200: BURST, 503: 2 * WORKERS * BURST - BURST} == Counter(statuses)
    assert {503: 5 * WORKERS} == Counter(after), "a worker that dies takes no memory along"
    assert ("SlowDown", "Please reduce your request rate.") == (
        reply.code, reply.element("Message"),
    )  # fmt: skip
    assert 0 < int(reply.headers["retry-after"]) <= 3611
    assert 'reason="FERROXCLIENTTESTS: more than 0.000277 requests' in server.log


def test_a_limit_of_a_key_is_in_force_at_the_next_request_of_every_worker(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as server, wires(server) as by_worker:
        pool = list(by_worker.values())
        before = ask_over(server, pool, 20)
        with closing(Settings(server.data_dir / "settings.db")) as settings:
            settings.put(TABLE, server.access_key, {"requests": 0.0001, "burst": 10})
            limited = ask_over(server, pool, 20)
            settings.delete(TABLE, server.access_key)
            after = ask_over(server, pool, 20)

    assert {200: 20 * WORKERS} == Counter(before) == Counter(after)
    assert {200: 10, 503: 20 * WORKERS - 10} == Counter(limited)


def test_every_request_of_every_worker_has_its_line_whatever_is_rotated(tmp_path: Path) -> None:
    path = tmp_path / "audit" / "audit.log"
    path.parent.mkdir()
    rotated = ("--audit-log-max-size", "4096", "--audit-log-keep", "1000")
    with serving(tmp_path / "data", "--audit-log", str(path), *rotated) as server:
        ask(server, "PUT", "/bucket")
        with wires(server) as by_worker:
            statuses = ask_over(server, list(by_worker.values()), 50)
        put = ask(server, "PUT", "/bucket/k", body=b"12345", headers={"user-agent": "me"})

    lines = lines_of(path)
    logged = [
        line.split("request_id=")[1].split()[0]
        for line in server.log.splitlines()
        if " ACCESS " in line and "access_key_id=" in line
    ]
    assert {200: 50 * WORKERS} == Counter(statuses)
    assert Counter(logged) == Counter(line["request_id"] for line in lines)
    assert 2 < len(list(path.parent.iterdir()))
    last = next(line for line in lines if line["request_id"] == put.headers["x-amz-request-id"])
    assert ("PutObject", "bucket", "k", 200, 5, "me", "127.0.0.1", server.access_key) == (
        last["operation"], last["bucket"], last["key"], last["status"], last["bytes_in"],
        last["user_agent"], last["peer"], last["access_key_id"],
    )  # fmt: skip
    assert server.secret_key not in json.dumps(lines)


def test_a_strict_log_is_written_before_the_answer_is_there(tmp_path: Path) -> None:
    path = tmp_path / "audit.log"
    strict = ("--audit-log", str(path), "--audit-log-strict", "on")
    with serving(tmp_path / "data", *strict) as server, wires(server) as by_worker:
        for number, wire in enumerate([*by_worker.values()] * 10):
            reply = wire.ask(request(server, "PUT", f"/bucket-{number}"))
            assert reply.headers["x-amz-request-id"] == lines_of(path)[-1]["request_id"]


def test_while_a_strict_log_cannot_be_written_nothing_is_done_and_it_is_said_once(
    tmp_path: Path,
) -> None:
    place = tmp_path / "audit"
    place.mkdir()
    strict = ("--audit-log", str(place / "audit.log"), "--audit-log-strict", "on")
    with serving(tmp_path / "data", *strict) as server, wires(server) as by_worker:
        wire = next(iter(by_worker.values()))
        first = wire.ask(request(server, "PUT", "/first"))
        shutil.rmtree(place)
        under_way = wire.ask(request(server, "PUT", "/second"))
        refused = [wire.ask(request(server, "PUT", f"/third-{n}")) for n in range(5)]
        alive = wire.ask(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
        place.mkdir()
        listed = wire.ask(request(server, "GET", "/"))
        lines = lines_of(place / "audit.log")

    assert [200, 503, 200] == [first.status, under_way.status, alive.status]
    assert [(503, "ServiceUnavailable")] * 5 == [(one.status, one.code) for one in refused]
    assert b"third" not in listed.body
    assert ["CreateBucket", "ListBuckets"] == [line["operation"] for line in lines]
    assert 1 == server.log.count("requests are REFUSED")


def test_a_log_that_is_not_strict_stops_nobody(tmp_path: Path) -> None:
    place = tmp_path / "audit"
    place.mkdir()
    with (
        serving(tmp_path / "data", "--audit-log", str(place / "audit.log")) as server,
        wires(server) as by_worker,
    ):
        wire = next(iter(by_worker.values()))
        shutil.rmtree(place)
        statuses = [wire.ask(request(server, "GET", "/")).status for _ in range(5)]
        until(lambda: "requests go on without it" in server.log, "the server says so")
        place.mkdir()
        wire.ask(request(server, "GET", "/"))
        until((place / "audit.log").exists, "the log is written again")

    assert [200] * 5 == statuses
    assert 6 == len(lines_of(place / "audit.log"))


def test_a_server_that_cannot_write_its_audit_log_does_not_start(tmp_path: Path) -> None:

    with pytest.raises(NotReady, match=r"audit_log: .*No such file or directory"):
        ServerProcess(
            tmp_path / "data", "--workers", "2", "--audit-log", str(tmp_path / "no" / "log")
        )


def test_a_refusal_says_why_to_the_operator_who_asks(tmp_path: Path) -> None:
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "NoReading", "Effect": "Deny", "Principal": "*", "Action": "s3:GetObject",
             "Resource": "arn:aws:s3:::bucket/*"}
        ],
    }  # fmt: skip
    with serving(tmp_path / "data") as server:
        ask(server, "PUT", "/bucket")
        ask(server, "PUT", "/bucket", query={"policy": ""}, body=json.dumps(policy).encode())
        with wires(server) as by_worker:
            told = [
                wire.ask(request(server, "GET", "/bucket/k", headers={"x-ferrox-explain": "1"}))
                for wire in by_worker.values()
            ]
            plain = next(iter(by_worker.values())).ask(request(server, "GET", "/bucket/k"))

    assert ["NoReading"] * WORKERS == [reply.element("Statement") for reply in told]
    assert b"NoReading" not in plain.body
    assert 'reason="statement NoReading of' in server.log
