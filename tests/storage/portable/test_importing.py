"""Importing: all or nothing, again and again, and the same document comes out."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ferrox.errors import StartError
from ferrox.records import Versioning
from ferrox.storage.portable.document import encode
from tests.storage.portable.filling import (
    ACCOUNT,
    bucket_of,
    exported,
    fill,
    imported,
    make_empty,
    opened,
    outcomes,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 2**40) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=4,
)


async def test_what_goes_out_and_in_comes_out_the_same(full: Path, empty: Path) -> None:
    document = exported(full).document

    found = imported(empty, document)

    assert found.is_done
    assert {"created"} == set(outcomes(found).values())
    assert encode(document) == encode(exported(empty, former=document).document)


async def test_secrets_and_keys_work_where_they_come_to(full: Path, empty: Path) -> None:
    imported(empty, exported(full).document)

    with opened(empty) as there:
        key = there.identities.key("AKIAALICE0000000")
        assert key is not None
        assert "secret of AKIAALICE0000000" == there.identities.open_secret(key)
        user = there.identities.user(ACCOUNT.account_id, "alice")
        group = there.identities.group(ACCOUNT.account_id, "devs")
        assert user is not None
        assert group is not None
        assert (("AKIAALICE0000000",), ("Alice",)) == (user.keys, group.members)
        assert ACCOUNT == there.identities.root_account()
        assert ACCOUNT == there.identities.account_of("c" * 64)


async def test_to_import_again_changes_nothing(full: Path) -> None:
    found = imported(full, exported(full).document)

    assert found.is_done
    assert {"unchanged"} == set(outcomes(found).values())


def changed(document: dict[str, Any]) -> dict[str, Any]:
    """The same with a change of everything that is neither account nor group."""
    document = copy.deepcopy(document)
    account, buckets = document["accounts"][0], document["buckets"]
    account["policies"][0]["description"] = "new"
    del account["users"][0]["groups"]
    del account["roles"][0]["max_session_s"]
    account["oidc_providers"][0]["client_ids"] = ["b"]
    del account["access_keys"][0]["status"]
    account["kms_keys"][0]["description"] = "new"
    document["documents"]["rate_limits"]["AKIAALICE0000000"] = {"requests": 6}
    buckets[1] |= {"max_objects": 7, "versioning": "Enabled", "documents": {"tagging": {}}}
    return document


async def test_what_differs_is_refused_and_nothing_is_changed(full: Path) -> None:
    before = exported(full).document

    found = imported(full, changed(before))

    refused = [what for what, outcome in outcomes(found).items() if outcome == "refused"]
    assert (8, False) == (len(refused), found.is_done)
    assert before == exported(full, former=before).document


async def test_what_differs_is_replaced_where_that_is_asked_for(full: Path) -> None:
    wanted = changed(exported(full).document)

    found = imported(full, wanted, may_replace=True)

    assert found.is_done
    assert 8 == list(outcomes(found).values()).count("replaced")
    assert wanted == exported(full, former=wanted).document
    with opened(full) as there:
        group = there.identities.group(ACCOUNT.account_id, "Devs")
        assert group is not None
        assert () == group.members
    bucket = await bucket_of(full, "photos")
    assert bucket is not None
    assert Versioning.ENABLED is bucket.versioning


async def test_to_try_changes_nothing(full: Path, empty: Path) -> None:
    document = exported(full).document

    found = imported(empty, document, dry_run=True)

    assert ({"created"}, False) == (set(outcomes(found).values()), found.is_done)
    assert [] == exported(empty).document["accounts"] == exported(empty).document["buckets"]


async def test_a_bucket_that_is_refused_takes_the_users_back(full: Path, empty: Path) -> None:
    document = exported(full).document
    document["buckets"][0]["owner"] = "e" * 64

    found = imported(empty, document)

    assert not found.is_done
    assert "refused" == outcomes(found)["bucket locked"]
    assert [] == exported(empty).document["accounts"]


async def test_another_first_account_stays_the_first(full: Path, empty: Path) -> None:
    with opened(empty) as there:
        own = there.identities.root_account()

    found = imported(empty, exported(full).document)

    assert found.is_done
    assert "left out" in outcomes(found).values()
    with opened(empty) as there:
        assert own == there.identities.root_account()
        assert ACCOUNT == there.identities.account(ACCOUNT.account_id)


async def test_without_a_passphrase_keys_are_left_out(full: Path, empty: Path) -> None:
    document = exported(full).document | {"secrets": None}

    found = outcomes(imported(empty, document))

    left_out = {what for what, outcome in found.items() if outcome == "left out"}
    assert 3 == len(left_out)
    assert found["user Alice of account 123456789012"] == "created"


async def test_without_a_master_key_keys_of_kms_are_left_out(full: Path, empty: Path) -> None:
    document = exported(full).document

    found = outcomes(imported(empty, document, root=None))

    assert ["left out"] == [found[what] for what in found if "of KMS" in what]


BROKEN: dict[str, Any] = {
    "account": lambda d: d["accounts"][0].update(account_id="1"),
    "canonical": lambda d: d["accounts"][0].update(canonical_id="short"),
    "stray": lambda d: d["accounts"][0].update(stray=1),
    "user field": lambda d: d["accounts"][0]["users"][0].update(nickname="x"),
    "user type": lambda d: d["accounts"][0]["users"][0].update(created_ms="x"),
    "user name": lambda d: d["accounts"][0]["users"][0].update(name="a/b"),
    "no group": lambda d: d["accounts"][0]["users"][0].update(groups=["Ops"]),
    "members": lambda d: d["accounts"][0]["groups"][0].update(members=["Alice"]),
    "secret": lambda d: d["accounts"][0]["access_keys"][0].update(secret="v1.AAAA"),
    "moved secret": lambda d: d["accounts"][0]["access_keys"][0].update(
        secret=d["accounts"][0]["users"][0]["access_keys"][0]["secret"]
    ),
    "status": lambda d: d["accounts"][0]["access_keys"][0].update(status="Sleeping"),
    "alias": lambda d: d["accounts"][1].update(alias="x", account_id="123456789013"),
    "material": lambda d: d["accounts"][0]["kms_keys"][0]["versions"][0].update(material="v1.A"),
    "no versions": lambda d: d["accounts"][0]["kms_keys"][0].update(versions=[]),
    "rotation": lambda d: d["accounts"][0]["kms_keys"][0]["versions"][0].update(
        rotation_type="SOMETIMES"
    ),
    "owner": lambda d: d["buckets"][0].update(owner="nobody"),
    "lock": lambda d: d["buckets"][0].update(versioning="Suspended"),
    "state": lambda d: d["buckets"][0].update(documents={"state": {}}),
    "quota": lambda d: d["buckets"][0].update(max_bytes="many"),
    "less than no quota": lambda d: d["buckets"][0].update(max_bytes=-1),
    "beyond all time": lambda d: d["buckets"][0].update(created_ms=10**40),
    "rate": lambda d: d["documents"]["rate_limits"]["AKIAALICE0000000"].update(wrong=1),
}


@pytest.mark.parametrize("name", BROKEN)
async def test_what_is_broken_is_refused_and_nothing_is_changed(
    full: Path, empty: Path, name: str
) -> None:
    document = exported(full).document
    if name == "alias":
        imported(empty, document)
    BROKEN[name](document)
    before = exported(empty, former=document).document

    found = imported(empty, document)

    assert not found.is_done
    assert "refused" in outcomes(found).values()
    assert before == exported(empty, former=before).document


@pytest.mark.parametrize(
    "change", [{"object_lock": False}, {"owner": "c" * 64}, {"versioning": "Unversioned"}]
)
async def test_what_protects_objects_is_not_taken_from_a_bucket(
    full: Path, change: dict[str, Any]
) -> None:
    document = exported(full).document
    document["buckets"][0] |= change

    found = imported(full, document, may_replace=True)

    assert ("refused", False) == (outcomes(found)["bucket locked"], found.is_done)


async def test_somebody_elses_key_is_never_taken(full: Path) -> None:
    document = exported(full).document
    account = document["accounts"][0]
    account["users"][0]["access_keys"], account["access_keys"] = (
        account["access_keys"],
        account["users"][0]["access_keys"],
    )

    found = imported(full, document, may_replace=True)

    assert not found.is_done


@pytest.mark.parametrize(
    "change",
    [
        {"documents": {"sealing": {}}},
        {"documents": {"rate_limits": {"x": 1}}},
        {"accounts": ["x"]},
    ],
)
async def test_what_is_not_understood_at_all_is_an_error(
    full: Path, empty: Path, change: dict[str, Any]
) -> None:
    with pytest.raises(StartError):
        imported(empty, exported(full).document | change)

    assert [] == exported(empty).document["accounts"]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a document."""
    found = [path]
    if isinstance(value, dict):
        for name, inner in value.items():
            found += places(inner, (*path, name))
    if isinstance(value, list):
        for at, inner in enumerate(value):
            found += places(inner, (*path, at))
    return found


@settings(max_examples=60)
@given(data=st.data())
async def test_whatever_is_changed_it_is_taken_whole_or_not_at_all(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    base = tmp_path_factory.getbasetemp()
    if not (base / "sound.json").exists():
        await fill(base / "sound")
        (base / "sound.json").write_text(json.dumps(exported(base / "sound").document))
        make_empty(base / "nothing")
    document = json.loads((base / "sound.json").read_text())
    path = data.draw(st.sampled_from([one for one in places(document) if len(one) > 1]))
    if path[0] in {"secrets", "kind", "format"}:
        return
    inside = document
    for step in path[:-1]:
        inside = inside[step]
    inside[path[-1]] = data.draw(JSON)

    try:
        found = imported(base / "nothing", document, dry_run=True)
    except StartError:
        return
    assert not found.is_done
