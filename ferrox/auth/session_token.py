"""Session tokens: temporary credentials, sealed, so that no server has to remember them.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_request.html

A token carries the whole of a session: the temporary key, whose id begins with ASIA, its secret,
the principal with the policies that limit it, and the id of the key that asked for it. Clients send
it with each request in a header, where 8 KiB is all that there is for headers; so it is a list of
values without names, compressed with the words that policies are made of, and what callers may put
into it has a limit. Whoever holds a token can neither read nor change it.

The form is part of the context it is sealed for: a token of another form does not open.
"""

import json
import zlib
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from ferrox.clock import Clock
from ferrox.errors import ExpiredToken, InvalidToken, SealBroken
from ferrox.identity import Principal, PrincipalKind, Session

MOST_PACKED_BYTES = 2_800
"""What policies and tags of a session may come to."""

MOST_TOKEN_BYTES = 6_144
"""More than any token has: what is not policies and tags comes to less than 2 KiB."""

MOST_OPENED = 512
"""Opened tokens that are remembered, of some KiB each; to open one costs a quarter of a ms."""

_CONTEXT = "session token, form 1"

# Part of the form: never changed, only replaced by that of another form. Deflate prefers the end.
_WORDS = (
    b'"aws:PrincipalTag/"aws:RequestTag/"aws:TagKeys"aws:SourceIp"aws:SecureTransport'
    b'"NotAction":"NotResource":"Deny","Sid":"Bool":{"IpAddress":{"StringNotEquals":{"Null":{'
    b'"DateLessThan":{"ForAllValues:StringEquals":{"ForAnyValue:StringLike":{"StringLike":{'
    b'"s3:prefix":"s3:delimiter":"StringEquals":{"Condition":{'
    b"s3:GetBucketPolicys3:GetBucketLocations3:GetObjectVersions3:GetObjectTaggings3:PutObjectTagging"
    b"s3:AbortMultipartUploads3:ListMultipartUploadParts3:ListBucketMultipartUploads"
    b"s3:ListAllMyBucketss3:ListBucketVersionss3:DeleteObjectVersions3:DeleteObjects3:ListBucket"
    b's3:PutObjects3:GetObjects3:*sts:AssumeRole"arn:aws:iam::aws:policy/AmazonS3FullAccess'
    b'arn:aws:iam::policy/"arn:aws:iam::role/arn:aws:iam::user/"arn:aws:sts::assumed-role/'
    b'"AssumedRole""FederatedUser""User""Account"'
    b'{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},'
    b'"Action":["s3:*"],"Resource":["arn:aws:s3:::/*"]}]}'
    b'{\\"Version\\":\\"2012-10-17\\",\\"Statement\\":[{\\"Effect\\":\\"Allow\\",'
    b'\\"Action\\":[\\"s3:GetObject\\",\\"s3:PutObject\\"],\\"Resource\\":\\"arn:aws:s3:::/*\\"}]}'
)


class Sealing(Protocol):
    """What a Seal does, or a ring of them."""

    def seal(self, plaintext: bytes, context: str) -> str:
        """Return a text that only the same key and context can open."""

    def open(self, sealed: str, context: str) -> bytes:
        """Return what was sealed, or raise SealBroken."""


class SessionToken(NamedTuple):
    """What a token says."""

    access_key_id: str
    secret_access_key: str
    principal: Principal

    def __repr__(self) -> str:
        """Name the key, never the secret."""
        return f"SessionToken({self.access_key_id!r})"

    @property
    def session(self) -> Session:
        """What the token says beside its key; temporary credentials have one always."""
        if self.principal.session is None:
            raise ValueError("the principal of a session token has no session")
        return self.principal.session

    @property
    def expires_ms(self) -> int:
        """When it stops working."""
        return self.session.expires_ms

    @property
    def issuer_key_id(self) -> str:
        """The access key without which it does not work, or ""."""
        return self.session.issuer_key_id


class SessionTokens:
    """Seals tokens, and opens those that come back.

    version  another number when they may have another key; opened ones are remembered until then
    """

    def __init__(
        self, sealing: Sealing, clock: Clock, version: Callable[[], int] = lambda: 0
    ) -> None:
        self._sealing = sealing
        self._clock = clock
        self._version = version
        self._opened: dict[str, SessionToken] = {}
        self._opened_at = -1

    def seal(self, token: SessionToken, least_bytes: int = 0) -> str:
        """The text that the client sends as X-Amz-Security-Token, at least of this size."""
        packed = _packed(_values(token))
        text = self._sealing.seal(packed, _CONTEXT)
        if len(text) < least_bytes:
            # Compressed data know where they end; base64 makes four characters of three bytes.
            more = bytes(-(-(least_bytes - len(text)) * 3 // 4))
            text = self._sealing.seal(packed + more, _CONTEXT)
        return text

    def open(self, text: str, access_key_id: str) -> SessionToken:
        """What a token says that came with this key.

        raises  InvalidToken for one that is not from here, or belongs to another key; ExpiredToken
        """
        version = self._version()
        if version != self._opened_at:
            self._opened_at = version
            self._opened.clear()
        token = self._opened.get(text) or self._open(text)
        if token.access_key_id != access_key_id:
            raise _refused(InvalidToken, text)
        if token.expires_ms <= self._clock.now_ms():
            raise _refused(ExpiredToken, text)
        return token

    def _open(self, text: str) -> SessionToken:
        try:
            token = _token(json.loads(_unpacked(self._sealing.open(text, _CONTEXT))))
        except SealBroken:
            raise _refused(InvalidToken, text) from None
        if len(self._opened) >= MOST_OPENED:
            del self._opened[next(iter(self._opened))]
        self._opened[text] = token
        return token


def packed_percentage(session: Session) -> int:
    """How much of what a session may say it does say; above 100 it is too much.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html (session policies)
    """
    size_bytes = len(_packed([session.policies, session.tags, session.transitive_tags]))
    return -(-size_bytes * 100 // MOST_PACKED_BYTES)


def _values(token: SessionToken) -> list[Any]:
    """A token as lists, which have no names: the order is part of the form."""
    principal = token.principal
    return [
        [token.access_key_id, token.secret_access_key],
        [*principal[:-1]],
        [*token.session],
    ]


def _token(values: Any) -> SessionToken:
    """What `_values` made lists of; the seal says that it did."""
    (access_key_id, secret_access_key), who, what = values
    issued_ms, expires_ms, issuer_key_id, policies, tags, transitive, *rest = what
    session = Session(
        issued_ms,
        expires_ms,
        issuer_key_id,
        tuple(policies),
        tuple((key, value) for key, value in tags),
        tuple(transitive),
        *rest,
    )
    principal = Principal(*who)._replace(session=session)
    principal = principal._replace(kind=PrincipalKind(principal.kind))
    return SessionToken(access_key_id, secret_access_key, principal)


def _packed(values: Any) -> bytes:
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()
    deflate = zlib.compressobj(9, wbits=-zlib.MAX_WBITS, zdict=_WORDS)
    return deflate.compress(text) + deflate.flush()


def _unpacked(data: bytes) -> bytes:
    return zlib.decompressobj(wbits=-zlib.MAX_WBITS, zdict=_WORDS).decompress(data)


def _refused(error: type[InvalidToken | ExpiredToken], text: str) -> InvalidToken | ExpiredToken:
    details: dict[str, Any] = {"Token-0": text}
    return error(**details)
