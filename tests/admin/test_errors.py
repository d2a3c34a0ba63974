"""admin/errors.py: one form for all errors."""

import json

import pytest

from ferrox.admin import errors
from ferrox.admin.errors import AdminError, Conflict
from ferrox.errors import Fault, NoSuchKey, StorageFull

KINDS = AdminError.__subclasses__()


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_has_words_a_code_and_a_status(kind: type[AdminError]) -> None:
    made = kind()

    assert made.message.endswith(".")
    assert kind.__name__ == made.code
    assert 400 <= made.status < 500


def test_words_can_be_of_the_case() -> None:
    assert "It is busy." == Conflict("It is busy.").message


def test_errors_of_all_families_look_alike() -> None:
    found = [
        errors.refusal(Conflict(), "1"),
        errors.refusal(NoSuchKey(headers={"x-a": "b"}), "2"),
        errors.failure(StorageFull("full"), "3"),
        errors.failure(Fault("broken"), "4"),
    ]

    bodies = [json.loads(one.body)["error"] for one in found if isinstance(one.body, bytes)]
    assert [409, 404, 507, 500] == [one.status for one in found]
    assert ["Conflict", "NoSuchKey", "StorageFull", "Fault"] == [one["code"] for one in bodies]
    assert ["1", "2", "3", "4"] == [one["request_id"] for one in bodies]
    assert "b" == found[1].headers["x-a"]
