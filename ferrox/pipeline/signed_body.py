"""Signed bodies: who sends a request to another service than S3, and its whole, small body.

Nothing of a body is read for a key that there is not.
"""

from collections.abc import Callable

from ferrox.auth import failures
from ferrox.auth import query as signature
from ferrox.errors import ExpiredToken, InvalidAccessKeyId, InvalidToken, SlowDown
from ferrox.iam_errors import (
    ExpiredSecurityToken,
    InvalidClientTokenId,
    RequestEntityTooLarge,
    Throttling,
)
from ferrox.identity import ANONYMOUS, AccessKeyRecord, Principal
from ferrox.operations.call import Services
from ferrox.protocol.message import Request
from ferrox.protocol.query import form

FindKey = Callable[[str, str], AccessKeyRecord]
"""Access key id and security token → whose key it is; InvalidAccessKeyId, InvalidToken and
ExpiredToken if it is no good."""


async def read(
    request: Request, service: signature.Scoped, services: Services, find_key: FindKey
) -> tuple[Principal, bytes]:
    """Who asks, verified, and the body; who does not sign is anonymous."""
    now_ms = services.clock.now_ms()
    with failures.COUNTED:
        claim = signature.read_claim(request, service, now_ms, services.region)
    if claim is None:
        request.principal = ANONYMOUS
        _admit(services, request, has_begun=False)
        return ANONYMOUS, await _whole(request)
    with failures.COUNTED:
        key = _found(find_key, claim.access_key_id, request)
    body = await _whole(request)
    with failures.COUNTED:
        signature.verify(request, claim, key.secret_access_key, body)
    _note(request, key.principal)
    services.note_use(key.principal, service.scope_name)
    _admit(services, request, has_begun=True)
    return key.principal, body


def _admit(services: Services, request: Request, *, has_begun: bool) -> None:
    try:
        services.ledger.admit(request, has_begun=has_begun)
    except SlowDown as refusal:
        raise Throttling(headers=refusal.headers).because(refusal.reason) from None


def _found(find_key: FindKey, access_key_id: str, request: Request) -> AccessKeyRecord:
    token = request.headers.get("x-amz-security-token") or request.query.get(
        "X-Amz-Security-Token", ""
    )
    try:
        return find_key(access_key_id, token)
    except (InvalidAccessKeyId, InvalidToken):
        raise InvalidClientTokenId from None
    except ExpiredToken:
        raise ExpiredSecurityToken from None


def _note(request: Request, principal: Principal) -> None:
    """Tell the logs who asks."""
    request.principal = principal
    request.facts["access_key_id"] = principal.access_key_id
    request.facts["signature_version"] = "AWS4"
    request.facts["auth_type"] = "header" if "authorization" in request.headers else "query"


async def _whole(request: Request) -> bytes:
    pieces = []
    received_bytes = 0
    async for piece in request.body:
        received_bytes += len(piece)
        if received_bytes > form.MAX_BODY_BYTES:
            raise RequestEntityTooLarge
        pieces.append(piece)
    return b"".join(pieces)
