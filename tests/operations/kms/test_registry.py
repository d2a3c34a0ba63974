"""The registry of handlers of KMS."""

import pytest

from ferrox.operations.kms.keys import list_keys
from ferrox.operations.kms.registry import handles
from ferrox.protocol.kms.operations import ListKeys


def test_no_operation_is_done_by_two_functions() -> None:
    with pytest.raises(TypeError, match="twice"):
        handles(ListKeys)(list_keys)
