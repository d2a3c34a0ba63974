"""Shapes of the operations that give temporary credentials.

https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html and its siblings.
"""

from ferrox.protocol.shape import Shape, member
from ferrox.protocol.sts.limits import (
    ARN,
    CONTEXT_ASSERTION,
    DURATION_S,
    EXTERNAL_ID,
    FEDERATED_NAME,
    MAX_CONTEXTS,
    MAX_TAGS,
    PROVIDER_ID,
    ROLE_DURATION_S,
    ROLE_SESSION_POLICY,
    SERIAL_NUMBER,
    SESSION_NAME,
    SESSION_POLICY,
    SOURCE_IDENTITY,
    TAG_KEY,
    TAG_VALUE,
    TOKEN_CODE,
    TOKEN_SIZE,
    WEB_IDENTITY_TOKEN,
)


class Tag(Shape):
    key: str = member(TAG_KEY)
    value: str = member(TAG_VALUE)


class PolicyDescriptor(Shape):
    arn: str | None = member(ARN, wire="arn", default=None)


class ProvidedContext(Shape):
    provider_arn: str | None = member(ARN, default=None)
    context_assertion: str | None = member(CONTEXT_ASSERTION, default=None)


class TokenSized(Shape):
    minimum_session_token_size: int | None = member(TOKEN_SIZE, default=None)


class SessionPolicies(TokenSized):
    policy_arns: list[PolicyDescriptor] | None = member(default=None)
    policy: str | None = member(SESSION_POLICY, default=None)


class RoleSession(SessionPolicies):
    role_arn: str = member(ARN)
    role_session_name: str = member(SESSION_NAME)
    duration_seconds: int | None = member(ROLE_DURATION_S, default=None)


class Tagged(Shape):
    tags: list[Tag] | None = member(default=None, at_most=MAX_TAGS)


class SecondFactor(Shape):
    serial_number: str | None = member(SERIAL_NUMBER, default=None)
    token_code: str | None = member(TOKEN_CODE, default=None)


class Credentials(Shape):
    access_key_id: str = member()
    secret_access_key: str = member(sensitive=True)
    session_token: str = member()
    expiration: int = member(timestamp="seconds")


class TokenFacts(Shape):
    credentials: Credentials | None = member(default=None)
    session_token_utilization: int | None = member(default=None)
    session_token_size: int | None = member(default=None)


class PackedTokenFacts(TokenFacts):
    packed_policy_size: int | None = member(default=None)


class AssumedRoleUser(Shape):
    assumed_role_id: str = member()
    arn: str = member()


class AssumedRole(PackedTokenFacts):
    assumed_role_user: AssumedRoleUser | None = member(default=None)
    source_identity: str | None = member(default=None)


class AssumeRoleInput(RoleSession, Tagged, SecondFactor):
    policy: str | None = member(ROLE_SESSION_POLICY, default=None)
    transitive_tag_keys: list[str] | None = member(TAG_KEY, default=None, at_most=MAX_TAGS)
    external_id: str | None = member(EXTERNAL_ID, default=None)
    source_identity: str | None = member(SOURCE_IDENTITY, default=None)
    provided_contexts: list[ProvidedContext] | None = member(default=None, at_most=MAX_CONTEXTS)


class AssumeRoleOutput(AssumedRole):
    pass


class AssumeRoleWithWebIdentityInput(RoleSession):
    web_identity_token: str = member(WEB_IDENTITY_TOKEN, sensitive=True)
    provider_id: str | None = member(PROVIDER_ID, default=None)


class AssumeRoleWithWebIdentityOutput(AssumedRole):
    subject_from_web_identity_token: str | None = member(default=None)
    provider: str | None = member(default=None)
    audience: str | None = member(default=None)


class GetSessionTokenInput(TokenSized, SecondFactor):
    duration_seconds: int | None = member(DURATION_S, default=None)


class GetSessionTokenOutput(TokenFacts):
    pass


class GetFederationTokenInput(SessionPolicies, Tagged):
    name: str = member(FEDERATED_NAME)
    duration_seconds: int | None = member(DURATION_S, default=None)


class FederatedUser(Shape):
    federated_user_id: str = member()
    arn: str = member()


class GetFederationTokenOutput(PackedTokenFacts):
    federated_user: FederatedUser | None = member(default=None)
