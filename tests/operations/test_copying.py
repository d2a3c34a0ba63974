import hashlib

import pytest

from ferrox.errors import SourceChanged
from ferrox.operations.copying import MAX_ATTEMPTS
from tests.in_process import OTHER_ACCESS_KEY, InProcess

BIG = hashlib.shake_128(b"big").digest(6 * 1024**2)


@pytest.fixture(autouse=True)
async def _buckets(s3: InProcess) -> None:
    await s3.make_bucket("bucket")
    await s3.make_bucket("other")


@pytest.mark.parametrize("data", [b"", b"data", BIG], ids=["empty", "inline", "blob"])
async def test_a_copy_has_the_same_bytes_and_facts_and_a_life_of_its_own(
    s3: InProcess, data: bytes
) -> None:
    headers = {"content-type": "x/y", "x-amz-meta-a": "1", "x-amz-tagging": "t=1"}
    put = await s3.put("a b+ü", data, headers=headers)

    for source in ("/bucket/a%20b%2B%C3%BC", "bucket/a%20b%2B%C3%BC"):
        copied = await s3.ask("PUT", "/other/copy", headers={"x-amz-copy-source": source})
        assert (200, put.headers["etag"]) == (copied.status, copied.document["ETag"])
    await s3.ask("DELETE", "/bucket/a b+ü")
    await s3.store.reap()
    got = await s3.get("copy", bucket="other")

    assert data == got.body
    assert ("x/y", "1", "1") == (
        got.headers["content-type"],
        got.headers["x-amz-meta-a"],
        got.headers["x-amz-tagging-count"],
    )


async def test_a_plus_in_the_source_is_a_space_unless_it_is_escaped(s3: InProcess) -> None:
    """s5cmd writes a space as +, and AWS reads it so; its copies of such keys found no source."""
    await s3.put("a b", b"space")
    await s3.put("a+b", b"plus")

    for source, expected in (("bucket/a+b", b"space"), ("bucket/a%2Bb", b"plus")):
        await s3.ask("PUT", "/bucket/copy", headers={"x-amz-copy-source": source})
        assert expected == (await s3.get("copy")).body


async def test_metadata_and_tags_can_be_replaced_each_by_itself(s3: InProcess) -> None:
    await s3.put("k", headers={"x-amz-meta-a": "1", "content-type": "x/y", "x-amz-tagging": "t=1"})

    await s3.ask(
        "PUT",
        "/bucket/k2",
        headers={
            "x-amz-copy-source": "/bucket/k",
            "x-amz-metadata-directive": "REPLACE",
            "x-amz-meta-b": "2",
        },
    )
    got = await s3.get("k2")

    assert ("2", "binary/octet-stream", "1") == (
        got.headers["x-amz-meta-b"],
        got.headers["content-type"],
        got.headers["x-amz-tagging-count"],
    )
    assert "x-amz-meta-a" not in got.headers


async def test_a_copy_onto_itself_must_change_something(s3: InProcess) -> None:
    await s3.put("k", BIG)
    source = {"x-amz-copy-source": "/bucket/k"}

    same = await s3.ask("PUT", "/bucket/k", headers=source)
    changed = await s3.ask(
        "PUT",
        "/bucket/k",
        headers={**source, "x-amz-metadata-directive": "REPLACE", "x-amz-meta-a": "1"},
    )
    got = await s3.get("k")

    assert (400, "InvalidRequest") == (same.status, same.code)
    assert 200 == changed.status
    assert (BIG, "1") == (got.body, got.headers["x-amz-meta-a"])


async def test_conditions_on_the_source_decide(s3: InProcess) -> None:
    etag = (await s3.put("k")).headers["etag"]

    async def status(name: str, value: str) -> int:
        headers = {"x-amz-copy-source": "/bucket/k", f"x-amz-copy-source-{name}": value}
        return (await s3.ask("PUT", "/other/k", headers=headers)).status

    assert 200 == await status("if-match", etag)
    assert 412 == await status("if-match", '"0"')
    assert 412 == await status("if-none-match", etag)
    assert 412 == await status("if-unmodified-since", "Thu, 01 Jan 1970 00:00:00 GMT")


@pytest.mark.parametrize(
    ("source", "status", "code"),
    [
        ("/bucket/none", 404, "NoSuchKey"),
        ("/nowhere/k", 404, "NoSuchBucket"),
        ("/bucket", 400, "InvalidArgument"),
        ("/bucket/k?versionId=nope", 400, "InvalidArgument"),
        ("/bucket/k?versionId=", 400, "InvalidArgument"),
    ],
)
async def test_a_source_that_is_not_there_is_named(
    s3: InProcess, source: str, status: int, code: str
) -> None:
    await s3.put("k")

    answer = await s3.ask("PUT", "/other/k", headers={"x-amz-copy-source": source})

    assert (status, code) == (answer.status, answer.code)


async def test_a_source_in_another_account_is_not_readable(s3: InProcess) -> None:
    await s3.put("k")
    await s3.ask("PUT", "/theirs", access_key=OTHER_ACCESS_KEY)

    answer = await s3.ask(
        "PUT",
        "/theirs/k",
        headers={"x-amz-copy-source": "/bucket/k"},
        access_key=OTHER_ACCESS_KEY,
    )

    assert (403, "AccessDenied") == (answer.status, answer.code)


