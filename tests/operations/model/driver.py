"""What every rule uses: the server in process, its model, the values that stories are made of."""

import asyncio
import base64
import hashlib
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import xmltodict
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, precondition, rule

from ferrox.clock import SettableClock
from ferrox.crypto.sealing import Seal
from ferrox.jobs.reencryption import DOCUMENT, Progress, Reencryption
from ferrox.jobs.rewrapping import Rewrapping
from ferrox.jobs.sealing import sealing_of
from ferrox.operations.encryption_rules import SseMode
from ferrox.storage.keys.ring import Ring
from ferrox.storage.keys.server_keys import ServerKeys
from ferrox.storage.metadata import manifest
from ferrox.storage.store import Store
from tests.in_process import Answer, InProcess
from tests.operations.model.reference import Model, StoredObject, span
from tests.sealing import sealing_with

T = TypeVar("T")

INLINE_LIMIT_BYTES = 1024
SMALLEST_PART_BYTES = 100
UNREADABLE = "\uf8ff"
NOON_MS = 1_790_000_000_000
BUCKETS = ("first", "second")

# What has made trouble in one store or another: escapes, paths, white space, the order of UTF-8
# (U+E000 sorts before U+10FFFF there, after it in UTF-16), what XML cannot carry.
PIECES = (
    *("a", "b", "/", "//", ".", "..", "%2F", "+", " ", "~", "é", "\U0010ffff", "\ue000", "\x01"),
    *("&", "?", "a/b/", "-", "/", "/", "a", "a", "b"),
)
keys: Bundle[str] = Bundle("keys")
uploads: Bundle[str] = Bundle("uploads")

key_names = st.one_of(
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=4).map("".join),
    st.tuples(st.sampled_from("ab"), st.sampled_from(PIECES)).map("/".join),
)
prefixes = st.one_of(st.just(""), st.lists(st.sampled_from(PIECES), max_size=2).map("".join))
delimiters = st.sampled_from(["", "/", "/", "//", ".", "é", "+", "a/"])
page_sizes = st.sampled_from([1, 2, 3, 7, None])
buckets = st.sampled_from((BUCKETS[0], *BUCKETS))
seeds = st.integers(0, 2**16)
sizes = st.sampled_from([0, 1, 100, 1023, 1024, 1025, 5000, 70_000, 300_000])
part_sizes = st.sampled_from([0, 1, 99, 100, 101, 1500, 70_000])
part_numbers = st.integers(1, 5)
metadata = st.dictionaries(st.sampled_from(["color", "taste"]), st.sampled_from(["red", "~ +/"]))
content_types = st.sampled_from(["", "text/plain", "application/x-thing; a=1"])
range_headers = st.one_of(
    st.builds("bytes={}-{}".format, st.integers(0, 1500), st.integers(0, 6000)),
    st.builds("bytes={}-".format, st.integers(0, 1500)),
    st.builds("bytes=-{}".format, st.integers(0, 6000)),
)


def content(seed: int, size_bytes: int) -> bytes:
    """Bytes that no other seed has."""
    return hashlib.shake_128(f"{seed}".encode()).digest(size_bytes)


def in_pieces(body: bytes) -> list[bytes]:
    """As a socket delivers it: not at all in the units of the store."""
    return [body[start : start + 7001] for start in range(0, len(body), 7001)]


def document(answer: Answer) -> dict[str, Any]:
    """What the body says, white space of keys kept.

    S3 writes characters that XML 1.0 has no way to write, as character references. Strict readers
    refuse the whole document (hence encoding-type=url); this one is lenient.
    """
    (root,) = xmltodict.parse(
        answer.body.replace(b"&#x1;", UNREADABLE.encode()),
        strip_whitespace=False,
        force_list=("Contents", "CommonPrefixes", "Upload", "Part", "Deleted"),
    ).values()
    content: dict[str, Any] = root
    return content


def plain(name: str) -> str:
    """A name as a document shows it without encoding-type."""
    return name.replace(UNREADABLE, "\x01")


def etag_in(answer: Answer) -> str:
    """The ETag that a document tells."""
    return str(document(answer)["ETag"]).strip('"')


def outcome(answer: Answer) -> tuple[int, str]:
    """Status and error code."""
    return answer.status, document(answer)["Code"] if answer.status >= 300 else ""


