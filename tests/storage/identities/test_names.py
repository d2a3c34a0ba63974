"""Names of documents: one for each record, and none for two."""

import pytest

from ferrox.identity import (
    Account,
    GroupRecord,
    KeyRecord,
    PolicyRecord,
    ProviderRecord,
    RoleRecord,
    UserRecord,
)
from ferrox.storage.identities import names
from ferrox.storage.identities.names import Record


@pytest.mark.parametrize(
    ("expected", "record"),
    [
        ("account/1", Account("1", "c", "one")),
        ("key/FRXa", KeyRecord("FRXa", "1", "Bob", "", 0)),
        ("user/1/bob", UserRecord("1", "Bob", "", 0)),
        ("group/1/staff", GroupRecord("1", "Staff", "", 0)),
        ("role/1/reader", RoleRecord("1", "Reader", "", 0, "{}")),
        ("policy/1/all", PolicyRecord("1", "All", "", 0, 0, (), "v1", 1)),
        ("provider/1/a.example/B", ProviderRecord("1", "a.example/B", 0)),
        ("provider/1/a.example/", ProviderRecord("1", "a.example/", 0)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_kind_of_record_has_its_name(expected: str, record: Record) -> None:
    assert expected == names.of(record)


@pytest.mark.parametrize("name", ["", "a/b", "/"])
def test_a_name_that_would_lead_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="nothing can be called"):
        names.of(UserRecord("1", name, "", 0))


def test_the_keys_of_a_user_are_those_of_no_other() -> None:
    assert names.owned("1", "Bob", "FRXa").startswith(names.owned("1", "bob"))
    assert not names.owned("1", "bobby", "FRXa").startswith(names.owned("1", "bob"))
    assert names.owned("1", "", "FRXa").startswith(names.owned_in("1"))
    assert "FRXa" == names.last_part(names.owned("1", "", "FRXa"))
