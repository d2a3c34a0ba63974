"""What a handler of KMS may use: the keys, the caller, the clock; and how it asks for permission.

https://docs.aws.amazon.com/kms/latest/developerguide/control-access-overview.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ferrox.clock import Clock
from ferrox.errors import AccessDenied
from ferrox.iam import key_policies
from ferrox.identity import Principal
from ferrox.kms_errors import NotFound, UnsupportedOperation
from ferrox.operations.call import Services
from ferrox.operations.key_use import policy_text
from ferrox.protocol.kms.operations import AnyKmsOperation, On
from ferrox.protocol.message import Request
from ferrox.storage.keys.kms_keys import ALIAS, KmsKeys
from ferrox.storage.keys.kms_records import KmsKey

NO_MASTER_KEY = (
    "This server has no master key, and without one no keys of KMS: it was started without "
    "--sse-master-key-file."
)
_EVERYTHING = "*"


@dataclass(slots=True)
class KmsCall:
    """One authenticated request on its way to its handler.

    is_trusted  it is an operator's: no permission is asked for
    """

    services: Services
    principal: Principal
    request: Request
    is_trusted: bool = False

    @property
    def account_id(self) -> str:
        """Whose keys are meant where no ARN says so."""
        return self.principal.account_id

    @property
    def clock(self) -> Clock:
        """What time it is."""
        return self.services.clock

    @property
    def keys(self) -> KmsKeys:
        """The keys; UnsupportedOperation on a server that can have none."""
        keys = self.services.encryption.keys.kms_keys
        if keys is None:
            raise UnsupportedOperation(NO_MASTER_KEY)
        return keys

    def authorize(self, operation: AnyKmsOperation, args: Any) -> None:
        """Ask for the permission that the row of an operation says."""
        _ = self.keys
        if operation.on is On.ANYTHING:
            self.require(operation.action, _EVERYTHING)
        elif operation.on is not On.NOTHING:
            context = getattr(args, "encryption_context", None)
            self.require_on_key(operation.action, self.key(args.key_id, operation.on), context)

    def key(self, named: str, on: On = On.KEY) -> KmsKey:
        """The key of this name. One that is not used but managed is the account's own, by id."""
        found = self.keys.find(self.account_id, named)
        if on is On.KEY:
            if ALIAS in named:
                raise NotFound(f"Invalid keyId {named}")
            if found.account_id != self.account_id:
                raise AccessDenied
        return found

    def require(self, action: str, resource: str) -> None:
        """Ask for permission to what has no key policy."""
        if not self.is_trusted:
            self.services.authorizer.require_on(
                self.principal, action, resource, request=self.request
            )

    def require_on_key(
        self,
        action: str,
        key: KmsKey,
        context: Mapping[str, str] | None = None,
        policy: str = "",
    ) -> None:
        """Ask for permission to a key, by its policy, or by another one in its place."""
        if self.is_trusted:
            return
        self.request.values = key_policies.condition_keys(
            self.account_id, context or {}, owner_id=key.account_id, tags=key.tags
        )
        self.services.authorizer.require_on_key(
            self.principal,
            action,
            self.keys.arn(key),
            key_policies.compiled(policy or policy_text(self.services, key)),
            request=self.request,
        )
