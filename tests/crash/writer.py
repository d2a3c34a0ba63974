"""A client that writes at random until the server dies, and keeps the books of what it was told."""

import hashlib
import random
from collections.abc import Callable
from enum import Enum, auto
from typing import NamedTuple

from tests.crash.oracle import ABSENT, Oracle
from tests.raw_http import Closed, Reply, Wire, request
from tests.server_process import ServerProcess

KEYS_PER_WRITER = 4
SHARED_KEYS = 3
PART_BYTES = 5 * 1024**2


class Event(Enum):
    """What others may want to hear of at once."""

    SENT = auto()
    ANSWERED = auto()


class Interrupted(NamedTuple):
    """A completion whose answer never came."""

    key: str
    upload_id: str
    etags: tuple[str, ...]
    value: str


class Interruption(Exception):
    """The server died while this writer waited."""


class Unexpected(Exception):
    """The server answered what it should not have."""


class Writer:
    """One client that writes until the server dies, and knows what it was told."""

    def __init__(self, server: ServerProcess, oracle: Oracle, number: int) -> None:
        self.number = number
        self.interrupted: list[Interrupted] = []
        self._server = server
        self._oracle = oracle
        self._wire: Wire | None = None
        self._upload_id = ""
        self._note: Callable[[Event], None] = _ignore

    def own_key(self, rng: random.Random) -> str:
        return f"own/{self.number}/{rng.randrange(KEYS_PER_WRITER)}"

    def key(self, rng: random.Random) -> str:
        is_shared = rng.random() < 0.25
        return f"shared/{rng.randrange(SHARED_KEYS)}" if is_shared else self.own_key(rng)

    def work(self, seed: str, note: Callable[[Event], None]) -> None:
        """Write at random until the server dies; `note` hears of every step."""
        self._note = note
        rng = random.Random(seed)
        verbs = [self.put_small, self.put_large, self.put_huge, self.delete, self.copy]
        verbs += [self.assemble, self.add_part]
        try:
            while True:
                (verb,) = rng.choices(verbs, [35, 20, 3, 12, 12, 8, 10])
                verb(rng)
        except Interruption:
            pass
        finally:
            self._note = _ignore
            self.hang_up()

    def hang_up(self) -> None:
        """Close the connection; the next request makes a new one."""
        if self._wire is not None:
            self._wire.socket.close()
            self._wire = None

    def ask(
        self,
        method: str,
        path: str,
        query: dict[str, str] | None = None,
        *,
        headers: dict[str, str] | None = None,
        body: bytes = b"",
    ) -> Reply:
        try:
            if self._wire is None:
                self._wire = Wire(self._server)
            self._wire.send(request(self._server, method, path, query, headers=headers, body=body))
            self._note(Event.SENT)
            reply = self._wire.reply()
            self._note(Event.ANSWERED)
        except (OSError, Closed) as error:
            raise Interruption from error
        if reply.status not in (200, 204):
            raise Unexpected(f"{method} {path}: {reply.status} {reply.body!r}")
        return reply

    def change(self, name: str, value: str, action: Callable[[], object]) -> None:
        """Do something that gives a name a value, and keep the books."""
        write = self._oracle.begin(name, value)
        action()
        self._oracle.acknowledge(write)

    def put(self, rng: random.Random, size_bytes: int) -> None:
        key, body = self.key(rng), rng.randbytes(size_bytes)
        self.change(key, value_of(body), lambda: self.ask("PUT", f"/crash/{key}", body=body))

    def put_small(self, rng: random.Random) -> None:
        self.put(rng, rng.randrange(1, 60_000))

    def put_large(self, rng: random.Random) -> None:
        self.put(rng, rng.randrange(70_000, 200_000))

    def put_huge(self, rng: random.Random) -> None:
        self.put(rng, 6_000_000 + rng.randrange(1000))

    def delete(self, rng: random.Random) -> None:
        key = self.key(rng)
        self.change(key, ABSENT, lambda: self.ask("DELETE", f"/crash/{key}"))

    def copy(self, rng: random.Random) -> None:
        """Copy what this writer alone writes, so that it knows what it copies."""
        source, key = self.own_key(rng), self.key(rng)
        value = self._oracle.settled(source)
        if value != ABSENT and source != key:
            headers = {"x-amz-copy-source": f"/crash/{source}"}
            self.change(key, value, lambda: self.ask("PUT", f"/crash/{key}", headers=headers))

    def assemble(self, rng: random.Random) -> None:
        """Upload in parts from first to last; rarely in more than one, as those must be large."""
        key = self.own_key(rng)
        sizes = [PART_BYTES] * (rng.random() < 0.15) + [rng.randrange(1, 200_000)]
        upload_id = self.ask("POST", f"/crash/{key}", {"uploads": ""}).element("UploadId")
        bodies = [rng.randbytes(size) for size in sizes]
        etags = tuple(
            self.ask(
                "PUT",
                f"/crash/{key}",
                {"uploadId": upload_id, "partNumber": str(number)},
                body=body,
            ).headers["etag"]
            for number, body in enumerate(bodies, 1)
        )
        completion = Interrupted(key, upload_id, etags, value_of(b"".join(bodies)))
        try:
            self.change(key, completion.value, lambda: self.complete(completion))
        except Interruption:
            self.interrupted.append(completion)
            raise

    def complete(self, completion: Interrupted) -> None:
        parts = "".join(
            f"<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>"
            for number, etag in enumerate(completion.etags, 1)
        )
        self.ask(
            "POST",
            f"/crash/{completion.key}",
            {"uploadId": completion.upload_id},
            body=f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>".encode(),
        )

    def add_part(self, rng: random.Random) -> None:
        """One more part of an upload that stays open over all the crashes."""
        if not self._upload_id:
            answer = self.ask("POST", f"/crash/open/{self.number}", {"uploads": ""})
            self._upload_id = answer.element("UploadId")
        number, body = rng.randrange(1, 6), rng.randbytes(rng.randrange(1, 100_000))
        query = {"uploadId": self._upload_id, "partNumber": str(number)}
        self.change(
            f"part:{self.number}:{number}",
            hashlib.md5(body).hexdigest(),
            lambda: self.ask("PUT", f"/crash/open/{self.number}", query, body=body),
        )

    def parts_seen(self) -> dict[int, str]:
        """Part number → ETag of what the open upload has."""
        if not self._upload_id:
            return {}
        query = {"uploadId": self._upload_id}
        listed = self.ask("GET", f"/crash/open/{self.number}", query).body.decode()
        rows = listed.split("<Part>")[1:]
        return {
            int(between(row, "<PartNumber>", "<")): between(row, "<ETag>", "</")
            .replace("&quot;", "")
            .strip('"')
            for row in rows
        }


def _ignore(_event: Event) -> None:
    """Nobody wants to hear."""


def between(text: str, start: str, end: str) -> str:
    """What stands between two marks."""
    return text.partition(start)[2].partition(end)[0]


def value_of(body: bytes) -> str:
    """What the oracle remembers of a body."""
    return hashlib.sha256(body).hexdigest()
