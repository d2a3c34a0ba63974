"""What GetObjectAttributes asks for and where it looks; the cases of AWS are elsewhere."""

import pytest

from ferrox.operations.attributes import ATTRIBUTES, attributes_action
from ferrox.protocol.shapes.attributes import GetObjectAttributesInput, GetObjectAttributesOutput


@pytest.mark.parametrize(
    ("version_id", "action"),
    [(None, "s3:GetObjectAttributes"), ("null", "s3:GetObjectVersionAttributes")],
)
def test_old_versions_have_an_action_of_their_own(version_id: str | None, action: str) -> None:
    args = GetObjectAttributesInput(
        bucket="bucket", key="k", version_id=version_id, object_attributes=["ETag"]
    )

    assert action == attributes_action(args)


def test_every_attribute_is_an_element_of_the_answer() -> None:
    elements = {field.wire: field.name for field in GetObjectAttributesOutput.plan.elements}

    assert elements == {name: field for name, (field, _) in ATTRIBUTES.items()}
