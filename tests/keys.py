"""Keys for tests that have no identities: found by their id, none of them temporary."""

from collections.abc import Mapping
from typing import Any

from ferrox.auth.verify import FindKey
from ferrox.errors import InvalidAccessKeyId, InvalidToken
from ferrox.identity import AccessKeyRecord


def finding(keys: Mapping[str, AccessKeyRecord]) -> FindKey:
    """Find these keys."""

    def find_key(access_key_id: str, security_token: str) -> AccessKeyRecord:
        key = keys.get(access_key_id)
        if key is None:
            raise InvalidAccessKeyId(AWSAccessKeyId=access_key_id)
        if security_token:
            details: dict[str, Any] = {"Token-0": security_token}
            raise InvalidToken(**details)
        return key

    return find_key
