"""operations/server_log.py: requests about a bucket that is logged leave lines in the spool."""

import dataclasses
import zlib
from pathlib import Path

import pytest

from ferrox.clock import SettableClock
from ferrox.errors import Fault
from ferrox.iam.acl import Ownership
from ferrox.operations.access import BucketDefaults
from ferrox.operations.server_log import ServerLog
from ferrox.operations.website import Websites
from ferrox.protocol import checksums
from ferrox.protocol.message import Outcome, Request, Response, Tls
from ferrox.storage.spool import Batch, Spool
from ferrox.storage.store import Store
from tests import signing
from tests.in_process import OTHER_ACCESS_KEY, ROOT, InProcess
from tests.operations.configured import put

LOGGED = (
    "<BucketLoggingStatus><LoggingEnabled><TargetBucket>bucket</TargetBucket>"
    "<TargetPrefix>logs/</TargetPrefix></LoggingEnabled></BucketLoggingStatus>"
)


class Noting:
    """A pipeline whose requests are noted as the gateway notes them."""

    def __init__(self, s3: InProcess, path: Path) -> None:
        self.s3 = s3
        self.spool = Spool(path, s3.clock, max_age_s=0, max_bytes=1 << 20)
        self.server_log = ServerLog(s3.services, self.spool)
        self.pipeline = s3.pipeline
        self.tls: Tls | None = None
        s3.pipeline = self  # type: ignore[assignment]  # it answers, too

    async def answer(self, request: Request) -> Response:
        request = dataclasses.replace(request, peer="192.0.2.3", tls=self.tls)
        response = await self.pipeline.answer(request)
        sent_bytes = len(response.body) if isinstance(response.body, bytes) else 0
        self.server_log.note(
            request, Outcome(response.status, response.headers, sent_bytes, 0.0074, 0.0031)
        )
        return response

    async def lines(self) -> list[str]:
        """What was written since the last look."""
        found: list[Batch] = []

        async def take(batch: Batch) -> bool:
            found.append(batch)
            return True

        await self.spool.close()
        await self.spool.deliver(take)
        return [line for batch in found for line in batch.data.decode().splitlines()]


@pytest.fixture
async def noting(s3: InProcess, tmp_path: Path) -> Noting:
    await s3.make_bucket()
    await s3.make_bucket("other")
    assert (await put(s3, "logging", LOGGED)).status == 200
    return Noting(s3, tmp_path / "spool")


def fields(line: str) -> list[str]:
    """The fields between spaces, quoted ones whole."""
    pieces = line.split('"')
    found: list[str] = []
    for number, piece in enumerate(pieces):
        found += [piece] if number % 2 else piece.split()
    return found


async def test_a_request_is_written_down(noting: Noting) -> None:
    agent = {"user-agent": "curl/8", "referer": "http://a/"}
    answer = await noting.s3.put("a b", b"12345", headers=agent)

    (line,) = await noting.lines()

    found = fields(line)
    assert [ROOT.canonical_id, "bucket"] == found[:2]
    assert ["192.0.2.3", ROOT.canonical_id, answer.headers["x-amz-request-id"]] == found[4:7]
    assert ["REST.PUT.OBJECT", "a%20b", "PUT /bucket/a%20b HTTP/1.1", "200", "-", "-", "5"] == (
        found[7:14]
    )
    assert ["7", "3", "http://a/", "curl/8", "-", answer.headers["x-amz-id-2"]] == found[14:20]
    assert ["SigV4", "-", "AuthHeader", "127.0.0.1:9000", "-", "-", "-", signing.REGION] == (
        found[20:]
    )


async def test_how_a_request_came_is_written_down(noting: Noting) -> None:
    noting.tls = Tls("TLSv1.3", "TLS_AES_256_GCM_SHA384")
    await noting.s3.put("k")

    (line,) = await noting.lines()

    assert ["SigV4", "TLS_AES_256_GCM_SHA384", "AuthHeader", "127.0.0.1:9000", "TLSv1.3"] == (
        fields(line)[20:25]
    )


async def test_it_is_written_down_that_only_a_list_let_the_caller_pass(
    store: Store, clock: SettableClock, tmp_path: Path
) -> None:
    s3 = InProcess(store, clock, bucket_defaults=BucketDefaults(Ownership.OBJECT_WRITER, False))
    await s3.make_bucket()
    await s3.put("k", headers={"x-amz-acl": "public-read"})
    assert 200 == (await put(s3, "logging", LOGGED)).status
    noting = Noting(s3, tmp_path / "spool")

    await s3.get("k")
    await s3.ask("GET", "/bucket/k", is_signed=False)
    await s3.ask("GET", "/bucket", is_signed=False)

    owner, everybody, refused = [fields(line) for line in await noting.lines()]
    assert ["-", "Yes", "-"] == [owner[26], everybody[26], refused[26]]
    assert ["200", "200", "403"] == [owner[10], everybody[10], refused[10]]


