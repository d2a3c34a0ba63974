"""The condition keys that tell who asks.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html (the table of
principals)
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
"""

from collections.abc import Callable, Mapping

from ferrox.clock import Clock
from ferrox.identity import ANONYMOUS_ID, Principal, PrincipalKind
from ferrox.protocol import dates

Found = tuple[str, ...] | None

TAG = "aws:principaltag/"

_MS_PER_SECOND = 1000


class CallerKeys:
    """What policies may ask about a caller.

    find_tags  looks up its tags
    """

    __slots__ = ("_clock", "_find_tags", "_principal")

    def __init__(
        self,
        principal: Principal,
        clock: Clock,
        find_tags: Callable[[Principal], Mapping[str, str]],
    ) -> None:
        self._principal = principal
        self._clock = clock
        self._find_tags = find_tags

    def get(self, key: str, /) -> Found:
        """The values of a key, which is in lower case; None if the caller has none."""
        work_out = _KNOWN.get(key)
        if work_out is not None:
            return work_out(self)
        if key.startswith(TAG):
            name = key.removeprefix(TAG)
            tags = self._find_tags(self._principal).items()
            return next(((value,) for tag, value in tags if tag.lower() == name), None)
        session = self._principal.session
        if session is not None and session.provider:
            url = session.provider.partition(":oidc-provider/")[2].lower()
            return _one(session.subject) if key == f"{url}:sub" else None
        return None

    def _account(self) -> Found:
        return _one(self._principal.account_id)

    def _arn(self) -> Found:
        """Of a session of a role, the role's."""
        principal = self._principal
        if principal.is_anonymous:
            return None
        is_of_role = principal.kind is PrincipalKind.ROLE_SESSION
        return (principal.parent_arn if is_of_role else principal.arn,)

    def _type(self) -> Found:
        return (self._principal.kind.value,)

    def _user_id(self) -> Found:
        principal = self._principal
        return (principal.user_id or principal.account_id or ANONYMOUS_ID,)

    def _user_name(self) -> Found:
        return _one(self._principal.user_name)

    def _token_issue_time(self) -> Found:
        session = self._principal.session
        return None if session is None else (dates.iso8601_seconds(session.issued_ms),)

    def _is_multi_factor(self) -> Found:
        """Lasting keys say nothing of it."""
        session = self._principal.session
        return None if session is None else ("true" if session.is_mfa else "false",)

    def _multi_factor_age_s(self) -> Found:
        session = self._principal.session
        if session is None or not session.is_mfa:
            return None
        return (str((self._clock.now_ms() - session.issued_ms) // _MS_PER_SECOND),)

    def _provider(self) -> Found:
        session = self._principal.session
        return None if session is None else _one(session.provider)

    def _source_identity(self) -> Found:
        session = self._principal.session
        return None if session is None else _one(session.source_identity)

    def _no(self) -> Found:
        """No service of AWS asks here, for itself or for others."""
        return ("false",)


_KNOWN: dict[str, Callable[[CallerKeys], Found]] = {
    "aws:federatedprovider": CallerKeys._provider,
    "aws:multifactorauthage": CallerKeys._multi_factor_age_s,
    "aws:multifactorauthpresent": CallerKeys._is_multi_factor,
    "aws:principalaccount": CallerKeys._account,
    "aws:principalarn": CallerKeys._arn,
    "aws:principalisawsservice": CallerKeys._no,
    "aws:principaltype": CallerKeys._type,
    "aws:sourceidentity": CallerKeys._source_identity,
    "aws:tokenissuetime": CallerKeys._token_issue_time,
    "aws:userid": CallerKeys._user_id,
    "aws:username": CallerKeys._user_name,
    "aws:viaawsservice": CallerKeys._no,
}


def _one(value: str) -> Found:
    return (value,) if value else None
