import base64
import hashlib
import zlib
from collections.abc import AsyncIterator
from unittest.mock import Mock

import pytest

from ferrox.crypto.envelope import KeyEncryptionKey
from ferrox.errors import BadDigest, EntityTooLarge, MissingContentLength
from ferrox.iam.authorizer import Authorizer
from ferrox.operations.call import Call, Services
from ferrox.operations.intake import MAX_UPLOAD_BYTES, received
from ferrox.operations.payload import Payload
from ferrox.protocol import checksums
from ferrox.protocol.message import Request
from ferrox.records import Encryption
from ferrox.storage.content import BlobLabel
from ferrox.storage.store import Store
from tests.in_process import ROOT, InProcess

LABEL = BlobLabel("bucket", "k")
DATA = b"data"
KEK = KeyEncryptionKey("kms/key/1", bytes(32))
CRC32 = checksums.encode(zlib.crc32(DATA).to_bytes(4, "big"))


async def body_of(data: bytes) -> AsyncIterator[bytes]:
    yield data


def call(s3: InProcess, headers: dict[str, str], data: bytes = DATA) -> Call:
    request = Request("PUT", "/bucket/k", "", headers, body=body_of(data))
    services = Services(s3.store, Authorizer(), s3.clock, s3.region)
    return Call(services, ROOT, request, None, Payload(request, None, None, None))


def blob_count(store: Store) -> int:
    return sum(1 for path in store.data_dir.blobs_path.rglob("*") if path.is_file())


async def test_without_a_promise_the_checksum_is_s3s_default(s3: InProcess) -> None:
    asked = call(s3, {"content-length": "4"})

    async with received(asked, LABEL, algorithm=None, may_inline=True) as taken:
        assert (hashlib.md5(DATA).hexdigest(), "CRC64NVME") == (
            taken.etag,
            taken.checksum.algorithm,
        )
        assert (DATA, None) == (taken.content.inline, taken.promised)


async def test_a_promise_in_another_algorithm_than_the_wanted_one_is_verified_too(
    s3: InProcess,
) -> None:
    asked = call(s3, {"content-length": "4", "x-amz-checksum-crc32": CRC32})

    async with received(asked, LABEL, algorithm="SHA256", may_inline=True) as taken:
        sha256 = checksums.encode(hashlib.sha256(DATA).digest())
        assert ("SHA256", sha256) == taken.checksum[:2]
        assert taken.promised is not None
        assert ("CRC32", CRC32) == taken.promised[:2]


async def test_bytes_that_are_not_what_was_promised_leave_no_trace(s3: InProcess) -> None:
    data = b"x" * 100_000
    headers = {"content-length": str(len(data)), "x-amz-checksum-crc32": CRC32}

    with pytest.raises(BadDigest):
        async with received(call(s3, headers, data), LABEL, algorithm=None, may_inline=True):
            pytest.fail("the bytes were taken")

    assert 0 == blob_count(s3.store)


@pytest.mark.parametrize("size_bytes", [4, 100_000])
async def test_bytes_under_a_key_of_kms_are_held_to_an_md5_that_their_tag_does_not_tell(
    s3: InProcess, size_bytes: int
) -> None:
    data = b"x" * size_bytes
    md5 = hashlib.md5(data, usedforsecurity=False)
    promised = base64.b64encode(md5.digest()).decode()
    headers = {"content-length": str(len(data)), "content-md5": promised}
    sealed = Encryption("aws:kms", "key")

    async with received(
        call(s3, headers, data), LABEL, algorithm=None, may_inline=True, sealed=sealed, kek=KEK
    ) as taken:
        assert md5.hexdigest() != taken.etag
        assert 32 == len(taken.etag)
    with pytest.raises(BadDigest):
        async with received(
            call(s3, headers, data[1:] + b"y"),
            LABEL,
            algorithm=None,
            may_inline=True,
            sealed=sealed,
            kek=KEK,
        ):
            pytest.fail("the bytes were taken")


@pytest.mark.parametrize(("sse", "is_computed"), [("AES256", True), ("aws:kms", False)])
async def test_md5_is_computed_only_where_it_is_the_tag(
    s3: InProcess, monkeypatch: pytest.MonkeyPatch, sse: str, is_computed: bool
) -> None:
    data = b"x" * 100_000
    md5 = hashlib.md5
    spy = Mock(wraps=md5)
    monkeypatch.setattr(hashlib, "md5", spy)
    asked = call(s3, {"content-length": str(len(data))}, data)

    async with received(
        asked, LABEL, algorithm=None, may_inline=True, sealed=Encryption(sse, "key"), kek=KEK
    ) as taken:
        assert is_computed == (md5(data).hexdigest() == taken.etag)
    assert is_computed == spy.called


async def test_bytes_that_nobody_published_leave_no_trace(s3: InProcess) -> None:
    async with received(
        call(s3, {"content-length": "4"}), LABEL, algorithm=None, may_inline=False
    ) as taken:
        assert taken.content.extents
        assert 1 == blob_count(s3.store)

    assert 0 == blob_count(s3.store)


@pytest.mark.parametrize(
    ("headers", "refusal"),
    [({}, MissingContentLength), ({"content-length": str(MAX_UPLOAD_BYTES + 1)}, EntityTooLarge)],
)
async def test_what_cannot_be_taken_is_refused_before_it_is_read(
    s3: InProcess, headers: dict[str, str], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        async with received(call(s3, headers), LABEL, algorithm=None, may_inline=True):
            pytest.fail("the bytes were taken")
