import pytest

from ferrox.errors import AccessDenied
from ferrox.identity import ANONYMOUS
from ferrox.operations.iam.call import IamCall
from ferrox.protocol.iam.operations import DeleteUser
from ferrox.protocol.message import Request
from tests.in_process import ROOT, InProcess

ALICE = f"arn:aws:iam::{ROOT.account_id}:user/alice"


def test_a_handler_may_ask_for_more_permission(s3: InProcess) -> None:
    call = IamCall(s3.services, ROOT, Request("POST", "/", "", {}), ROOT.account_id)

    call.require(DeleteUser, ALICE)
    call.principal = ANONYMOUS
    with pytest.raises(AccessDenied):
        call.require(DeleteUser, ALICE)


def test_a_call_knows_the_identities_and_the_time(s3: InProcess) -> None:
    call = IamCall(s3.services, ROOT, Request("POST", "/", "", {}), ROOT.account_id)

    assert s3.store.identities is call.identities
    assert s3.clock.now_ms() == call.clock.now_ms()
