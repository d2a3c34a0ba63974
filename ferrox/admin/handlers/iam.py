"""Orders to IAM: what operators ask for is done by the handlers of the IAM API, as root.

So rules, limits and errors are those of IAM, written once. What is only looked at is read from the
identities themselves.
"""

from typing import Any

from ferrox.admin.backstage import AdminCall
from ferrox.admin.handlers.accounts import account_named
from ferrox.iam import managed
from ferrox.identity import Account, Principal
from ferrox.operations.iam.call import IamCall
from ferrox.operations.iam.handlers import HANDLERS
from ferrox.protocol.query.decode import structure
from ferrox.protocol.query.operation import AnyQueryOperation
from ferrox.storage.identities.identities import Identities


class Orders:
    """What is done in one account, by its root."""

    def __init__(self, call: AdminCall, account: str) -> None:
        self.account: Account = account_named(call, account)
        self.root = _root_of(self.account)
        self._call = IamCall(call.services, self.root, call.request, self.account.account_id)

    @property
    def account_id(self) -> str:
        """The number of the account."""
        return self.account.account_id

    @property
    def identities(self) -> Identities:
        """Who and what there is."""
        return self._call.identities

    async def give(self, operation: AnyQueryOperation, **parameters: str | None) -> Any:
        """Have an operation of IAM done, with parameters named as IAM names them."""
        given = {name: value for name, value in parameters.items() if value is not None}
        args = structure(operation.input, given)
        return await HANDLERS[operation.action](self._call, args)

    def policy_arn(self, policy: str) -> str:
        """The ARN of a managed policy that is named by it, or by name: the account's own first."""
        if policy.startswith("arn:"):
            return policy
        own = self.identities.policy(self.account_id, policy)
        if own is not None:
            return own.arn
        published = managed.POLICIES.get(policy)
        return published.arn if published else f"{_own_prefix(self.account)}{policy}"


def _own_prefix(account: Account) -> str:
    return account.root_arn.removesuffix("root") + "policy/"


def _root_of(account: Account) -> Principal:
    return Principal(
        account_id=account.account_id,
        canonical_id=account.canonical_id,
        display_name=account.display_name,
        arn=account.root_arn,
        access_key_id="",
        user_id=account.account_id,
    )
