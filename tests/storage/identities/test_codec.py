"""Records as documents: what was written comes back, with whatever was added since."""

import json
from typing import Any

import pytest

from ferrox.identity import (
    Account,
    GroupRecord,
    KeyRecord,
    KeyStatus,
    PolicyRecord,
    PolicyVersion,
    ProviderRecord,
    RoleRecord,
    UserRecord,
)
from ferrox.storage.identities import codec

RECORDS: list[Any] = [
    Account("1", "c" * 64, "grün", 5, "alias"),
    KeyRecord("FRX", "1", "bob", "sealed", 6, KeyStatus.INACTIVE, 7),
    UserRecord(
        "1", "Bob", "AIDA", 8, "/x/", ("arn:a",), {"p": "{}"}, "arn:b", ("g",), (), {"t": "v"}
    ),
    GroupRecord("1", "g", "AGPA", 9, "/", ("arn:a",), {"p": "{}"}, ("Bob",)),
    RoleRecord("1", "r", "AROA", 10, "{}", "/", "what for", 7200, ("arn:a",), {}, "", {"t": "v"}),
    PolicyRecord("1", "p", "ANPA", 11, 12, (PolicyVersion("v2", "{}", 12),), "v2", 2),
    ProviderRecord("1", "a.example", 13, ("client",), ("f" * 40,), {"t": "v"}),
]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: type(record).__name__)
def test_a_record_comes_back_as_it_was(record: Any) -> None:
    stored = json.dumps(codec.document_of(record))

    assert record == codec.record_of(type(record), json.loads(stored))


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: type(record).__name__)
def test_fields_have_the_types_that_they_had(record: Any) -> None:
    found = codec.record_of(type(record), json.loads(json.dumps(codec.document_of(record))))

    assert list(map(type, record)) == list(map(type, found))


def test_what_a_document_lacks_has_its_default_and_what_nobody_knows_is_left_out() -> None:
    document = {"account_id": "1", "name": "g", "group_id": "AGPA", "created_ms": 9, "later": 1}

    assert GroupRecord("1", "g", "AGPA", 9) == codec.record_of(GroupRecord, document)


def test_the_keys_of_a_user_are_not_stored_with_it() -> None:
    user = UserRecord("1", "Bob", "AIDA", 8, keys=("FRX",))

    assert "keys" not in codec.document_of(user)
