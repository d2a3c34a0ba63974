"""admin/handlers/encryption.py: keys are made, counted and used up, and buckets encrypted anew."""

import pytest

from ferrox.clock import SettableClock
from ferrox.crypto.sealing import Seal
from ferrox.jobs.reencryption import Reencryption
from ferrox.jobs.rewrapping import Rewrapping
from ferrox.jobs.sealing import sealing_of
from ferrox.storage.keys.ring import Ring
from ferrox.storage.keys.server_keys import ServerKeys
from tests.admin.operator import LOOKER, Operator
from tests.in_process import InProcess
from tests.sealing import AES256, MINE, sealing_with


@pytest.fixture
def rewrapping(s3: InProcess, operator: Operator, clock: SettableClock) -> Rewrapping:
    keys = ServerKeys(s3.store.identities, Seal(bytes(32)), clock.now_ms())
    sealing_with(s3, Ring(keys), takes_keys_in_the_open=True)
    job = Rewrapping(s3.store, keys, clock)
    operator.jobs["rewrapping"] = job.rounds
    return job


@pytest.fixture
def reencryption(s3: InProcess, rewrapping: Rewrapping, operator: Operator) -> Reencryption:
    job = Reencryption(s3.store, sealing_of(s3.services), s3.clock)
    operator.jobs["reencryption"] = job.rounds
    return job


async def test_a_server_without_a_master_key_says_so(operator: Operator) -> None:
    told = await operator.get("/encryption")
    await operator.backstage.services.store.create_bucket("bucket", "owner", "us-east-1")
    refusals = [
        await operator.ask("POST", path, {})
        for path in ("/encryption/rotate", "/buckets/bucket/reencrypt")
    ]

    assert (False, "", "optional", []) == (
        told["has_master_key"], told["rewrapping"], told["mode"], told["keys"],
    )  # fmt: skip
    assert [409, 409] == [refusal.status for refusal in refusals]
    assert "no master key" in refusals[0].message


async def test_a_rotation_is_ordered_and_followed(
    operator: Operator, s3: InProcess, rewrapping: Rewrapping
) -> None:
    await s3.make_bucket()
    await s3.put("k", headers=AES256)
    await s3.put("mine", headers=MINE)

    made = await operator.order("POST", "/encryption/rotate")
    waiting = await operator.get("/encryption")
    is_asked = await rewrapping.rounds.rest(0)
    await rewrapping.work_once()
    done = await operator.get("/encryption")

    assert ({"key": "s3/2", "left": 1}, True) == (made, is_asked)
    assert (1, "waiting") == (waiting["left"], waiting["rewrapping"])
    assert (0, "done") == (done["left"], done["rewrapping"])
    assert [("s3/1", "former", 0), ("s3/2", "current", 1), ("c", "", 1)] == [
        (key["key"], key["use"], key["data_keys"]) for key in done["keys"]
    ]
    assert ["2026-09-21T14:13:20.000Z"] * 2 + [None] == [key["created"] for key in done["keys"]]


async def test_a_bucket_is_encrypted_anew_and_that_is_followed(
    operator: Operator, s3: InProcess, reencryption: Reencryption
) -> None:
    await s3.make_bucket()
    await s3.put("k", b"data")
    await s3.put("mine", headers=MINE)
    s3.services.encryption = s3.services.encryption._replace(mode="default")
    reencryption = Reencryption(s3.store, sealing_of(s3.services), s3.clock)
    operator.jobs["reencryption"] = reencryption.rounds

    planned = await operator.order("POST", "/buckets/bucket/reencrypt", dry_run=True)
    before = await operator.get("/encryption")
    ordered = await operator.order("POST", "/buckets/bucket/reencrypt")
    is_asked = await reencryption.rounds.rest(0)
    await reencryption.work_once()
    (done,) = (await operator.get("/encryption"))["reencryptions"]

    assert ("planned", 2, 1, 4, 1, 0) == (
        planned["state"], planned["looked_at"], planned["resealed"], planned["bytes"],
        planned["customers"], planned["rekeyed"],
    )  # fmt: skip
    assert [] == before["reencryptions"]
    assert ("waiting", True) == (ordered["state"], is_asked)
    assert ("done", 2, 2, 1, 4, 1, 0, "") == (
        done["state"], done["versions"], done["looked_at"], done["resealed"], done["bytes"],
        done["customers"], done["failed"], done["error"],
    )  # fmt: skip
    assert b"data" == (await s3.get("k")).body


async def test_what_is_under_way_is_not_begun_again(
    operator: Operator, s3: InProcess, reencryption: Reencryption
) -> None:
    await s3.make_bucket()
    s3.services.encryption = s3.services.encryption._replace(mode="default")
    first = await operator.order("POST", "/buckets/bucket/reencrypt")
    s3.clock.advance(10)

    second = await operator.order("POST", "/buckets/bucket/reencrypt")
    with reencryption.rounds.round():
        third = await operator.order("POST", "/buckets/bucket/reencrypt")

    assert first == second
    assert ("working", first["began"]) == (third["state"], third["began"])


async def test_a_bucket_must_be_there_and_ask_for_it(
    operator: Operator, s3: InProcess, reencryption: Reencryption
) -> None:
    await s3.make_bucket()

    unasked = await operator.ask("POST", "/buckets/bucket/reencrypt", {})
    missing = await operator.ask("POST", "/buckets/none/reencrypt", {})
    forbidden = await operator.ask("POST", "/encryption/rotate", {}, caller=LOOKER)

    assert (409, "Conflict") == (unasked.status, unasked.code)
    assert (404, "NoSuchBucket") == (missing.status, missing.code)
    assert 403 == forbidden.status
