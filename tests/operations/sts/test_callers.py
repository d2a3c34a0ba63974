from ferrox.identity import Principal, PrincipalKind
from ferrox.operations.iam.call import IamCall
from ferrox.operations.sts.callers import get_caller_identity
from ferrox.protocol.message import Request
from ferrox.protocol.sts.callers import GetCallerIdentityInput
from tests.in_process import ROOT, InProcess


async def test_the_id_of_a_user_is_its_own_and_that_of_the_root_the_accounts(
    s3: InProcess,
) -> None:
    arn = f"arn:aws:iam::{ROOT.account_id}:user/alice"
    alice = Principal(ROOT.account_id, "c", "", arn, "AKIA", PrincipalKind.USER, "AIDAX", "alice")
    call = IamCall(s3.services, alice, Request("POST", "/", "", {}), ROOT.account_id)

    of_alice = await get_caller_identity(call, GetCallerIdentityInput())
    call.principal = ROOT
    of_root = await get_caller_identity(call, GetCallerIdentityInput())

    assert ("AIDAX", ROOT.account_id, arn) == (of_alice.user_id, of_alice.account, of_alice.arn)
    assert (ROOT.account_id, ROOT.arn) == (of_root.user_id, of_root.arn)
