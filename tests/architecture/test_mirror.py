"""tests/ mirrors ferrox/: whoever knows the module knows where its proof is."""

from pathlib import Path

import pytest

from tests.architecture.source import MODULES, PACKAGE, TESTS, name_of

SHAPES = "protocol/shapes/test_model.py"  # all shapes are compared with botocore's model at once
PROVED_ELSEWHERE = {
    f"protocol/shapes/{name}.py": SHAPES
    for name in (
        "access",
        "acl",
        "analysis",
        "attributes",
        "buckets",
        "copying",
        "cors",
        "deletion",
        "encryption",
        "groups",
        "inventory",
        "lifecycle",
        "listing",
        "lock_configuration",
        "locks",
        "logging",
        "multipart",
        "notification",
        "object_tagging",
        "objects",
        "renaming",
        "replication",
        "tagging",
        "transfer",
        "versioning",
        "versions",
        "website",
    )
} | {
    f"protocol/{name}.py": "protocol/query/test_model.py"  # so are those of IAM and STS
    for name in (
        "iam/absences",
        "iam/access_keys",
        "iam/account",
        "iam/attachments",
        "iam/groupings",
        "iam/groups",
        "iam/limits",
        "iam/operations",
        "iam/policies",
        "iam/providers",
        "iam/roles",
        "iam/simulation",
        "iam/users",
        "query/operation",
        "sts/callers",
        "sts/credentials",
        "sts/limits",
        "sts/operations",
    )
}
PROVED_ELSEWHERE |= {
    f"protocol/kms/{name}.py": "protocol/kms/test_model.py"
    for name in ("aliases", "cryptography", "keys", "limits", "operations")
}
PROVED_ELSEWHERE |= {
    f"admin/shapes/{name}.py": "admin/test_table.py"  # where they are held against their endpoints
    for name in (
        "buckets",
        "encryption",
        "faults",
        "identities",
        "kms",
        "lifecycle",
        "paging",
        "scrub",
        "server",
        "status",
    )
}
PROVED_ELSEWHERE |= {
    # Whole migrations between two servers, and what comes of them, are the proof of these.
    f"migration/{name}.py": "migration/test_migrating.py"
    for name in (
        "buckets",
        "copying",
        "faults",
        "sides",
        "verification",
    )
}
PROVED_ELSEWHERE["lifecycle_records.py"] = "protocol/test_lifecycle.py"  # plain values
"""Modules without a test file of their own, and where they are tested instead."""


def proof_of(path: Path) -> Path:
    """Where the tests of a module stand."""
    place = path.relative_to(PACKAGE)
    return TESTS / place.parent / f"test_{place.name}"


@pytest.mark.parametrize(
    "path", [path for path in MODULES if path.name != "__init__.py"], ids=name_of
)
def test_every_module_has_its_tests(path: Path) -> None:
    reason = PROVED_ELSEWHERE.get(path.relative_to(PACKAGE).as_posix())

    assert proof_of(path).exists() != bool(reason)


def test_the_exceptions_exist_and_name_an_existing_place() -> None:
    missing = [name for name in PROVED_ELSEWHERE if not (PACKAGE / name).exists()]
    unproved = [place for place in PROVED_ELSEWHERE.values() if not (TESTS / place).exists()]

    assert [] == missing + unproved


def test_packages_hold_no_code_in_their_init() -> None:
    statements = {
        name_of(path): len(path.read_text("utf-8").split('"""')[2].strip().splitlines())
        for path in MODULES
        if path.name == "__init__.py"
    }

    assert {} == {name: count for name, count in statements.items() if count > 20}
