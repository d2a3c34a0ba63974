"""Request → who sent it and how its body is to be read.

The mechanism is what the request carries: X-Amz-Algorithm in the query (a URL presigned by Version
4 or 4A), Signature in the query (Version 2), an Authorization header, or nothing, which is the
anonymous principal. Two of them at once are refused. Secrets are compared in constant time only,
and the answer comes before the body is read: what the body has to fulfil is part of it.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Literal, NamedTuple

from ferrox.auth import payload, post_policy, presigned, sigv2, sigv4
from ferrox.auth.chunks import ChunkChain
from ferrox.clock import Clock
from ferrox.errors import (
    InvalidArgument,
    InvalidRequest,
)
from ferrox.identity import ANONYMOUS, AccessKeyRecord, Principal
from ferrox.protocol.chunked import Decoder
from ferrox.protocol.form_fields import FormGrant
from ferrox.protocol.message import Request

Sigv2Policy = Literal["presigned", "all", "off"]
SignatureVersion = Literal["AWS4", "AWS4A", "AWS", ""]

FindKey = Callable[[str, str], AccessKeyRecord]
"""Finds a key by its id and the session token that came with it.

raises  InvalidAccessKeyId, InvalidToken, ExpiredToken
"""

_NO_QUERY: Mapping[str, str] = {}
_ONE_MECHANISM = (
    "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, "
    "Signature query string parameter or the Authorization header should be specified"
)
_ONE_SPACE = "Authorization header is invalid -- one and only one ' ' (space) required"


class Verified(NamedTuple):
    """Who asks, and what the consumer of the body has to do.

    decoder            takes the aws-chunked framing off; None when the body is sent as it is
    content_sha256     lower-case hexadecimal SHA-256 that the body must have, None when unsigned
    decoded_length     length without the framing; None when there is none
    signature_version  AWS4, AWS4A, AWS, or "" when nobody signed
    auth_type          header, query, or ""
    """

    principal: Principal
    decoder: Decoder | None = None
    content_sha256: str | None = None
    decoded_length: int | None = None
    signature_version: SignatureVersion = ""
    auth_type: Literal["header", "query", ""] = ""


class Verifier:
    """Verifies the signature of requests.

    find_key   the key with this id and this session token, or the refusal that AWS would give
    sigv2      where Version 2 is accepted: in presigned URLs, everywhere, or nowhere
    domains    names under which buckets are subdomains; Version 2 signs the bucket
    """

    def __init__(
        self,
        find_key: FindKey,
        clock: Clock,
        region: str,
        sigv2: Sigv2Policy = "presigned",
        domains: Sequence[str] = (),
    ) -> None:
        self.find_key = find_key
        self._clock = clock
        self._region = region
        self._sigv2 = sigv2
        self._domains = domains

    def verify(self, request: Request) -> Verified:
        """Who sent this request, or the refusal that AWS would give."""
        authorization = request.headers.get("authorization", "")
        query = request.query if request.query_string else _NO_QUERY
        is_v4_query = presigned.ALGORITHM in query
        is_v2_query = "Signature" in query
        if not (is_v4_query or is_v2_query):
            return self._header(request, authorization) if authorization else _anonymous(request)
        if authorization or (is_v4_query and is_v2_query):
            raise _invalid_authorization(_ONE_MECHANISM, authorization)
        return self._v4_query(request) if is_v4_query else self._v2_query(request)

    def verify_form(self, fields: Mapping[str, str]) -> FormGrant:
        """Who made an upload form that is as its policy wants it; a form may also have none.

        fields   by lower-case name, `bucket` and the final `key` among them
        """
        claim = post_policy.read_claim(fields, self._region, may_be_version_2=self._sigv2 != "off")
        if claim is None:
            return FormGrant(ANONYMOUS)
        key = self.find_key(claim.access_key_id, fields.get("x-amz-security-token", ""))
        post_policy.verify(claim, key.secret_access_key)
        policy = post_policy.parse(claim.policy)
        post_policy.check(policy, fields, self._clock.now_ms())
        return FormGrant(
            key.principal,
            "AWS4" if claim.scope else "AWS",
            policy.least_bytes,
            policy.most_bytes,
        )

    def _header(self, request: Request, authorization: str) -> Verified:
        scheme, space, parameters = authorization.partition(" ")
        if not space:
            raise _invalid_authorization(_ONE_SPACE, authorization)
        match scheme.upper():
            case sigv4.ALGORITHM:
                return self._v4_header(request, parameters, _VERSION_4)
            case "AWS":
                return self._v2_header(request, authorization)
            case sigv4.ALGORITHM_4A:
                return self._v4_header(request, parameters, _version_4a())
            case _:
                raise _invalid_authorization("Unsupported Authorization Type", authorization)

    def _v4_header(self, request: Request, parameters: str, version: "_Version4") -> Verified:
        claim = version.read_header(request, parameters, self._clock.now_ms(), self._region)
        key = self.find_key(claim.access_key_id, _security_token(request))
        verifying_key = version.key_of(claim, key.secret_access_key)
        sigv4.verify(request, claim, verifying_key)
        plan = payload.plan(
            request.headers,
            claim.payload_hash,
            version.name,
            lambda: ChunkChain(claim, verifying_key),
        )
        return Verified(key.principal, *plan, version.name, "header")

    def _v4_query(self, request: Request) -> Verified:
        is_4a = request.query[presigned.ALGORITHM] == sigv4.ALGORITHM_4A
        version = _version_4a() if is_4a else _VERSION_4
        claim = version.read_query(request, self._clock.now_ms(), self._region)
        key = self.find_key(claim.access_key_id, _security_token(request))
        verifying_key = version.key_of(claim, key.secret_access_key)
        sigv4.verify(request, claim, verifying_key, leave_out=presigned.SIGNATURE)
        plan = payload.plan(request.headers, claim.payload_hash)
        return Verified(key.principal, *plan, version.name, "query")

    def _v2_header(self, request: Request, authorization: str) -> Verified:
        self._require_sigv2("all")
        claim = sigv2.read_header(request, authorization, self._clock.now_ms())
        return Verified(*self._v2(request, claim), "AWS", "header")

    def _v2_query(self, request: Request) -> Verified:
        self._require_sigv2("presigned", "all")
        claim = sigv2.read_query(request, self._clock.now_ms())
        return Verified(*self._v2(request, claim), "AWS", "query")

    def _v2(
        self, request: Request, claim: sigv2.Claim
    ) -> tuple[Principal, Decoder | None, str | None, int | None]:
        key = self.find_key(claim.access_key_id, _security_token(request))
        sigv2.verify(request, claim, key.secret_access_key, self._domains)
        return key.principal, *_unchained_plan(request)

    def _require_sigv2(self, *policies: Sigv2Policy) -> None:
        if self._sigv2 not in policies:
            raise InvalidRequest(
                "The authorization mechanism you have provided is not supported. "
                "Please use AWS4-HMAC-SHA256."
            )


class _Version4(NamedTuple):
    """What sets the two forms of Version 4 apart."""

    name: Literal["AWS4", "AWS4A"]
    read_header: Callable[[Request, str, int, str], sigv4.Claim]
    read_query: Callable[[Request, int, str], sigv4.Claim]
    key_of: Callable[[sigv4.Claim, str], sigv4.VerifyingKey]


_VERSION_4 = _Version4("AWS4", sigv4.read_header, presigned.read_query, sigv4.key_of)


@cache
def _version_4a() -> _Version4:
    from ferrox.auth import sigv4a  # late: few servers ever meet it

    return _Version4("AWS4A", sigv4a.read_header, sigv4a.read_query, sigv4a.key_of)


def _anonymous(request: Request) -> Verified:
    return Verified(ANONYMOUS, *_unchained_plan(request))


def _unchained_plan(request: Request) -> payload.BodyPlan:
    """The plan for a body whose payload hash no Version 4 signature covers."""
    payload_hash = request.headers.get(payload.CONTENT_SHA256)
    if payload_hash is not None:
        payload.check(payload_hash)
    return payload.plan(request.headers, payload_hash)


def _security_token(request: Request) -> str:
    token = request.headers.get("x-amz-security-token", "")
    if token or not request.query_string:
        return token
    query = request.query
    return query.get("X-Amz-Security-Token") or query.get("x-amz-security-token") or ""


def _invalid_authorization(message: str, authorization: str) -> InvalidArgument:
    return InvalidArgument(message, ArgumentName="Authorization", ArgumentValue=authorization)
