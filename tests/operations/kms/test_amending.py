"""What a version of a key's material is called."""

from ferrox.operations.kms.amending import material_id
from ferrox.storage.keys.kms_records import KeyVersion, KmsKey

KEY = KmsKey("k", "123456789012", 0, (KeyVersion("v1.a", 0), KeyVersion("v1.b", 1)))


def test_each_version_is_called_otherwise_and_the_newest_is_meant_without_a_number() -> None:
    assert material_id(KEY, 1) != material_id(KEY, 2) == material_id(KEY)
    assert 64 == len(material_id(KEY))
