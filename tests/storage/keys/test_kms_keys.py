"""KMS keys: found by every name they have, rotated, deleted, and the same in all processes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ferrox import kms_errors
from ferrox.crypto.sealing import Seal
from ferrox.errors import S3Error, SealBroken
from ferrox.storage.identities.identities import Identities
from ferrox.storage.keys.kms_keys import KmsKeys
from ferrox.storage.keys.kms_records import MS_PER_DAY, Alias, KeyState, KmsKey
from ferrox.storage.settings import Settings

ACCOUNT, OTHER = "123456789012", "210987654321"
DATA_KEY, NAME = bytes(range(32)), b"name"


def opened(folder: Path) -> tuple[Settings, KmsKeys]:
    settings = Settings(folder / "settings.db")
    identities = Identities(settings, folder / "settings.key")
    return settings, KmsKeys(identities, Seal(bytes(32)), "eu-west-1")


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[KmsKeys]:
    settings, made = opened(tmp_path)
    yield made
    settings.close()


def content_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


async def make(keys: KmsKeys, alias: str = "alias/mine") -> KmsKey:
    key = await keys.change(lambda tx: keys.make(tx, ACCOUNT, 1))
    await keys.change(lambda tx: keys.put_alias(tx, Alias(ACCOUNT, alias, key.key_id, 1, 1)))
    return key


async def test_a_key_is_found_by_each_of_its_names(keys: KmsKeys) -> None:
    key = await make(keys)
    (alias,) = keys.aliases(ACCOUNT)

    for name in (key.key_id, keys.arn(key), "alias/mine", keys.arn_of_alias(alias)):
        assert key == keys.find(ACCOUNT, name)
    assert f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/{key.key_id}" == keys.arn(key)
    assert [key] == keys.keys(ACCOUNT) == keys.keys()
    assert [] == keys.keys(OTHER)


async def test_another_account_finds_it_by_its_arn_only(keys: KmsKeys) -> None:
    key = await make(keys)

    assert key == keys.find(OTHER, keys.arn(key))
    for name in (key.key_id, "alias/mine"):
        with pytest.raises(kms_errors.NotFound):
            keys.find(OTHER, name)


@pytest.mark.parametrize(
    ("name", "refusal", "message"),
    [
        ("k", kms_errors.NotFound, "Invalid keyId k"),
        (
            "00000000-0000-4000-8000-000000000000",
            kms_errors.NotFound,
            f"Key 'arn:aws:kms:eu-west-1:{ACCOUNT}:key/00000000-0000-4000-8000-000000000000' "
            "does not exist",
        ),
        (
            "alias/none",
            kms_errors.NotFound,
            f"Alias arn:aws:kms:eu-west-1:{ACCOUNT}:alias/none is not found.",
        ),
        ("arn:aws:s3:::b", kms_errors.InvalidArn, "Invalid arn arn:aws:s3:::b"),
        (f"arn:aws:kms:mars:{ACCOUNT}:key/k", kms_errors.NotFound, "Invalid arn mars"),
    ],
)
def test_what_there_is_not_is_refused(
    keys: KmsKeys, name: str, refusal: type[S3Error], message: str
) -> None:
    with pytest.raises(refusal) as refused:
        keys.find(ACCOUNT, name)

    assert message == refused.value.message


async def test_after_a_rotation_the_new_version_wraps_and_the_old_one_unwraps(
    keys: KmsKeys,
) -> None:
    key = await make(keys)
    former = keys.current(key, "")
    wrapped = former.wrap(DATA_KEY, NAME)

    key = await keys.change(lambda tx: keys.add_version(tx, key, 2, "ON_DEMAND"))
    current = keys.current(key, "")

    assert (f"kms/{key.key_id}/1", f"kms/{key.key_id}/2") == (former.kek_id, current.kek_id)
    assert DATA_KEY == keys.kek(former.kek_id, "").unwrap(wrapped, NAME)
    with pytest.raises(SealBroken):
        current.unwrap(wrapped, NAME)


async def test_a_context_is_part_of_what_is_wrapped(keys: KmsKeys) -> None:
    key = await make(keys)
    wrapped = keys.current(key, '{"a":"b"}').wrap(DATA_KEY, NAME)

    with pytest.raises(SealBroken):
        keys.current(key, '{"a":"c"}').unwrap(wrapped, NAME)


@pytest.mark.parametrize("kek_id", ["kms/{}/0", "kms/{}/2", "kms/{}/x", "kms/{}", "kms/none/1"])
async def test_a_version_that_there_is_not_is_not_found(keys: KmsKeys, kek_id: str) -> None:
    key = await make(keys)

    with pytest.raises(kms_errors.NotFound):
        keys.kek(kek_id.format(key.key_id), "")


async def test_what_one_process_disables_no_other_uses(keys: KmsKeys, tmp_path: Path) -> None:
    key = await make(keys)
    kek_id = keys.current(key, "").kek_id
    settings, elsewhere = opened(tmp_path)
    assert elsewhere.kek(kek_id, "").kek_id == kek_id

    await keys.change(lambda tx: keys.put(tx, key._replace(state=KeyState.DISABLED)))

    with pytest.raises(kms_errors.Disabled):
        elsewhere.kek(kek_id, "")
    settings.close()


async def test_the_material_is_not_in_the_file(keys: KmsKeys, tmp_path: Path) -> None:
    key = await make(keys)
    material = keys._root.open(key.versions[0].sealed, f"kms/{key.key_id}/1")

    stored = content_of(tmp_path)

    assert key.key_id.encode() in stored
    assert material not in stored


async def test_a_deletion_that_is_due_leaves_nothing(keys: KmsKeys) -> None:
    key = await make(keys)
    kek_id = keys.current(key, "").kek_id
    waiting = key._replace(state=KeyState.PENDING_DELETION, deletion_ms=100, pending_days=7)
    await keys.change(lambda tx: keys.put(tx, waiting))

    assert ((), ()) == await keys.do_what_is_due(99)
    assert ((), (key.key_id,)) == await keys.do_what_is_due(100)

    assert ([], []) == (keys.keys(), keys.aliases(ACCOUNT))
    with pytest.raises(kms_errors.NotFound):
        keys.kek(kek_id, "")


async def test_a_rotation_that_is_due_is_done_once(keys: KmsKeys) -> None:
    key = await make(keys)
    await keys.change(lambda tx: keys.put(tx, key._replace(rotation_days=90, rotates_from_ms=1)))
    late_ms = 1 + 200 * MS_PER_DAY

    assert ((key.key_id,), ()) == await keys.do_what_is_due(late_ms)
    assert ((), ()) == await keys.do_what_is_due(late_ms)

    rotated = keys.find(ACCOUNT, key.key_id)
    assert ["", "AUTOMATIC"] == [version.rotation_type for version in rotated.versions]
    assert 1 + 270 * MS_PER_DAY == rotated.next_rotation_ms


async def test_a_key_for_objects_is_made_when_it_is_asked_for(keys: KmsKeys) -> None:
    made = keys.s3_key(ACCOUNT, 1)

    assert made == keys.s3_key(ACCOUNT, 2) == keys.find(ACCOUNT, "alias/aws/s3")
    assert made.is_aws_managed
