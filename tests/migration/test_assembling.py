"""assembling.py where servers are not as most are; the rest of it is in test_migrating.py.

What was put in one piece is too large for one request here; sources do not tell where parts end.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from ferrox.auth.signing import Credentials
from ferrox.clock import SystemClock
from ferrox.migration import parts
from ferrox.migration.assembling import Assembling
from ferrox.migration.bodies import Bandwidth
from ferrox.migration.client import S3
from ferrox.migration.copying import Copying
from ferrox.migration.faults import WrongBytes
from ferrox.migration.journal import Journal
from ferrox.migration.listing import keys
from ferrox.migration.patience import Patience
from ferrox.migration.sides import Pair, Sides
from ferrox.outgoing_connections import endpoint_of
from ferrox.protocol.shapes.objects import HeadObjectOutput
from tests.faulty_proxy import once_each, standing_before
from tests.server_process import ServerProcess

MIB = 1024**2


@asynccontextmanager
async def both(
    source_url: str, source: ServerProcess, target: ServerProcess
) -> AsyncIterator[Sides]:
    """Both sides, for the length of a block."""

    def side(url: str, server: ServerProcess) -> S3:
        credentials = Credentials(server.access_key, server.secret_key)
        return S3(endpoint_of(url), credentials, SystemClock(), patience=Patience(3, pause_s=0.0))

    old, new = side(source_url, source), side(target.endpoint, target)
    notes: list[str] = []
    slots = asyncio.Semaphore(4)
    try:
        yield Sides(old, new, slots, Bandwidth(None), Journal(None), lambda _: None, notes.append)
    finally:
        await old.close()
        await new.close()


async def _copy(sides: Sides, bucket: str) -> None:
    async for key in keys(sides.source, bucket, "", with_versions=False):
        for entry in key.entries:
            await Copying(sides).copy(Pair(bucket, bucket), entry)


@pytest.fixture
def small_puts(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if one request could take a mebibyte only."""
    monkeypatch.setattr(parts, "MOST_PUT_BYTES", MIB)
    monkeypatch.setattr(parts, "cut", lambda size: [5 * MIB, 5 * MIB, size - 10 * MIB])


@pytest.mark.usefixtures("small_puts")
@pytest.mark.parametrize("fault", ["", "wrong", "cut"])
async def test_what_is_too_large_for_one_request_is_held_to_its_md5(
    there: Any, here: Any, source: ServerProcess, target: ServerProcess, fault: Any
) -> None:
    bucket, data = f"large-{fault or 'well'}", os.urandom(11 * MIB)
    for s3 in (there, here):
        s3.create_bucket(Bucket=bucket)
    there.put_object(Bucket=bucket, Key="k", Body=data)

    with standing_before(source.host, source.port) as proxy:
        proxy.fault = once_each(fault, lambda seen: seen.is_read)
        async with both(proxy.url, source, target) as sides:
            await _copy(sides, bucket)

    found = here.get_object(Bucket=bucket, Key="k")
    assert data == found["Body"].read()
    assert there.head_object(Bucket=bucket, Key="k")["ETag"] == found["ETag"]
    assert 3 == here.head_object(Bucket=bucket, Key="k", PartNumber=1)["PartsCount"]


@pytest.mark.usefixtures("small_puts")
async def test_what_is_always_wrong_leaves_nothing_behind(
    there: Any, here: Any, source: ServerProcess, target: ServerProcess
) -> None:
    for s3 in (there, here):
        s3.create_bucket(Bucket="large-bad")
    there.put_object(Bucket="large-bad", Key="k", Body=os.urandom(11 * MIB))

    with standing_before(source.host, source.port) as proxy:
        proxy.fault = lambda seen: "wrong" if seen.is_read else ""
        async with both(proxy.url, source, target) as sides:
            with pytest.raises(WrongBytes):
                await _copy(sides, "large-bad")

    assert "Contents" not in here.list_objects_v2(Bucket="large-bad")
    assert "Uploads" not in here.list_multipart_uploads(Bucket="large-bad")


@pytest.mark.parametrize(("name", "sizes"), [("usual", [8, 8, 1]), ("odd", [7, 6, 1])])
async def test_a_source_that_does_not_tell_of_parts_is_guessed_at(
    there: Any,
    here: Any,
    source: ServerProcess,
    target: ServerProcess,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    sizes: list[int],
) -> None:
    async def nothing(*_: object) -> HeadObjectOutput:
        return HeadObjectOutput()

    monkeypatch.setattr(Assembling, "_part", nothing)
    bucket, data = f"guess-{name}", [os.urandom(size * MIB) for size in sizes]
    for s3 in (there, here):
        s3.create_bucket(Bucket=bucket)
    upload = there.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    where = {"Bucket": bucket, "Key": "k", "UploadId": upload}
    sent = [
        {
            "PartNumber": number,
            "ETag": there.upload_part(**where, PartNumber=number, Body=one)["ETag"],
        }
        for number, one in enumerate(data, start=1)
    ]
    there.complete_multipart_upload(**where, MultipartUpload={"Parts": sent})

    async with both(source.endpoint, source, target) as sides:
        await _copy(sides, bucket)

    found = here.get_object(Bucket=bucket, Key="k")
    assert b"".join(data) == found["Body"].read()
    assert there.head_object(Bucket=bucket, Key="k")["ETag"] == found["ETag"]
