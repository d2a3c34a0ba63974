import logging

import pytest

from ferrox.errors import StorageFull, StoreReadOnly
from ferrox.identity import KeyUse
from tests import signing
from tests.in_process import ROOT, InProcess


async def test_every_answer_has_its_ids(s3: InProcess) -> None:
    fine = await s3.ask("GET", "/")
    refused = await s3.ask("GET", "/nowhere")

    assert fine.headers["x-amz-request-id"] != refused.headers["x-amz-request-id"]
    assert refused.headers["x-amz-request-id"] == refused.document["RequestId"]
    assert refused.headers["x-amz-id-2"] == refused.document["HostId"]


async def test_what_is_not_implemented_says_so_to_those_who_signed(s3: InProcess) -> None:
    await s3.make_bucket()

    signed = await s3.ask("GET", "/bucket", {"metadataTable": ""})
    anonymous = await s3.ask("GET", "/bucket", {"metadataTable": ""}, is_signed=False)
    unknown = await s3.ask("GET", "/bucket", {"metadataTable": ""}, access_key="AKIAUNKNOWN")

    assert (501, "NotImplemented") == (signed.status, signed.code)
    assert (403, "AccessDenied") == (anonymous.status, anonymous.code)
    assert (403, "InvalidAccessKeyId") == (unknown.status, unknown.code)


async def test_a_body_is_not_read_for_a_caller_who_may_not_send_it(s3: InProcess) -> None:
    await s3.make_bucket()
    s3.bytes_asked_for = 0

    anonymous = await s3.ask("PUT", "/bucket/k", body=b"data", is_signed=False)
    nowhere = await s3.ask("PUT", "/nowhere/k", body=b"data")

    assert ("AccessDenied", "NoSuchBucket") == (anonymous.code, nowhere.code)
    assert 0 == s3.bytes_asked_for


async def test_a_bucket_that_is_not_the_expected_owners_is_refused(s3: InProcess) -> None:
    await s3.make_bucket()

    wrong = await s3.ask("HEAD", "/bucket", headers={"x-amz-expected-bucket-owner": "111122223333"})
    right = await s3.ask("HEAD", "/bucket", headers={"x-amz-expected-bucket-owner": "123456789012"})

    assert (403, 200) == (wrong.status, right.status)


async def test_a_full_disk_refuses_writes_and_serves_reads(
    s3: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    await s3.make_bucket()
    await s3.put("k")

    async def full(*_: object, **__: object) -> None:
        raise StorageFull("no room")

    monkeypatch.setattr(s3.store, "add_version", full)
    refused = await s3.ask("PUT", "/bucket/k", body=b"new")

    assert (507, "InsufficientStorage") == (refused.status, refused.code)
    assert b"data" == (await s3.get("k")).body
    assert 204 == (await s3.ask("DELETE", "/bucket/k")).status


async def test_a_store_that_turned_read_only_says_so(
    s3: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    await s3.make_bucket()

    async def broken(*_: object, **__: object) -> None:
        raise StoreReadOnly("fsync failed")

    monkeypatch.setattr(s3.store, "add_version", broken)
    refused = await s3.ask("PUT", "/bucket/k", body=b"new")

    assert (503, "ServiceUnavailable") == (refused.status, refused.code)
    assert b"fsync" not in refused.body


async def test_a_fault_of_ours_is_logged_and_tells_the_client_nothing(
    s3: InProcess, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(name: str) -> None:
        raise RuntimeError(f"secret detail about {name}")

    monkeypatch.setattr(s3.store, "bucket", broken)
    with caplog.at_level(logging.ERROR):
        answer = await s3.get("k")

    assert (500, "InternalError") == (answer.status, answer.code)
    assert b"secret" not in answer.body
    assert "secret detail" in caplog.text
    assert answer.headers["x-amz-request-id"] in caplog.text


async def test_a_key_of_a_bucket_with_an_impossible_name_is_refused(s3: InProcess) -> None:
    answer = await s3.ask("GET", "/Not_A_Bucket/k")

    assert (400, "InvalidBucketName") == (answer.status, answer.code)


async def test_a_key_that_signed_a_request_was_used(s3: InProcess) -> None:
    await s3.ask("GET", "/nowhere")

    use = s3.store.key_uses.find(ROOT.access_key_id)

    assert KeyUse(s3.clock.now_ms(), "s3", s3.region) == use


async def test_a_key_was_not_used_by_somebody_who_does_not_have_its_secret(s3: InProcess) -> None:
    headers = {"host": "127.0.0.1:9000"}
    forged = signing.sign(
        "GET", "/", "", headers, "UNSIGNED-PAYLOAD", s3.clock.now_ms(), secret_key="guessed"
    )

    await s3.ask("GET", "/", is_signed=False)
    answer = await s3.ask("GET", "/", headers=forged, is_signed=False)

    assert "SignatureDoesNotMatch" == answer.code
    assert s3.store.key_uses.find(ROOT.access_key_id) is None
    assert s3.store.key_uses.find("") is None


async def test_clients_of_minio_are_told_what_is_not_here_whatever_they_signed(
    s3: InProcess,
) -> None:
    await s3.make_bucket()
    events = "events=s3%3AObjectRemoved%3A%2A&events=s3%3AObjectCreated%3A%2A&prefix=&suffix="

    administration = await s3.ask("PUT", "/minio/admin/v3/add-user", access_key="AKIAUNKNOWN")
    listening = await s3.send("GET", "/bucket", events, {"host": "127.0.0.1:9000"})

    assert (501, "NotImplemented") == (administration.status, administration.code)
    assert (501, "NotImplemented") == (listening.status, listening.code)
