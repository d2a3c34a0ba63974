"""The JSON of requests to KMS: what is taken, and how everything else is refused."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrox.iam_errors import ValidationError
from ferrox.kms_errors import Serialization
from ferrox.protocol.kms.cryptography import EncryptInput
from ferrox.protocol.kms.decode import document, structure
from ferrox.protocol.kms.keys import CreateKeyInput, Paged, Tag, TagResourceInput
from ferrox.protocol.kms.operations import OPERATIONS

SHAPES = [row.input for row in OPERATIONS.values()]


def test_members_of_all_kinds() -> None:
    given_ = {
        "KeyId": "k",
        "Plaintext": "aGVsbG8=",
        "EncryptionContext": {"a": "b"},
        "DryRun": True,
        "GrantTokens": ["unknown"],
    }

    args = structure(EncryptInput, given_)

    assert ("k", b"hello", {"a": "b"}, True) == (
        args.key_id, args.plaintext, args.encryption_context, args.dry_run,
    )  # fmt: skip


def test_lists_of_structures() -> None:
    tags = [{"TagKey": "a", "TagValue": "b"}]

    args = structure(TagResourceInput, {"KeyId": "k", "Tags": tags})

    assert [Tag(tag_key="a", tag_value="b")] == args.tags


def test_what_is_null_is_not_there() -> None:
    assert structure(CreateKeyInput, {"Policy": None}).policy is None


@pytest.mark.parametrize("body", [b"[]", b"{", b'"a"', b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(Serialization):
        document(body)


def test_no_body_is_like_an_empty_object() -> None:
    assert {} == document(b"")


@pytest.mark.parametrize(
    "members",
    [
        {"KeyId": 1},
        {"Plaintext": "?"},
        {"Plaintext": 1},
        {"EncryptionContext": []},
        {"EncryptionContext": {"a": 1}},
        {"DryRun": "true"},
        {"KeyId": "\ud800"},
        {"EncryptionContext": {"\ud800": "a"}},
    ],
)
def test_a_value_of_another_type_is_refused(members: dict[str, Any]) -> None:
    with pytest.raises(Serialization):
        structure(EncryptInput, {"KeyId": "k", "Plaintext": "aGVsbG8="} | members)


@pytest.mark.parametrize("value", [True, 1.5, "1"])
def test_a_number_is_a_whole_number(value: Any) -> None:
    with pytest.raises(Serialization):
        structure(Paged, {"Limit": value})


def test_everything_that_is_out_of_limits_is_told_at_once() -> None:
    with pytest.raises(ValidationError) as refusal:
        structure(EncryptInput, {"Plaintext": ""})

    assert refusal.value.message == (
        "2 validation errors detected: Value null at 'keyId' failed to satisfy constraint: Member "
        "must not be null; Value at 'plaintext' failed to satisfy constraint: Member must have "
        "length greater than or equal to 1"
    )


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=6,
)


@given(data=st.data())
def test_whatever_comes_it_is_taken_or_refused(data: st.DataObject) -> None:
    shape = data.draw(st.sampled_from(SHAPES))
    wires = [field.wire for field in shape.plan.elements] or ["KeyId"]
    members = data.draw(st.dictionaries(st.sampled_from(wires), _JSON))

    with contextlib.suppress(Serialization, ValidationError):
        assert isinstance(structure(shape, document(json.dumps(members).encode())), shape)
