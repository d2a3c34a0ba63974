import pytest

from ferrox.operations.handlers import HANDLERS
from ferrox.operations.registry import handles
from ferrox.protocol.operations import GetObject
from ferrox.protocol.shapes.objects import GetObjectInput, GetObjectOutput


def test_an_old_version_needs_another_action() -> None:
    read, remove = HANDLERS["GetObject"], HANDLERS["DeleteObject"]
    current = GetObjectInput(bucket="b", key="k")
    old = GetObjectInput(bucket="b", key="k", version_id="1")

    assert ("s3:GetObject", "s3:GetObjectVersion") == (
        read.action_for(current),
        read.action_for(old),
    )
    assert "s3:DeleteObjectVersion" == remove.action_for(old)


def test_an_operation_is_handled_once() -> None:
    with pytest.raises(TypeError, match="twice"):

        @handles(GetObject, action="s3:GetObject")
        async def again(call: object, args: GetObjectInput) -> GetObjectOutput:
            raise AssertionError(call, args)
