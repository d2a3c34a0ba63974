"""Every shape of KMS against botocore's model: names, types, what must be there, limits."""

from collections.abc import Iterator
from typing import Any

import pytest

from ferrox.protocol.kms.operations import OPERATIONS, AnyKmsOperation
from ferrox.protocol.shape import Field, Shape

botocore = pytest.importorskip("botocore")

ROWS = list(OPERATIONS.values())
TYPES = {
    "string": str, "integer": int, "boolean": bool, "timestamp": int, "map": dict, "blob": bytes,
}  # fmt: skip
LEFT_OUT = {
    "CiphertextForRecipient", "DryRunModifiers", "GrantTokens", "OnDemandRotationStartDate",
    "ResourceOwners",
    # Of keys of other kinds
    "CloudHsmClusterId", "CustomKeyStoreId", "EncapsulationAlgorithms", "ExpirationModel",
    "KeyAgreementAlgorithms", "MacAlgorithms", "MultiRegionConfiguration",
    "PendingDeletionWindowInDays", "SigningAlgorithms", "ValidTo", "XksKeyConfiguration",
    "ImportState", "KeyMaterialDescription",
}  # fmt: skip
"""Members that there is no use for here."""
TOLD_BY_WORDS = {
    "PendingWindowInDays", "EncryptionAlgorithm", "SourceEncryptionAlgorithm", "PolicyName",
    "DestinationEncryptionAlgorithm", "KeySpec", "KeyUsage", "CustomerMasterKeySpec", "Origin",
    "CustomKeyStoreId", "XksKeyId", "Policy", "Marker", "IncludeKeyMaterial",
}  # fmt: skip
"""Members of inputs whose limits are narrower or refused in other words."""


@pytest.fixture(scope="module")
def model() -> Any:
    """botocore.model.ServiceModel of KMS."""
    module = pytest.importorskip("botocore.model")
    loader = pytest.importorskip("botocore.loaders").Loader()
    return module.ServiceModel(loader.load_service_model("kms", "service-2"))


def pairs(row: AnyKmsOperation, model: Any) -> Iterator[tuple[type[Shape], Any]]:
    modelled = model.operation_model(row.name)
    todo = [(row.input, modelled.input_shape), (row.output, modelled.output_shape)]
    while todo:
        shape, known = todo.pop()
        if known is None:
            assert not shape.plan.fields
            continue
        yield shape, known
        for field in shape.plan.fields.values():
            if issubclass(field.type, Shape):
                one = known.members[field.wire]
                todo.append((field.type, one.member if field.is_list else one))


@pytest.mark.parametrize("row", ROWS, ids=repr)
def test_a_shape_is_what_the_model_says(row: AnyKmsOperation, model: Any) -> None:
    for shape, known in pairs(row, model):
        fields = {field.wire: field for field in shape.plan.fields.values()}

        assert known.members.keys() - fields.keys() <= LEFT_OUT, shape.__name__
        assert fields.keys() <= known.members.keys()
        for name, field in fields.items():
            assert expected(known.members[name]) == actual(field), (shape, name)


@pytest.mark.parametrize("row", ROWS, ids=repr)
def test_an_input_needs_and_takes_what_the_model_says(row: AnyKmsOperation, model: Any) -> None:
    known = model.operation_model(row.name).input_shape
    for field in row.input.plan.fields.values():
        one = known.members[field.wire]
        if field.wire not in TOLD_BY_WORDS and not issubclass(field.type, Shape):
            limits = (one.member if field.is_list else one).metadata
            shown = limits.get("min"), limits.get("max"), tuple(limits.get("enum", ()))
            assert shown == (field.limit.least, field.limit.most, field.limit.one_of), field.wire
        needed = field.wire in known.required_members
        assert needed == field.is_required or field.wire == "CiphertextBlob", field.wire


def expected(one: Any) -> dict[str, Any]:
    is_list = one.type_name == "list"
    item = one.member if is_list else one
    return {
        "is_list": is_list,
        "type": TYPES.get(item.type_name, Shape),
        "is_timestamp": one.type_name == "timestamp",
        "sensitive": one.metadata.get("sensitive", False),
    }


def actual(field: Field) -> dict[str, Any]:
    is_plain = not issubclass(field.type, Shape) and field.wire != "Recipient"
    return {
        "is_list": field.is_list,
        "type": field.type if is_plain else Shape,
        "is_timestamp": field.timestamp == "seconds",
        "sensitive": field.sensitive,
    }


def test_every_operation_is_one_of_kms(model: Any) -> None:
    assert OPERATIONS.keys() <= set(model.operation_names)
    assert {f"kms:{name}" for name in OPERATIONS} == {row.action for row in ROWS}
