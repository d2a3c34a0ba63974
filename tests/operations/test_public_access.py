"""operations/public_access.py: who may set and see the block of an account, and since when.

What its settings do is in tests/conformance/test_account_block.py.
"""

import json

import pytest

from ferrox.clock import SettableClock
from ferrox.identity import AccessKeyRecord, Principal, PrincipalKind, UserRecord
from ferrox.operations.access import BucketDefaults
from ferrox.operations.public_access_block import TABLE
from ferrox.protocol.control import PATH
from ferrox.storage.identities.identities import Identities
from ferrox.storage.settings import Settings
from ferrox.storage.store import Store
from tests import signing
from tests.in_process import ROOT, Answer, InProcess
from tests.queries import Queries

BODY = (
    b"<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls>"
    b"</PublicAccessBlockConfiguration>"
)
HEADERS = {"x-amz-account-id": ROOT.account_id}
USER_KEY = "AKIAUSEREXAMPLE00"


@pytest.fixture
async def user(s3: InProcess) -> InProcess:
    """The server, with a user who may see the block, and nothing else."""
    statement = {
        "Effect": "Allow",
        "Action": "s3:GetAccountPublicAccessBlock",
        "Resource": "*",
    }
    text = json.dumps({"Version": "2012-10-17", "Statement": statement})
    record = UserRecord(ROOT.account_id, "ada", "AIDA", 0, inline={"own": text})
    await Queries(s3).keep(record)
    s3.keys[USER_KEY] = AccessKeyRecord(
        USER_KEY,
        signing.SECRET_KEY,
        Principal(
            ROOT.account_id,
            ROOT.canonical_id,
            "root",
            record.arn,
            USER_KEY,
            PrincipalKind.USER,
            user_id=record.user_id,
            user_name="ada",
        ),
    )
    return s3


async def ask(s3: InProcess, method: str, access_key: str = signing.ACCESS_KEY) -> Answer:
    body = BODY if method == "PUT" else b""
    return await s3.ask(method, PATH, headers=HEADERS, body=body, access_key=access_key)


async def test_a_user_needs_a_permission_of_the_account(user: InProcess) -> None:
    await ask(user, "PUT")

    statuses = {method: (await ask(user, method, USER_KEY)).status for method in ("PUT", "DELETE")}
    shown = await ask(user, "GET", USER_KEY)

    assert {"PUT": 403, "DELETE": 403} == statuses
    assert (200, "true") == (shown.status, shown.document["BlockPublicAcls"])


async def test_what_another_process_sets_counts_at_the_next_request(
    s3: InProcess, store: Store
) -> None:
    place = store.data_dir
    settings = Settings(place.settings_path, place.read_only)
    others = Identities(settings, place.settings_key_path)
    before = await ask(s3, "GET")

    await others.change(lambda tx: tx.put_document(TABLE, ROOT.canonical_id, {}))

    assert (404, 200) == (before.status, (await ask(s3, "GET")).status)
    settings.close()


@pytest.fixture
def lenient(store: Store, clock: SettableClock) -> InProcess:
    """A server whose new buckets have no block of their own."""
    return InProcess(store, clock, bucket_defaults=BucketDefaults(blocks_public_access=False))


async def test_no_bucket_is_made_open_to_everybody(lenient: InProcess) -> None:
    headers = {"x-amz-acl": "public-read", "x-amz-object-ownership": "ObjectWriter"}
    await ask(lenient, "PUT")

    refused = await lenient.ask("PUT", "/open", headers=headers)
    await ask(lenient, "DELETE")
    made = await lenient.ask("PUT", "/open", headers=headers)

    assert (403, "AccessDenied") == (refused.status, refused.code)
    assert 200 == made.status
