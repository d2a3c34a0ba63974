from typing import Any

import pytest

from ferrox.protocol.address import BUCKET, OBJECT, SERVICE
from ferrox.protocol.operation import Operation
from ferrox.protocol.operations import LEFT_OUT, OPERATIONS

OURS = {"PostObject", "OptionsBucket", "OptionsObject"}
"""Rows that the model does not have: a form and a preflight are no API calls."""

STATUS_DEVIATIONS = {"PutBucketPolicy": 204, "PutBucketTagging": 204}
"""AWS answers 204 where the model says 200."""

MODELLED = [operation for operation in OPERATIONS if operation.name not in OURS]


def test_names_are_unique() -> None:
    assert len(OPERATIONS) == len({operation.name for operation in OPERATIONS})


def test_every_operation_of_the_model_has_a_row_or_a_reason(s3_model: Any) -> None:
    rows = {operation.name for operation in MODELLED}

    assert set(s3_model.operation_names) == rows | LEFT_OUT.keys()
    assert not rows & LEFT_OUT.keys()


@pytest.mark.parametrize("operation", MODELLED, ids=repr)
def test_a_row_says_what_the_model_says(operation: Operation[Any, Any], s3_model: Any) -> None:
    modelled = s3_model.operation_model(operation.name)
    path, _, selector = modelled.http["requestUri"].partition("?")
    level = OBJECT if "{Key" in path else BUCKET if "{Bucket" in path else SERVICE
    status = STATUS_DEVIATIONS.get(operation.name, modelled.http.get("responseCode", 200))
    shape = modelled.input_shape
    required = shape.required_members if shape else []
    wires = {
        location: {
            shape.members[name].serialization["name"]
            for name in required
            if shape.members[name].serialization.get("location") == location
        }
        for location in ("querystring", "header")
    }

    assert modelled.http["method"] == operation.method
    assert level == operation.level
    assert selector == operation.selector
    assert status == operation.status
    assert wires["querystring"] == operation.query
    assert ("" if selector else "".join(wires["header"])) == operation.header


def test_rows_with_shapes_are_implemented() -> None:
    implemented = {operation.name for operation in OPERATIONS if operation.is_implemented}

    assert {"PutObject", "ListParts", "DeleteBucket"} <= implemented
    assert not implemented & {"GetObjectTorrent", "SelectObjectContent"}
