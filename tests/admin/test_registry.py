"""admin/registry.py: a function is registered once."""

import pytest

from ferrox.admin.backstage import AdminCall
from ferrox.admin.registry import HANDLERS, answers
from ferrox.admin.shapes.paging import Nothing


async def do(_call: AdminCall, _args: Nothing) -> None:
    return


def test_a_function_is_registered_under_its_name_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(HANDLERS, "Do", raising=False)

    same = answers("Do")(do)
    with pytest.raises(TypeError, match="Do is answered twice"):
        answers("Do")(do)

    assert (do, do) == (same, HANDLERS.pop("Do"))
