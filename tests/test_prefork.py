"""Several workers as one server: real processes, and connections whose worker is known."""

import json
import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from ferrox import prefork
from ferrox.config import Config
from tests.raw_http import Closed, Reply, Wire, connected, request
from tests.server_process import ServerProcess, children, serving

WORKERS = 3
LIMIT_S = 30.0
PART_BYTES = 8 * 1024**2


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    """Three workers, and a bucket."""
    with serving(tmp_path / "data", "--workers", f"{WORKERS}") as started:
        assert 200 == ask_anew(started, "PUT", "/bucket").status
        yield started


def ask_anew(server: ServerProcess, method: str, path: str, body: bytes = b"") -> Reply:
    """Ask over a new connection, which is some worker's."""
    with connected(server) as wire:
        return wire.ask(request(server, method, path, body=body))


def worker_of(server: ServerProcess, wire: Wire) -> int:
    """The process that has the other end of a connection."""
    here, there = wire.socket.getsockname()[1], server.port
    for row in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = row.split()
        ports = [int(address.split(":")[1], 16) for address in fields[1:3]]
        if ports == [there, here]:
            link = f"socket:[{fields[9]}]"
            return next(pid for pid in server.workers if link in descriptors(pid))
    raise AssertionError("the connection is not there")


def descriptors(pid: int) -> set[str]:
    """What the open files of a process are."""
    found = set()
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        try:
            found.add(os.readlink(entry))
        except FileNotFoundError:
            continue  # closed meanwhile
    return found