async def test_a_read_tells_how_large_the_object_is(noting: Noting) -> None:
    await noting.s3.put("k", b"12345")
    await noting.s3.get("k", headers={"range": "bytes=1-2"})
    await noting.s3.ask("HEAD", "/bucket/k")

    _, part, head = [fields(line) for line in await noting.lines()]

    assert ["206", "-", "2", "5"] == part[10:14]
    assert ["200", "-", "-", "5"] == head[10:14]


async def test_a_bucket_that_is_not_logged_leaves_no_line(noting: Noting) -> None:
    await noting.s3.put("k", bucket="other")
    await noting.s3.ask("GET", "/")

    assert [] == await noting.lines()


async def test_refusals_are_written_down_with_their_code(noting: Noting) -> None:
    await noting.s3.get("absent", is_signed=False)
    await noting.s3.get("absent", access_key=OTHER_ACCESS_KEY)
    await noting.s3.get("absent", access_key="AKIAUNKNOWN")
    await noting.s3.ask("GET", "/bucket/absent", {"versionId": "%ff"})

    found = [fields(line) for line in await noting.lines()]

    assert ["AccessDenied", "AccessDenied", "InvalidAccessKeyId", "InvalidArgument"] == [
        line[11] for line in found
    ]
    assert ["-", 64 * "d", "-", ROOT.canonical_id] == [line[5] for line in found]


async def test_each_key_that_is_removed_has_a_line(noting: Noting) -> None:
    await noting.s3.put("a")
    long_key = 1025 * "k"
    document = (
        f"<Delete><Object><Key>a</Key></Object><Object><Key>{long_key}</Key></Object></Delete>"
    )
    await noting.s3.ask(
        "POST",
        "/bucket",
        {"delete": ""},
        body=document.encode(),
        headers={
            "x-amz-checksum-crc32": checksums.encode(
                zlib.crc32(document.encode()).to_bytes(4, "big")
            )
        },
    )

    _, batch, removed, refused = [fields(line) for line in await noting.lines()]

    assert ["REST.POST.MULTI_OBJECT_DELETE", "-"] == batch[7:9]
    assert ["BATCH.DELETE.OBJECT", "a", "-", "204", "-"] == removed[7:12]
    assert ["BATCH.DELETE.OBJECT", long_key, "-", "400", "KeyTooLongError"] == refused[7:12]


async def test_a_copy_is_written_down_for_both_buckets(noting: Noting) -> None:
    await noting.s3.put("k", b"12345")
    await noting.lines()

    await noting.s3.ask("PUT", "/bucket/copy", headers={"x-amz-copy-source": "bucket/k"})
    await noting.s3.ask("PUT", "/other/copy", headers={"x-amz-copy-source": "bucket/k"})

    put_here, got_here, got_from_there = [fields(line) for line in await noting.lines()]
    assert ["REST.COPY.OBJECT", "copy"] == put_here[7:9]
    assert got_here[7:] == got_from_there[7:]
    assert ["bucket", "REST.COPY.OBJECT_GET", "k", "-", "200", "-", "-", "5", "-", "-"] == (
        got_here[1:2] + got_here[7:16]
    )


async def test_a_copy_that_is_refused_read_nothing(noting: Noting) -> None:
    await noting.s3.put("k")
    await noting.lines()

    await noting.s3.ask(
        "PUT",
        "/bucket/copy",
        headers={"x-amz-copy-source": "bucket/k", "x-amz-copy-source-if-match": '"other"'},
    )

    (line,) = await noting.lines()
    assert ["REST.COPY.OBJECT", "copy"] == fields(line)[7:9]


async def test_visits_of_websites_are_written_down(noting: Noting) -> None:
    websites = Websites(noting.s3.services, ("web.test",), noting)
    request = Request("GET", "/k", "", {"host": "bucket.web.test"})

    response = await websites.answer(request)
    noting.server_log.note(request, Outcome(response.status, response.headers, 0, 0.0, 0.0))

    (line,) = await noting.lines()
    assert ["WEBSITE.GET.OBJECT", "k"] == fields(line)[7:9]


async def test_a_line_that_cannot_be_made_costs_nobody_an_answer(
    noting: Noting, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise Fault("the disk is gone")

    request = Request("GET", "/bucket", "", {}, facts={"bucket": "bucket"})
    monkeypatch.setattr(noting.s3.store, "bucket", fail)
    noting.server_log.note(request, Outcome(403, {}, 0, 0.0, 0.0))

    assert [] == await noting.lines()
    assert "the disk is gone" in caplog.text
