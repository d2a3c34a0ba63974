"""Temporary credentials: a key that works with its token, made for a principal and its session.

https://docs.aws.amazon.com/STS/latest/APIReference/API_Credentials.html
"""

from ferrox import ids
from ferrox.auth.session_token import MOST_TOKEN_BYTES, SessionToken, SessionTokens
from ferrox.identity import Principal, Session
from ferrox.operations.call import Services
from ferrox.operations.iam.call import IamCall
from ferrox.operations.sts import session_contents
from ferrox.protocol.sts.credentials import Credentials, PackedTokenFacts, TokenFacts

_MS_PER_SECOND = 1000


def session_of(call: IamCall, duration_s: int) -> Session:
    """A session that begins now; it ends with the key, or the token, that it was asked for by."""
    principal, now_ms = call.principal, call.clock.now_ms()
    issuer = principal.session.issuer_key_id if principal.session else principal.access_key_id
    return Session(now_ms, now_ms + duration_s * _MS_PER_SECOND, issuer)


def give(
    call: IamCall, principal: Principal, session: Session, output: TokenFacts, least_bytes: int
) -> None:
    """Make the credentials of a principal in a session, and put them into the answer.

    least_bytes  of the token, as the caller wants it
    raises       PackedPolicyTooLarge when policies and tags need more room than there is
    """
    packed = session_contents.packed_size(session)
    key_id, secret = ids.temporary_key_id(), ids.secret_access_key()
    call.request.facts["issued_access_key_id"] = key_id
    whole = principal._replace(access_key_id=key_id, session=session)
    text = call.services.part(_session_tokens).seal(
        SessionToken(key_id, secret, whole), least_bytes
    )
    output.credentials = Credentials(
        access_key_id=key_id,
        secret_access_key=secret,
        session_token=text,
        expiration=session.expires_ms,
    )
    output.session_token_size = len(text)
    output.session_token_utilization = -(-len(text) * 100 // MOST_TOKEN_BYTES)
    if isinstance(output, PackedTokenFacts):
        output.packed_policy_size = packed


def _session_tokens(services: Services) -> SessionTokens:
    return SessionTokens(services.store.identities.session_seal, services.clock)
