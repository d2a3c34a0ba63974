"""Records of KMS: what is stored of a key is the whole key, and does not show its material."""

from ferrox.storage.keys.kms_records import (
    MS_PER_DAY,
    KeyState,
    KeyVersion,
    KmsKey,
    alias_arn,
    document_of,
    key_arn,
    key_of,
)

KEY = KmsKey(
    "1234",
    "123456789012",
    5,
    (KeyVersion("v1.material", 5), KeyVersion("v1.other", 9, "ON_DEMAND")),
    "what for",
    KeyState.DISABLED,
    tags={"team": "red"},
)


def test_a_document_holds_the_whole_key() -> None:
    assert KEY == key_of("1234", document_of(KEY))


def test_a_key_does_not_show_its_material() -> None:
    assert "material" not in repr(KEY)


def test_names() -> None:
    assert "arn:aws:kms:eu-west-1:1:key/k" == key_arn("eu-west-1", "1", "k")
    assert "arn:aws:kms:eu-west-1:1:alias/a" == alias_arn("eu-west-1", "1", "alias/a")


def test_a_key_rotates_by_itself_only_if_it_is_told_to_and_stays() -> None:
    rotating = KEY._replace(rotation_days=90, rotates_from_ms=7)

    assert 0 == KEY.next_rotation_ms
    assert 7 + 90 * MS_PER_DAY == rotating.next_rotation_ms
    assert 0 == rotating._replace(state=KeyState.PENDING_DELETION).next_rotation_ms
    assert KEY.versions[1:] == KEY.rotations