@contextmanager
def wires(server: ServerProcess) -> Iterator[Mapping[int, Wire]]:
    """A connection to each worker, by its process id."""
    found: dict[int, Wire] = {}
    spare: list[Wire] = []
    try:
        while len(found) < WORKERS:
            wire = Wire(server)
            assert 200 == wire.ask(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n").status
            pid = worker_of(server, wire)
            spare.append(wire)
            found.setdefault(pid, wire)
            assert len(spare) < 1000
        yield found
    finally:
        for wire in spare:
            wire.socket.close()


def until(condition: Callable[[], bool], what: str) -> None:
    """Wait for something that nobody tells."""
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < deadline, what
        threading.Event().wait(0.01)


def blobs(server: ServerProcess) -> set[str]:
    """The names of all blob files."""
    return {path.name for path in (server.data_dir / "blobs").rglob("*") if path.is_file()}


def test_whatever_one_worker_acknowledged_every_other_sees(server: ServerProcess) -> None:
    rng = random.Random(7)
    with wires(server) as by_worker:
        pool = list(by_worker.values())
        for number in range(100):
            writer, reader, remover, last = (rng.choice(pool) for _ in range(4))
            path, body = f"/bucket/{number % 5}", rng.randbytes(rng.choice([10, 5_000, 100_000]))

            put = writer.ask(request(server, "PUT", path, body=body))
            got = reader.ask(request(server, "GET", path))
            shown = remover.ask(request(server, "GET", "/bucket", {"list-type": "2"}))
            removed = remover.ask(request(server, "DELETE", path))
            gone = last.ask(request(server, "GET", path))

            assert [200, 200, 204, 404] == [
                put.status, got.status, removed.status, gone.status,
            ]  # fmt: skip
            assert body == got.body
            assert f"<Key>{number % 5}</Key>".encode() in shown.body


def test_new_buckets_and_conditions_hold_between_workers(server: ServerProcess) -> None:
    with wires(server) as by_worker:
        one, other, third = by_worker.values()
        made = one.ask(request(server, "PUT", "/second"))
        found = other.ask(request(server, "HEAD", "/second"), is_head=True)
        first = third.ask(request(server, "PUT", "/second/k", headers={"if-none-match": "*"}))
        again = one.ask(request(server, "PUT", "/second/k", headers={"if-none-match": "*"}))

    assert [200, 200, 200, 412] == [made.status, found.status, first.status, again.status]


def test_of_many_writers_in_all_workers_exactly_one_wins(server: ServerProcess) -> None:
    statuses: list[int] = []
    with wires(server) as by_worker:
        start = threading.Barrier(WORKERS)

        def race(wire: Wire) -> None:
            for number in range(50):
                message = request(
                    server, "PUT", f"/bucket/{number}", headers={"if-none-match": "*"}
                )
                start.wait(LIMIT_S)
                statuses.append(wire.ask(message).status)

        threads = [threading.Thread(target=race, args=(wire,)) for wire in by_worker.values()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert 50 == statuses.count(200)
    assert 50 * (WORKERS - 1) == statuses.count(412)


class Load:
    """Clients that write until they are told to stop, and keep what was acknowledged."""

    def __init__(self, server: ServerProcess, count: int) -> None:
        self.acknowledged: list[dict[str, bytes]] = [{} for _ in range(count)]
        self.interruptions = 0
        self._server = server
        self._is_over = threading.Event()
        self._threads = [threading.Thread(target=self._work, args=(n,)) for n in range(count)]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join()

    def wait_progress(self) -> None:
        """Wait until every client got something acknowledged that it had not before."""
        counts = [len(found) for found in self.acknowledged]
        until(
            lambda: all(
                len(found) > count for found, count in zip(self.acknowledged, counts, strict=True)
            ),
            "every client goes on",
        )

    def _work(self, number: int) -> None:
        rng = random.Random(number)
        while not self._is_over.is_set():
            try:
                with Wire(self._server) as wire:
                    while not self._is_over.is_set():
                        self._put(wire, number, rng)
            except (OSError, Closed):
                self.interruptions += 1

    def _put(self, wire: Wire, number: int, rng: random.Random) -> None:
        key = f"{number}-{rng.randrange(10**9)}"
        body = rng.randbytes(rng.choice([99, 70_000]))
        reply = wire.ask(request(self._server, "PUT", f"/bucket/{key}", body=body))
        if reply.status == 200:
            self.acknowledged[number][key] = body


def test_a_worker_that_is_killed_under_load_loses_nothing_and_is_replaced(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path / "data", "--workers", f"{WORKERS}")
    try:
        ask_anew(server, "PUT", "/bucket")
        before = server.workers
        with Load(server, 6) as load:
            load.wait_progress()
            for pid in before[:2]:
                until(lambda: len(server.workers) == WORKERS, "a worker is replaced")
                os.kill(pid, signal.SIGKILL)
                load.wait_progress()
        with wires(server) as by_worker:
            pool = list(by_worker.values())
            stored = {
                key: pool[number % WORKERS].ask(request(server, "GET", f"/bucket/{key}")).body
                for number, found in enumerate(load.acknowledged)
                for key in found
            }
            after = set(by_worker)
        server.stop()
    except BaseException:
        server.kill()
        raise

    assert {key: body for found in load.acknowledged for key, body in found.items()} == stored
    assert {before[2]} == after & set(before)
    assert 2 == server.log.count("killed by SIGKILL; it is started again")
    assert load.interruptions < 13, "nobody was cut off but by the end of a worker"


def test_uploads_in_every_worker_are_finished_after_sigterm(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path / "data", "--workers", f"{WORKERS}")
    body = os.urandom(2_000_000)
    try:
        ask_anew(server, "PUT", "/bucket")
        with wires(server) as by_worker:
            for number, wire in enumerate(by_worker.values()):
                upload = request(
                    server, "PUT", f"/bucket/{number}",
                    headers={"expect": "100-continue"}, body=body,
                )  # fmt: skip
                wire.send(upload[: -len(body)])
                assert wire.socket.recv(100).startswith(b"HTTP/1.1 100 ")
                wire.send(body[:1_000_000])
            stopping = threading.Thread(target=server.stop)
            stopping.start()
            until(lambda: not listens(server), "nobody listens any more")
            for wire in by_worker.values():
                wire.send(body[1_000_000:])
            statuses = [wire.reply().status for wire in by_worker.values()]
        stopping.join()
        server.restart()
        stored = [ask_anew(server, "GET", f"/bucket/{number}").body for number in range(WORKERS)]
        server.stop()
    except BaseException:
        server.kill()
        raise

    assert [200] * WORKERS == statuses
    assert [body] * WORKERS == stored
    server.expect_clean_log()


def lives(pid: int) -> bool:
    """Whether a process runs: one that has ended may wait long for somebody to ask how."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def listens(server: ServerProcess) -> bool:
    """Whether new connections are taken."""
    try:
        Wire(server).socket.close()
    except ConnectionRefusedError:
        return False
    except ConnectionResetError:  # it stood in the queue when the listener was closed
        return True
    return True


def test_a_stopped_server_has_copied_its_log_into_the_index(tmp_path: Path) -> None:
    with serving(tmp_path / "data", "--workers", "3") as server:
        ask_anew(server, "PUT", "/bucket")

    logs = [path for path in (tmp_path / "data").glob("*-wal") if path.stat().st_size]
    assert [] == logs


def test_nothing_outlives_a_supervisor_that_is_killed_and_its_data_can_be_served_again(
    tmp_path: Path,
) -> None:
    server = ServerProcess(tmp_path / "data", "--workers", f"{WORKERS}")
    try:
        ask_anew(server, "PUT", "/bucket")
        workers = server.workers
        port = server.port
        server.kill()  # joins the reader of the terminal, which every process holds

        server.restart()
        left = [pid for pid in workers if lives(pid)]
        status = ask_anew(server, "HEAD", "/bucket").status
        server.stop()
    except BaseException:
        server.kill()
        raise

    assert WORKERS == len(workers)
    assert [] == left
    assert (port, 200) == (server.port, status)


def start_slow_read(server: ServerProcess, wire: Wire, path: str) -> bytes:
    """Ask for something large and read only its beginning."""
    wire.send(request(server, "GET", path))
    beginning = b""
    while b"\r\n\r\n" not in beginning:
        beginning += wire.socket.recv(1000)
    assert beginning.startswith(b"HTTP/1.1 200 ")
    return beginning.partition(b"\r\n\r\n")[2]


def upload_in_parts(server: ServerProcess, path: str, count: int) -> bytes:
    """An object of several blobs; returns its bytes."""
    bodies = [os.urandom(PART_BYTES) for _ in range(count)]
    with connected(server) as wire:
        begun = wire.ask(request(server, "POST", path, {"uploads": ""}))
        upload_id = begun.element("UploadId")
        parts = ""
        for number, body in enumerate(bodies, 1):
            query = {"uploadId": upload_id, "partNumber": f"{number}"}
            etag = wire.ask(request(server, "PUT", path, query, body=body)).headers["etag"]
            parts += f"<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>"
        document = f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>".encode()
        done = wire.ask(request(server, "POST", path, {"uploadId": upload_id}, body=document))
        assert 200 == done.status
    return b"".join(bodies)


@pytest.mark.parametrize("reader_number", range(WORKERS))
def test_no_blob_goes_while_any_worker_reads_it(tmp_path: Path, reader_number: int) -> None:
    """Garbage is removed when a worker has ended: by the first one, or by who takes its place."""
    server = ServerProcess(tmp_path / "data", "--workers", f"{WORKERS}")
    try:
        ask_anew(server, "PUT", "/bucket")
        body = upload_in_parts(server, "/bucket/read", 4)
        read_blobs = blobs(server)
        ask_anew(server, "PUT", "/bucket/other", os.urandom(100_000))
        (other_blob,) = blobs(server) - read_blobs
        with wires(server) as by_worker:
            pids = sorted(by_worker)  # in the order they were started
            reader = by_worker[pids[reader_number]]
            received = start_slow_read(server, reader, "/bucket/read")
            remover = by_worker[pids[(reader_number + 1) % WORKERS]]
            for path in ("/bucket/read", "/bucket/other"):
                assert 204 == remover.ask(request(server, "DELETE", path)).status

            os.kill(pids[(reader_number + 2) % WORKERS], signal.SIGKILL)
            until(lambda: other_blob not in blobs(server), "what nobody reads is removed")
            present = blobs(server)
            while len(received) < len(body):
                received += reader.socket.recv(1 << 20)

        until(lambda: len(server.workers) == WORKERS, "the worker is replaced")
        os.kill(pids[(reader_number + 1) % WORKERS], signal.SIGKILL)
        until(lambda: not blobs(server), "what is not read any more is removed, too")
        server.stop()
    except BaseException:
        server.kill()
        raise

    assert read_blobs == present
    assert body == received


def test_a_blob_that_another_worker_writes_is_no_orphan(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path / "data", "--workers", f"{WORKERS}")
    body = os.urandom(2_000_000)
    try:
        ask_anew(server, "PUT", "/bucket")
        with wires(server) as by_worker:
            pids = sorted(by_worker)
            lost, kept = (
                request(server, "PUT", f"/bucket/{n}", body=body) for n in ("lost", "kept")
            )
            by_worker[pids[1]].send(lost[:-500_000])
            by_worker[pids[2]].send(kept[:-500_000])
            until(lambda: len(blobs(server)) == 2, "both uploads have begun")
            os.kill(pids[1], signal.SIGKILL)
            until(lambda: len(blobs(server)) == 1, "what the dead worker wrote is removed")
            by_worker[pids[2]].send(kept[-500_000:])
            status = by_worker[pids[2]].reply().status
        stored = ask_anew(server, "GET", "/bucket/kept").body
        server.stop()
    except BaseException:
        server.kill()
        raise

    assert (200, body) == (status, stored)


def test_lines_of_several_workers_are_whole_and_request_ids_different(tmp_path: Path) -> None:
    with serving(tmp_path / "data", "--workers", "3", "--log-format", "json") as server:
        ask_anew(server, "PUT", "/bucket")
        key = "k" * 900
        with wires(server) as by_worker:

            def work(wire: Wire) -> None:
                for _ in range(100):
                    wire.ask(request(server, "GET", f"/bucket/{key}"))

            threads = [threading.Thread(target=work, args=(w,)) for w in by_worker.values()]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

    lines = [json.loads(line) for line in server.log.splitlines()]
    asked = [line for line in lines if line.get("key") == key]
    assert 300 == len(asked)
    assert 300 == len({line["request_id"] for line in asked})


def test_the_banner_says_how_many_workers_there_are_and_all_serve_by_then(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with serving(tmp_path / "data", "--workers", "3") as server:
        statuses = {ask_anew(server, "PUT", f"/bucket-{number}").status for number in range(30)}
        workers = server.workers

    assert {200} == statuses
    assert WORKERS == len(workers)
    assert [] == [pid for pid in workers for _ in children(pid)]


@pytest.mark.parametrize(
    ("most", "workers", "share"), [(0, 4, 0), (100, 4, 25), (10, 4, 2), (3, 4, 1)]
)
def test_connections_are_limited_by_shares(most: int, workers: int, share: int) -> None:
    assert share == prefork._share(Config(max_connections=most), workers)
