"""admin/backstage.py: what a handler is given."""

from ferrox.admin.backstage import AdminCall
from ferrox.protocol.message import Request
from tests.admin.operator import LOOKER, Operator


def test_a_handler_finds_the_services_of_the_server(operator: Operator) -> None:
    call = AdminCall(operator.backstage, LOOKER, Request("GET", "/", "", {}))

    assert call.services is operator.backstage.services
