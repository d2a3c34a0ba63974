"""Exporting: what goes along, what never does."""

import json
from pathlib import Path

from ferrox.storage.portable.document import encode
from ferrox.storage.portable.exporting import export
from tests.storage.portable.filling import TABLES, Lenient, exported, opened


async def test_two_exports_are_the_same_text(full: Path) -> None:
    first = exported(full).document

    assert encode(first) == encode(exported(full, former=first).document)


async def test_everything_is_there_but_state_and_what_is_the_servers(full: Path) -> None:
    document = exported(full).document

    account, other = document["accounts"]
    assert ("123456789012", "123456789012") == (document["first_account"], account["account_id"])
    assert "other-alias" == other["alias"]
    assert ["AKIAROOTKEY00000"] == [key["access_key_id"] for key in account["access_keys"]]
    assert {"rate_limits": {"AKIAALICE0000000": {"requests": 5}}} == document["documents"]
    assert ["locked", "photos"] == [bucket["name"] for bucket in document["buckets"]]
    assert {"cors": {"CORSRule": [{"ID": "ä"}]}} == document["buckets"][1]["documents"]
    assert 1000 == document["buckets"][1]["max_bytes"]


async def test_no_secret_is_there_in_the_clear(full: Path) -> None:
    text = json.dumps(exported(full).document)

    assert "secret of" not in text
    assert "sealed_secret" not in text


async def test_without_a_passphrase_secrets_stay(full: Path) -> None:
    with opened(full) as what:
        found = export(what, TABLES, Lenient().is_configuration, None)

    text = json.dumps(found.document)
    assert (2, 1) == (found.secretless_keys, found.absent_kms_keys)
    assert found.document["secrets"] is None
    assert "v1." not in text
    assert "AKIAALICE0000000" in text


async def test_without_the_master_key_keys_of_kms_stay(full: Path) -> None:
    found = exported(full, root=None)

    assert (0, 1) == (found.secretless_keys, found.absent_kms_keys)
    assert "kms_keys" not in found.document["accounts"][0]
