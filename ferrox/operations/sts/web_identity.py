"""AssumeRoleWithWebIdentity: the session of a role for whom an identity provider vouches.

https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc.html

Nobody signs this request: the provider's token is what the caller has. What it claims is looked at
before its signature is verified, since the keys for that have to be fetched; but nothing is given,
and no policy is asked, before it is.
"""

from collections.abc import Mapping
from typing import NamedTuple

from ferrox.auth import jwt, oidc
from ferrox.auth.jwt import InvalidJwtError, Jwt
from ferrox.auth.oidc import WebIdentity
from ferrox.iam_errors import InvalidIdentityToken, ValidationError
from ferrox.identity import Principal, PrincipalKind, ProviderRecord
from ferrox.operations.call import Services
from ferrox.operations.iam.call import IamCall
from ferrox.operations.iam.registry import handles
from ferrox.operations.sts import giving, role_sessions, session_contents
from ferrox.operations.sts.provider_keys import ProviderKeys, is_local
from ferrox.operations.sts.session_contents import Tags
from ferrox.protocol.sts.credentials import (
    AssumeRoleWithWebIdentityInput,
    AssumeRoleWithWebIdentityOutput,
)
from ferrox.protocol.sts.operations import AssumeRoleWithWebIdentity


class _Vouched(NamedTuple):
    """Whom a provider vouches for."""

    provider: ProviderRecord
    identity: WebIdentity

    @property
    def principal(self) -> Principal:
        """Who takes the role: nobody of any account, called like the provider."""
        who, kind = self.identity.subject, PrincipalKind.FEDERATED
        return Principal("", "", "", self.provider.arn, "", kind, user_id=who)


@handles(AssumeRoleWithWebIdentity)
async def assume_role_with_web_identity(
    call: IamCall, args: AssumeRoleWithWebIdentityInput
) -> AssumeRoleWithWebIdentityOutput:
    """Give somebody the permissions of a role that trusts his identity provider, for a while."""
    if args.provider_id is not None:
        raise ValidationError("ProviderId is for OAuth 2.0 access tokens, which are not taken.")
    vouched = await _vouched(call, args)
    tags = session_contents.read_tags(vouched.identity.tags, vouched.identity.transitive_tags)
    call.request.principal = vouched.principal
    call.request.values = _condition_keys(args, vouched, tags)
    role = role_sessions.require(
        call,
        vouched.principal,
        args.role_arn,
        role_sessions.actions_of(AssumeRoleWithWebIdentity, tags, vouched.identity.source_identity),
        "Not authorized to perform {}".format,
    )
    duration_s = role_sessions.duration_s(args, role, is_chained=False)
    session = giving.session_of(call, duration_s)._replace(
        provider=vouched.provider.arn,
        subject=vouched.identity.subject,
        source_identity=vouched.identity.source_identity,
        tags=tags.pairs,
        transitive_tags=tags.transitive,
    )
    output = AssumeRoleWithWebIdentityOutput(
        subject_from_web_identity_token=vouched.identity.subject,
        provider=vouched.provider.arn,
        audience=vouched.identity.audience,
    )
    return role_sessions.begin(call, args, role, session, output)


async def _vouched(call: IamCall, args: AssumeRoleWithWebIdentityInput) -> _Vouched:
    """Whom the token names, once it is known to be a provider's that the role's account knows."""
    account_id = role_sessions.account_id_of(args.role_arn)
    try:
        token = jwt.parse(args.web_identity_token)
    except InvalidJwtError:
        raise InvalidIdentityToken(
            "The ID Token provided is not a valid JWT. "
            "(You may see this error if you sent an Access Token)"
        ) from None
    provider = _provider(call, account_id, token)
    identity = oidc.check(token.claims, provider.url, provider.client_ids, call.clock.now_ms())
    key = await call.services.part(_provider_keys).key_for(token)
    if not jwt.is_signed(token, key):
        raise InvalidIdentityToken("The signature of the web identity token is not valid")
    return _Vouched(provider, identity)


def _provider(call: IamCall, account_id: str, token: Jwt) -> ProviderRecord:
    issuer = token.issuer
    url = oidc.provider_url(issuer)
    if url is not None and (issuer.startswith("https://") or is_local(issuer)):
        provider = call.identities.provider(account_id, url)
        if provider is not None:
            return provider
    raise InvalidIdentityToken(
        f"No OpenIDConnect provider found in your account for {issuer[:255]}"
    )


def _condition_keys(
    args: AssumeRoleWithWebIdentityInput, vouched: _Vouched, tags: Tags
) -> Mapping[str, tuple[str, ...]]:
    keys = {
        **vouched.identity.values,
        **tags.condition_keys,
        "aws:federatedprovider": (vouched.provider.arn,),
        "sts:rolesessionname": (args.role_session_name,),
    }
    if vouched.identity.source_identity:
        keys["sts:sourceidentity"] = (vouched.identity.source_identity,)
    return keys


def _provider_keys(services: Services) -> ProviderKeys:
    """The keys of providers, which this process has one collection of."""
    return ProviderKeys(services.clock, services.oidc_ca_file)
