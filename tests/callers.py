"""Users and sessions of users that ask in process."""

import json
from collections.abc import Sequence
from typing import Any

from ferrox.identity import (
    AccessKeyRecord,
    Account,
    PolicyRecord,
    PolicyVersion,
    Principal,
    PrincipalKind,
    UserRecord,
)
from tests import signing
from tests.in_process import ROOT, InProcess


def policy(*actions: str, resource: Any = "*", effect: str = "Allow", **more: Any) -> str:
    """The text of a policy of an identity with one statement."""
    statement = {"Sid": "it", "Effect": effect, "Action": list(actions), "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement | more]})


def user_of(account: Principal, name: str) -> Principal:
    """A user as a caller; `account` is the root of its account."""
    return account._replace(
        arn=f"arn:aws:iam::{account.account_id}:user/{name}",
        access_key_id=f"AKIA{name.upper()}",
        kind=PrincipalKind.USER,
        user_id=f"AIDA{name.upper()}",
        user_name=name,
    )


def add_account(s3: InProcess, account: Principal) -> None:
    """Make the account known to the server."""
    record = Account(account.account_id, account.canonical_id, account.display_name)
    s3.store.identities.change_now(lambda tx: tx.put(record))


def add_user(
    s3: InProcess,
    name: str,
    *policies: str,
    account: Principal = ROOT,
    boundary: str = "",
    tags: dict[str, str] | None = None,
) -> str:
    """Make a user with these policies, or give it these in place of those that it had.

    Returns its access key; `boundary` is the text of its permissions boundary.
    """
    principal = user_of(account, name)
    limit = PolicyRecord(
        account.account_id, f"limit-of-{name}", "ANPALIMIT", 0, 0,
        (PolicyVersion("v1", boundary, 0),), "v1", 1,
    )  # fmt: skip
    record = UserRecord(
        account.account_id,
        name,
        principal.user_id,
        0,
        inline={f"policy-{number}": text for number, text in enumerate(policies)},
        boundary=limit.arn if boundary else "",
        tags=tags or {},
    )

    def change(tx: Any) -> None:
        tx.put(limit)
        tx.put(record)

    s3.store.identities.change_now(change)
    return let_in(s3, principal)


def let_in(s3: InProcess, principal: Principal) -> str:
    """Give somebody a key that works."""
    key_id = principal.access_key_id
    s3.keys[key_id] = AccessKeyRecord(key_id, signing.SECRET_KEY, principal)
    return key_id


def bucket_policy(*statements: dict[str, Any]) -> bytes:
    """The document of a policy for the bucket that tests use."""
    resources: Sequence[str] = "arn:aws:s3:::bucket", "arn:aws:s3:::bucket/*"
    entries = [{"Effect": "Allow", "Resource": resources} | one for one in statements]
    return json.dumps({"Version": "2012-10-17", "Statement": entries}).encode()
