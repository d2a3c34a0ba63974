"""The caller of KMS in tests: the root of an account, on a server with a master key."""

import pytest

from tests.in_process import InProcess
from tests.key_rings import give_keys
from tests.kms import Kms


@pytest.fixture
def kms(s3: InProcess) -> Kms:
    """The root of the account."""
    give_keys(s3)
    return Kms(s3)


@pytest.fixture
async def key_id(kms: Kms) -> str:
    """A key of the account."""
    made = await kms.give("CreateKey")
    return str(made["KeyMetadata"]["KeyId"])
