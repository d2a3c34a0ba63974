"""admin_roles.py: which certificates have which role."""

import pytest

from ferrox import admin_roles
from ferrox.admin_roles import DEFAULT_RULES, Role, Subject, SubjectRule

ALICE: Subject = (
    ("organizationName", "us"), ("organizationalUnitName", "admin"), ("commonName", "alice"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("CN=alice:admin", [("CN", "alice", Role.ADMIN)]),
        ("OU=a b:read-only", [("OU", "a b", Role.READ_ONLY)]),
        ("CN=a:b=c:admin", [("CN", "a:b=c", Role.ADMIN)]),
        ("CN=a:admin, O=b:read-only", [("CN", "a", Role.ADMIN), ("O", "b", Role.READ_ONLY)]),
    ],
)
def test_rules_are_read_and_written(text: str, rules: list[tuple[str, str, Role]]) -> None:
    read = admin_roles.read(text)

    assert [SubjectRule(*rule) for rule in rules] == list(read)
    assert read == admin_roles.read(",".join(map(str, read)))


@pytest.mark.parametrize(
    "text", ["", "CN=alice", "CN=:admin", "alice:admin", "XX=a:admin", "CN=a:root", "CN=a:admin,"]
)
def test_what_is_no_rule_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not like|none of the roles"):
        admin_roles.read(text)


@pytest.mark.parametrize(
    ("rules", "role"),
    [
        ("CN=alice:read-only", Role.READ_ONLY),
        ("CN=bob:admin", None),
        ("CN=Alice:admin", None),
        ("OU=alice:admin", None),
        ("CN=bob:admin,O=us:read-only,OU=admin:admin", Role.READ_ONLY),
    ],
)
def test_the_first_rule_that_fits_says_the_role(rules: str, role: Role | None) -> None:
    assert role is admin_roles.role_of(ALICE, admin_roles.read(rules))


def test_by_default_the_unit_is_the_role() -> None:
    other: Subject = (("organizationalUnitName", "read-only"),)

    assert Role.ADMIN is admin_roles.role_of(ALICE, DEFAULT_RULES)
    assert Role.READ_ONLY is admin_roles.role_of(other, DEFAULT_RULES)
    assert admin_roles.role_of((), DEFAULT_RULES) is None


def test_who_may_do_everything_may_look() -> None:
    found = [mine.covers(needed) for mine in Role for needed in Role]

    assert [True, False, True, True] == found


def test_a_subject_is_named_as_people_do() -> None:
    assert "O=us,OU=admin,CN=alice,serialNumber=7" == admin_roles.name_of(
        (*ALICE, ("serialNumber", "7"))
    )
