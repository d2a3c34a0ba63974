"""Credentials: access key id and session token → the key, and whom it speaks for.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_disable-perms.html

A key that was found is remembered until anything in the settings changes, in whichever process; so
a key that is disabled here stops working at the next request everywhere. A request looks once
whether anything has changed, when its key is found: what else is remembered of identities, like the
policies of callers, goes by that look. A session ends with what it came from: the key that asked
for it, the user or role whose permissions it has, or that user's name or path.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from ferrox import ids
from ferrox.auth.session_token import SessionToken
from ferrox.clock import Clock
from ferrox.errors import InvalidAccessKeyId, InvalidToken
from ferrox.identity import (
    AccessKeyRecord,
    Account,
    KeyRecord,
    KeyStatus,
    Principal,
    PrincipalKind,
    UserRecord,
    kind_and_name,
)
from ferrox.storage.identities.identities import Identities
from ferrox.storage.identities.root import RootCredentials

OpenSession = Callable[[str, str], SessionToken]
"""What a token says that came with an access key id, or InvalidToken, or ExpiredToken."""

MOST_REMEMBERED = 20_000


class _Found(NamedTuple):
    """A key that works; `sealed_secret` tells whether its secret is still the same."""

    record: AccessKeyRecord
    expires_ms: int | None
    sealed_secret: str


class Credentials:
    """Finds keys.

    root          the pair that the server was started with, for the root of its first account
    open_session  opens session tokens
    on_change     is called when anything in the settings has changed, before the next key is found
    """

    def __init__(
        self,
        identities: Identities,
        clock: Clock,
        root: RootCredentials,
        root_account_id: str,
        open_session: OpenSession,
        *,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self._identities = identities
        self._clock = clock
        self._root = root
        self._root_account_id = root_account_id
        self._open_session = open_session
        self._on_change = on_change
        self._version = -1
        self._found: dict[str, _Found] = {}
        self._former: dict[str, _Found] = {}
        self._living: dict[tuple[str, str], bool] = {}

    def find_key(self, access_key_id: str, security_token: str) -> AccessKeyRecord:
        """The key that a request names, if it works.

        raises  InvalidAccessKeyId, InvalidToken, ExpiredToken
        """
        version = self._identities.look()
        if version != self._version:
            self._on_change()
            self._version = version
            self._found, self._former, self._living = {}, self._found, {}
        if security_token:
            return self._of_session(access_key_id, security_token)
        return self._working(access_key_id, access_key_id)

    def _working(self, access_key_id: str, asked_for: str) -> AccessKeyRecord:
        """A key that works without a token; refused as the key that the client asked for."""
        found = self._found.get(access_key_id)
        if found is None:
            found = self._look_up(access_key_id)
            if found is None:
                raise InvalidAccessKeyId(AWSAccessKeyId=asked_for)
            if len(self._found) >= MOST_REMEMBERED:
                self._found.clear()
            self._found[access_key_id] = found
        if found.expires_ms is not None and found.expires_ms <= self._clock.now_ms():
            raise InvalidAccessKeyId(AWSAccessKeyId=asked_for)
        return found.record

    def _of_session(self, access_key_id: str, security_token: str) -> AccessKeyRecord:
        if not access_key_id.startswith(ids.TEMPORARY_PREFIX):
            self._working(access_key_id, access_key_id)
            details: dict[str, Any] = {"Token-0": security_token}
            raise InvalidToken(**details)
        token = self._open_session(security_token, access_key_id)
        principal = token.principal
        is_its_own = True
        if token.issuer_key_id:
            issuer = self._working(token.issuer_key_id, access_key_id).principal
            # Tokens know users by name, and another may have that name now.
            is_of_role = principal.kind is PrincipalKind.ROLE_SESSION
            is_its_own = is_of_role or issuer.arn == (principal.parent_arn or principal.arn)
        if not (is_its_own and self._lives(principal)):
            raise InvalidAccessKeyId(AWSAccessKeyId=access_key_id)
        return AccessKeyRecord(access_key_id, token.secret_access_key, principal)

    def _look_up(self, access_key_id: str) -> _Found | None:
        if access_key_id == self._root.access_key_id:
            root = self._identities.account(self._root_account_id)
            return root and _Found(_root_record(root, *self._root), None, "")
        key = self._identities.key(access_key_id)
        account = key and self._identities.account(key.account_id)
        if key is None or account is None or key.status is not KeyStatus.ACTIVE:
            return None
        if not key.user_name:
            record = _root_record(account, access_key_id, self._secret(key))
        else:
            user = self._identities.user(key.account_id, key.user_name)
            if user is None:
                return None
            principal = principal_of_user(account, user, access_key_id)
            record = AccessKeyRecord(access_key_id, self._secret(key), principal)
        return _Found(record, key.expires_ms, key.sealed_secret)

    def _secret(self, key: KeyRecord) -> str:
        former = self._former.get(key.access_key_id)
        if former is not None and former.sealed_secret == key.sealed_secret:
            return former.record.secret_access_key
        return self._identities.open_secret(key)

    def _lives(self, principal: Principal) -> bool:
        """Whether there still is the user, role or account whose permissions a session has."""
        who = principal.parent_arn or principal.arn, principal.user_id
        lives = self._living.get(who)
        if lives is None:
            if len(self._living) >= MOST_REMEMBERED:
                self._living.clear()
            lives = self._living[who] = self._find_parent(principal)
        return lives

    def _find_parent(self, principal: Principal) -> bool:
        if self._identities.account(principal.account_id) is None:
            return False
        is_of_root = kind_and_name(principal.parent_arn or principal.arn)[0] == "root"
        return is_of_root or self._identities.entity_of(principal) is not None


def principal_of_root(account: Account, access_key_id: str) -> Principal:
    """The account itself as a caller."""
    return Principal(
        account.account_id,
        account.canonical_id,
        account.display_name,
        account.root_arn,
        access_key_id,
        user_id=account.account_id,
    )


def principal_of_user(account: Account, user: UserRecord, access_key_id: str) -> Principal:
    """A user as a caller."""
    return Principal(
        account.account_id,
        account.canonical_id,
        account.display_name,
        user.arn,
        access_key_id,
        PrincipalKind.USER,
        user.user_id,
        user.name,
    )


def _root_record(account: Account, access_key_id: str, secret: str) -> AccessKeyRecord:
    return AccessKeyRecord(access_key_id, secret, principal_of_root(account, access_key_id))