class World(RuleBasedStateMachine):
    """The server in process, with its clock, on a data directory of its own.

    Some stories are told with everything encrypted, which nobody may notice.
    """

    mode: SseMode = "optional"

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="ferrox-model-")
        self.data_dir = Path(self.folder.name) / "data"
        self.runner = asyncio.Runner()
        self.clock = SettableClock(NOON_MS)
        self.open()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def open(self) -> None:
        self.store = self.run(
            Store.open(self.data_dir, clock=self.clock, inline_limit_bytes=INLINE_LIMIT_BYTES)
        )
        self.s3 = InProcess(self.store, self.clock)
        self.server_keys = ServerKeys(self.store.identities, Seal(bytes(32)), self.clock.now_ms())
        sealing_with(self.s3, Ring(self.server_keys), mode=self.mode)

    @initialize(mode=st.sampled_from(["optional", "default"]))
    def begin_with(self, mode: SseMode) -> None:
        self.mode = mode
        sealing_with(self.s3, Ring(self.server_keys), mode=mode)

    @rule()
    def rotate(self) -> None:
        self.run(self.server_keys.make(self.clock.now_ms()))
        self.run(Rewrapping(self.store, self.server_keys, self.clock).work_once())
        assert self.run(self.store.data_key_counts()).keys() <= {self.server_keys.current().kek_id}

    @precondition(lambda self: not self.has_uploads)
    @rule()
    def encrypt_everything(self) -> None:
        """From now on, and what is there already; with no uploads under way, which would not be."""
        self.begin_with("default")
        job = Reencryption(self.store, sealing_of(self.s3.services), self.clock)
        for bucket in self.run(self.store.all_buckets("", 10)):
            begun = Progress(self.clock.now_ms())._asdict()
            self.run(self.store.put_bucket_document(bucket, DOCUMENT, begun))
        self.run(job.work_once())
        for bucket in self.run(self.store.buckets_with_document(DOCUMENT)):
            done = self.store.bucket_document(bucket, DOCUMENT)
            assert done is not None
            assert (True, 0) == (done["ended_ms"] is not None, done["failed_count"])

    @property
    def has_uploads(self) -> bool:
        """Whether parts have been sent of what is no object yet."""
        return False

    def ask(self, *arguments: Any, **named: Any) -> Answer:
        self.clock.advance(0.25)
        return self.run(self.s3.ask(*arguments, **named))

    def compare_everything(self) -> None:
        """Hold what is stored when a story ends against the model."""
        raise NotImplementedError

    def teardown(self) -> None:
        with self.folder:
            try:
                self.compare_everything()
                self.run(self.store.reap())
            finally:
                self.run(self.store.close())
                self.runner.close()
            check_data_dir(self.data_dir)


class Driver(World):
    """The server and the model that it is compared with."""

    def __init__(self) -> None:
        super().__init__()
        self.model = Model({name: {} for name in BUCKETS})
        for name in BUCKETS:
            self.run(self.s3.make_bucket(name))

    @property
    def has_uploads(self) -> bool:
        return bool(self.model.uploads)

    def compare_everything(self) -> None:
        for bucket, objects in self.model.buckets.items():
            for key, stored in objects.items():
                compare(stored, self.ask("GET", f"/{bucket}/{key}"))


def description(content_type: str, metadata: dict[str, str]) -> dict[str, str]:
    """What a request says of the object besides its bytes."""
    headers = {f"x-amz-meta-{name}": value for name, value in metadata.items()}
    return headers | ({"content-type": content_type} if content_type else {})


def escape(text: str) -> str:
    """As the text of an XML element."""
    return text.replace("&", "&amp;").replace("<", "&lt;")


def write_condition(
    condition: str, current: StoredObject | None
) -> tuple[dict[str, str], str | None]:
    """The headers of a conditional write, and the error it must meet."""
    if condition == "absent":
        return {"if-none-match": "*"}, "PreconditionFailed" if current else None
    if condition == "same":
        etag = current.etag if current else "0" * 32
        return {"if-match": f'"{etag}"'}, None if current else "NoSuchKey"
    if condition == "other":
        return {"if-match": '"0123"'}, "PreconditionFailed" if current else "NoSuchKey"
    return {}, None


def compare(stored: StoredObject, got: Answer, wanted: str | None = None) -> None:
    """Fail unless a GET answered what the model has."""
    size = len(stored.body)
    if wanted is not None and not is_backwards(wanted):
        selected = span(wanted, size)
        if selected is None:
            assert (416, "InvalidRange") == outcome(got)
            return
        start, end = selected
        assert (206, stored.body[start:end]) == (got.status, got.body)
        assert f"bytes {start}-{end - 1}/{size}" == got.headers["content-range"]
    else:
        assert (200, stored.body) == (got.status, got.body)
    assert f'"{stored.etag}"' == got.headers["etag"]
    assert stored.content_type == got.headers["content-type"]
    assert {f"x-amz-meta-{name}": value for name, value in stored.metadata.items()} == {
        name: value for name, value in got.headers.items() if name.startswith("x-amz-meta-")
    }


def base64_sha256(body: bytes) -> str:
    """The value of x-amz-checksum-sha256."""
    return base64.b64encode(hashlib.sha256(body).digest()).decode()


def is_backwards(header: str) -> bool:
    """Whether a range ends before it begins, which means that it is not one."""
    first, _, last = header.removeprefix("bytes=").partition("-")
    return bool(first and last) and int(last) < int(first)


def check_data_dir(data_dir: Path) -> None:
    """No file without a row, no row without a file, and every reference counted."""
    files = {path.name for path in (data_dir / "blobs").rglob("*") if path.is_file()}
    database = sqlite3.connect(data_dir / "index.db")
    try:
        rows = database.execute("SELECT hex(name), reference_count FROM blobs").fetchall()
        manifests = database.execute(
            "SELECT manifest FROM versions UNION ALL SELECT manifest FROM parts"
        ).fetchall()
        (garbage_count,) = database.execute("SELECT count(*) FROM garbage").fetchone()
    finally:
        database.close()
    references = Counter(
        extent.blob_name.hex() for (packed,) in manifests for extent in manifest.unpack(packed)
    )

    assert dict(references) == {name.lower(): count for name, count in rows}
    assert set(references) == files
    assert 0 == garbage_count
