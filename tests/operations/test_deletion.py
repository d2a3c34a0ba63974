import base64
import hashlib
from typing import Any

import pytest

from ferrox.errors import DataCorrupted
from tests.in_process import Answer, InProcess


@pytest.fixture(autouse=True)
async def _bucket(s3: InProcess) -> None:
    await s3.make_bucket()


async def delete_many(s3: InProcess, document: str, **headers: str) -> Answer:
    body = document.encode()
    md5 = base64.b64encode(hashlib.md5(body).digest()).decode()
    return await s3.ask(
        "POST", "/bucket", {"delete": ""}, body=body, headers={"content-md5": md5, **headers}
    )


async def test_a_deleted_object_is_gone_and_deleting_it_again_is_fine(s3: InProcess) -> None:
    await s3.put("k")

    first = await s3.ask("DELETE", "/bucket/k")
    second = await s3.ask("DELETE", "/bucket/k")

    assert (204, 204) == (first.status, second.status)
    assert 404 == (await s3.get("k")).status


async def test_a_delete_if_match_removes_only_what_it_knows(s3: InProcess) -> None:
    etag = (await s3.put("k")).headers["etag"]

    wrong = await s3.ask("DELETE", "/bucket/k", headers={"if-match": '"0"'})
    right = await s3.ask("DELETE", "/bucket/k", headers={"if-match": etag})

    assert (412, "PreconditionFailed") == (wrong.status, wrong.code)
    assert 204 == right.status


async def test_many_keys_are_deleted_at_once_and_each_is_reported(s3: InProcess) -> None:
    await s3.put("a")
    await s3.put(" b ")

    answer = await delete_many(
        s3,
        "<Delete><Object><Key>a</Key></Object><Object><Key> b </Key></Object>"
        "<Object><Key>nothing</Key></Object></Delete>",
    )

    assert ["a", "nothing"] == [d["Key"] for d in answer.document["Deleted"] if d["Key"] != "b"]
    assert b"<Key> b </Key>" in answer.body
    assert 404 == (await s3.get(" b ")).status


async def test_a_quiet_delete_reports_only_what_failed(s3: InProcess) -> None:
    await s3.put("a")

    answer = await delete_many(
        s3,
        "<Delete><Quiet>true</Quiet><Object><Key>a</Key></Object>"
        "<Object><Key>a</Key><ETag>wrong</ETag></Object></Delete>",
    )

    assert "Deleted" not in answer.document
    assert answer.document["Error"]["Code"] in {"PreconditionFailed", "NoSuchKey"}
    assert 404 == (await s3.get("a")).status


async def test_a_thousand_keys_are_the_most(s3: InProcess) -> None:
    def document(count: int) -> str:
        keys = "".join(f"<Object><Key>{number}</Key></Object>" for number in range(count))
        return f"<Delete>{keys}</Delete>"

    fits = await delete_many(s3, document(1000))
    too_many = await delete_many(s3, document(1001))
    none = await delete_many(s3, "<Delete></Delete>")

    assert 1000 == len(fits.document["Deleted"])
    assert (400, "MalformedXML") == (too_many.status, too_many.code)
    assert (400, "MalformedXML") == (none.status, none.code)


async def test_a_list_of_keys_must_be_protected_by_a_digest(s3: InProcess) -> None:
    body = b"<Delete><Object><Key>a</Key></Object></Delete>"

    answer = await s3.ask("POST", "/bucket", {"delete": ""}, body=body)

    assert (400, "InvalidRequest") == (answer.status, answer.code)


async def test_a_list_of_keys_that_was_damaged_deletes_nothing(s3: InProcess) -> None:
    await s3.put("a")

    answer = await delete_many(
        s3,
        "<Delete><Object><Key>a</Key></Object></Delete>",
        **{"content-md5": base64.b64encode(bytes(16)).decode()},
    )

    assert (400, "BadDigest") == (answer.status, answer.code)
    assert 200 == (await s3.get("a")).status


async def test_a_fault_on_one_key_is_an_entry_and_not_the_end_of_the_others(
    s3: InProcess, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The whole request was answered with 500, and nobody learned which keys were gone."""
    await s3.put("good")
    await s3.put("bad")
    delete_object = s3.store.delete_object

    async def failing(bucket: Any, key: str, *arguments: Any, **named: Any) -> Any:
        if key == "bad":
            raise DataCorrupted("some page of the index")
        return await delete_object(bucket, key, *arguments, **named)

    monkeypatch.setattr(s3.store, "delete_object", failing)

    answer = await delete_many(
        s3, "<Delete><Object><Key>bad</Key></Object><Object><Key>good</Key></Object></Delete>"
    )

    assert (200, {"Key": "good"}) == (answer.status, answer.document["Deleted"])
    assert ("bad", "InternalError") == (
        answer.document["Error"]["Key"],
        answer.document["Error"]["Code"],
    )
    assert "some page" not in answer.body.decode()
    assert "some page of the index" in caplog.text