async def test_a_copy_can_be_given_a_checksum_that_its_source_has_not(s3: InProcess) -> None:
    await s3.put("k", BIG)

    headers = {"x-amz-copy-source": "/bucket/k", "x-amz-checksum-algorithm": "SHA256"}
    copied = await s3.ask("PUT", "/other/k", headers=headers)
    plain = await s3.ask("PUT", "/other/k2", headers={"x-amz-copy-source": "/bucket/k"})

    assert "ChecksumSHA256" in copied.document
    assert "ChecksumCRC64NVME" in plain.document


async def test_a_copy_may_be_forbidden_to_replace(s3: InProcess) -> None:
    await s3.put("k")
    headers = {"x-amz-copy-source": "/bucket/k", "if-none-match": "*"}

    first = await s3.ask("PUT", "/other/k", headers=headers)
    second = await s3.ask("PUT", "/other/k", headers=headers)

    assert (200, 412) == (first.status, second.status)


async def begin(s3: InProcess, **headers: str) -> str:
    answer = await s3.ask("POST", "/other/whole", {"uploads": ""}, headers=headers)
    return str(answer.document["UploadId"])


Part = dict[str, str]
"""What CompleteMultipartUpload is told of a part besides its number."""


async def copy_part(s3: InProcess, upload_id: str, number: int, source: str, **more: str) -> Part:
    answer = await s3.ask(
        "PUT",
        "/other/whole",
        {"partNumber": str(number), "uploadId": upload_id},
        headers={"x-amz-copy-source": source, **more},
    )
    assert answer.status == 200, answer.body
    return {tag: text for tag, text in answer.document.items() if tag.startswith(("ETag", "Check"))}


async def complete(s3: InProcess, upload_id: str, parts: list[Part]) -> None:
    rows = "".join(
        f"<Part><PartNumber>{number}</PartNumber>"
        + "".join(f"<{tag}>{text}</{tag}>" for tag, text in part.items())
        + "</Part>"
        for number, part in enumerate(parts, start=1)
    )
    body = f"<CompleteMultipartUpload>{rows}</CompleteMultipartUpload>".encode()
    answer = await s3.ask("POST", "/other/whole", {"uploadId": upload_id}, body=body)
    assert answer.status == 200, answer.body


@pytest.mark.parametrize("algorithm", [None, "CRC32", "CRC64NVME", "SHA256"])
async def test_parts_are_made_of_ranges_of_other_objects(
    s3: InProcess, algorithm: str | None
) -> None:
    await s3.put("big", BIG)
    await s3.put("small", b"0123456789")
    upload_id = await begin(s3, **({"x-amz-checksum-algorithm": algorithm} if algorithm else {}))
    first, last = 7, 5 * 1024**2 + 6
    ranges = {"x-amz-copy-source-range": f"bytes={first}-{last}"}

    parts = [
        await copy_part(s3, upload_id, 1, "/bucket/big", **ranges),
        await copy_part(s3, upload_id, 2, "/bucket/big"),
        await copy_part(
            s3, upload_id, 3, "/bucket/small", **{"x-amz-copy-source-range": "bytes=2-4"}
        ),
    ]
    await complete(s3, upload_id, parts)
    await s3.ask("DELETE", "/bucket/big")
    await s3.store.reap()
    got = await s3.ask("GET", "/other/whole", headers={"x-amz-checksum-mode": "ENABLED"})

    assert BIG[first : last + 1] + BIG + b"234" == got.body
    if algorithm:
        assert f"x-amz-checksum-{algorithm.lower()}" in got.headers


async def test_a_source_range_must_lie_in_the_source(s3: InProcess) -> None:
    await s3.put("k", b"0123456789")
    upload_id = await begin(s3)

    for asked in ("bytes=0-10", "bytes=0-", "0-1", "bytes=5-1"):
        answer = await s3.ask(
            "PUT",
            "/other/whole",
            {"partNumber": "1", "uploadId": upload_id},
            headers={"x-amz-copy-source": "/bucket/k", "x-amz-copy-source-range": asked},
        )
        assert (400, "InvalidArgument") == (answer.status, answer.code), asked


async def test_a_copy_of_a_multipart_object_keeps_its_parts(s3: InProcess) -> None:
    await s3.put("big", BIG)
    upload_id = await begin(s3)
    parts = [await copy_part(s3, upload_id, number, "/bucket/big") for number in (1, 2)]
    await complete(s3, upload_id, parts)

    copied = await s3.ask("PUT", "/bucket/copy", headers={"x-amz-copy-source": "/other/whole"})
    part = await s3.ask("GET", "/bucket/copy", {"partNumber": "2"})

    assert copied.document["ETag"].endswith('-2"')
    assert (206, BIG, "2") == (part.status, part.body, part.headers["x-amz-mp-parts-count"])


async def test_a_source_that_never_holds_still_does_not_hold_the_copy_for_ever(
    s3: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sum of a source that is replaced while it is read was begun again without end."""
    await s3.put("k", BIG)
    attempts = []

    async def replaced(*arguments: object, **named: object) -> None:
        attempts.append(arguments)
        raise SourceChanged("version 1 is gone")

    monkeypatch.setattr(s3.store, "digest", replaced)

    answer = await s3.ask(
        "PUT",
        "/other/copy",
        headers={"x-amz-copy-source": "/bucket/k", "x-amz-checksum-algorithm": "SHA256"},
    )

    assert (503, "ServiceUnavailable") == (answer.status, answer.code)
    assert MAX_ATTEMPTS == len(attempts)
    assert 404 == (await s3.get("copy", bucket="other")).status
