from ferrox.identity import Principal, PrincipalKind
from ferrox.operations.iam.call import IamCall
from ferrox.operations.sts.callers import get_caller_identity
from ferrox.protocol.message import Request
from ferrox.protocol.sts.callers import GetCallerIdentityInput
from tests.in_process import ROOT, InProcess
from tests.sessions import ACCOUNT, OTHER_ACCOUNT, World, allowing


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


async def test_the_account_of_a_key_is_told_to_who_may_know(world: World) -> None:
    bob = await world.user("bob", account_id=OTHER_ACCOUNT)
    ada = await world.user("ada", allowing("sts:GetAccessKeyInfo"))

    of_bob = await ada.sts("GetAccessKeyInfo", AccessKeyId=bob.access_key)
    own = await world.root.sts("GetAccessKeyInfo", AccessKeyId=world.root.access_key)
    unknown = await ada.denied("GetAccessKeyInfo", AccessKeyId="AKIANOBODYEXAMPLE")
    denied = await bob.denied("GetAccessKeyInfo", AccessKeyId=ada.access_key)

    assert (OTHER_ACCOUNT, ACCOUNT) == (of_bob["Account"], own["Account"])
    assert (400, "ValidationError") == unknown[:2]
    assert (403, "AccessDenied") == denied[:2]
