"""What a handler of IAM or STS may use: the identities, the caller, the clock."""

from dataclasses import dataclass

from ferrox.clock import Clock
from ferrox.identity import Principal
from ferrox.operations.call import Services
from ferrox.protocol.message import Request
from ferrox.protocol.query.operation import AnyQueryOperation
from ferrox.storage.identities.identities import Identities


@dataclass(slots=True)
class IamCall:
    """One authenticated, authorized request on its way to its handler.

    account_id   whose identities are meant: the caller's account
    """

    services: Services
    principal: Principal
    request: Request
    account_id: str

    @property
    def identities(self) -> Identities:
        """Who and what there is."""
        return self.services.store.identities

    @property
    def clock(self) -> Clock:
        """What time it is."""
        return self.services.clock

    def require(self, operation: AnyQueryOperation, resource_arn: str) -> None:
        """Ask for the permission to do this to one more thing than the row of it says."""
        self.services.authorizer.require_on(
            self.principal, operation.action, resource_arn, request=self.request
        )
