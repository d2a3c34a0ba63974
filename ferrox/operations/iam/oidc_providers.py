"""OpenID Connect providers: CreateOpenIDConnectProvider and its siblings, and clients.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html
A provider is called by its address without the scheme. Thumbprints are kept and shown, and nothing
depends on them: a provider is known by a certificate that an authority vouches for.
"""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from ferrox.auth import oidc
from ferrox.iam_errors import (
    EntityAlreadyExists,
    InvalidInput,
    LimitExceeded,
    NoSuchEntity,
    ValidationError,
)
from ferrox.identity import PARTITION, ProviderRecord
from ferrox.operations.iam import quotas, tags
from ferrox.operations.iam.call import IamCall
from ferrox.operations.iam.registry import handles
from ferrox.operations.sts.provider_keys import is_local
from ferrox.protocol.iam.operations import (
    AddClientIDToOpenIDConnectProvider,
    CreateOpenIDConnectProvider,
    DeleteOpenIDConnectProvider,
    GetOpenIDConnectProvider,
    ListOpenIDConnectProviders,
    RemoveClientIDFromOpenIDConnectProvider,
    UpdateOpenIDConnectProviderThumbprint,
)
from ferrox.protocol.iam.providers import (
    AddClientIDToOpenIDConnectProviderInput,
    CreateOpenIDConnectProviderInput,
    CreateOpenIDConnectProviderOutput,
    DeleteOpenIDConnectProviderInput,
    GetOpenIDConnectProviderInput,
    GetOpenIDConnectProviderOutput,
    ListOpenIDConnectProvidersInput,
    ListOpenIDConnectProvidersOutput,
    OpenIDConnectProviderListEntry,
    RemoveClientIDFromOpenIDConnectProviderInput,
    UpdateOpenIDConnectProviderThumbprintInput,
)
from ferrox.protocol.query.operation import Nothing
from ferrox.storage.identities.transaction import Tx
from ferrox.storage.identities.view import IdentityView

MOST_CLIENTS = 100
MOST_THUMBPRINTS = 5

_is_thumbprint = re.compile(r"[0-9A-Fa-f]{40}").fullmatch


@handles(CreateOpenIDConnectProvider)
async def create_open_id_connect_provider(
    call: IamCall, args: CreateOpenIDConnectProviderInput
) -> CreateOpenIDConnectProviderOutput:
    """Make a provider known, so that roles can trust it."""
    provider = ProviderRecord(
        call.account_id,
        _name(args.url),
        call.clock.now_ms(),
        _clients(args.client_id_list or ()),
        _thumbprints(args.thumbprint_list or ()),
        tags.read(args.tags),
    )

    def create(tx: Tx) -> None:
        if tx.provider(provider.account_id, provider.url) is not None:
            raise EntityAlreadyExists(f"Provider with url {args.url} already exists.")
        count = len(tx.providers(provider.account_id))
        quotas.require_room(count, quotas.PROVIDERS, "OpenIdConnectProvidersPerAccount")
        tx.put(provider)

    await call.identities.change(create)
    return CreateOpenIDConnectProviderOutput(
        open_id_connect_provider_arn=provider.arn, tags=tags.shown(provider.tags) or None
    )


@handles(GetOpenIDConnectProvider)
async def get_open_id_connect_provider(
    call: IamCall, args: GetOpenIDConnectProviderInput
) -> GetOpenIDConnectProviderOutput:
    """Tell all of a provider."""
    provider = find(call.identities, call.account_id, args.open_id_connect_provider_arn)
    return GetOpenIDConnectProviderOutput(
        url=provider.url,
        client_id_list=list(provider.client_ids),
        thumbprint_list=list(provider.thumbprints),
        create_date=provider.created_ms,
        tags=tags.shown(provider.tags) or None,
    )


@handles(ListOpenIDConnectProviders)
async def list_open_id_connect_providers(
    call: IamCall, _args: ListOpenIDConnectProvidersInput
) -> ListOpenIDConnectProvidersOutput:
    """Tell which providers are known."""
    providers = call.identities.providers(call.account_id)
    return ListOpenIDConnectProvidersOutput(
        open_id_connect_provider_list=[
            OpenIDConnectProviderListEntry(arn=provider.arn) for provider in providers
        ]
    )


@handles(DeleteOpenIDConnectProvider)
async def delete_open_id_connect_provider(
    call: IamCall, args: DeleteOpenIDConnectProviderInput
) -> Nothing:
    """Forget a provider; roles that trust it stay, and nobody can take them with its tokens.

    One that is not known is fine.
    """

    def delete(tx: Tx) -> None:
        provider = tx.provider(
            call.account_id, _url_in(args.open_id_connect_provider_arn, call.account_id)
        )
        if provider is not None:
            tx.delete(provider)

    await call.identities.change(delete)
    return Nothing()


@handles(AddClientIDToOpenIDConnectProvider)
async def add_client_id_to_open_id_connect_provider(
    call: IamCall, args: AddClientIDToOpenIDConnectProviderInput
) -> Nothing:
    """Take tokens that a provider makes for one more client."""

    def add(tx: Tx) -> None:
        provider = find(tx, call.account_id, args.open_id_connect_provider_arn)
        tx.put(provider._replace(client_ids=_clients((*provider.client_ids, args.client_id))))

    await call.identities.change(add)
    return Nothing()


@handles(RemoveClientIDFromOpenIDConnectProvider)
async def remove_client_id_from_open_id_connect_provider(
    call: IamCall, args: RemoveClientIDFromOpenIDConnectProviderInput
) -> Nothing:
    """Take no more tokens for a client; one that is not there is fine."""

    def remove(tx: Tx) -> None:
        provider = find(tx, call.account_id, args.open_id_connect_provider_arn)
        rest = tuple(one for one in provider.client_ids if one != args.client_id)
        tx.put(provider._replace(client_ids=rest))

    await call.identities.change(remove)
    return Nothing()


@handles(UpdateOpenIDConnectProviderThumbprint)
async def update_open_id_connect_provider_thumbprint(
    call: IamCall, args: UpdateOpenIDConnectProviderThumbprintInput
) -> Nothing:
    """Replace the thumbprints."""
    thumbprints = _thumbprints(args.thumbprint_list)

    def update(tx: Tx) -> None:
        provider = find(tx, call.account_id, args.open_id_connect_provider_arn)
        tx.put(provider._replace(thumbprints=thumbprints))

    await call.identities.change(update)
    return Nothing()


def find(identities: IdentityView, account_id: str, arn: str) -> ProviderRecord:
    """The provider with this ARN, or NoSuchEntity."""
    provider = identities.provider(account_id, _url_in(arn, account_id))
    if provider is None:
        raise NoSuchEntity(f"OpenIDConnect Provider not found for arn {arn}")
    return provider


def _url_in(arn: str, account_id: str) -> str:
    """The address in an ARN; "" if no provider of this account has it."""
    kind = re.match(rf"arn:{PARTITION}:iam::([0-9]{{12}}):oidc-provider/", arn)
    if kind is None:
        raise InvalidInput(f"Invalid ARN: {arn}")
    return arn[kind.end() :] if kind[1] == account_id else ""


def _name(url: str) -> str:
    """How a provider with this address is called, which has to be one that can be asked."""
    name = oidc.provider_url(url)
    try:
        parts = urlsplit(url)
        is_good = bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_good = False
    is_plain = url.isascii() and url.isprintable() and not set(url) & set(' "<>?#@\\^`{|}')
    if name is None or not (is_good and is_plain and (url.startswith("https://") or is_local(url))):
        raise ValidationError("Invalid Open ID Connect Provider URL")
    return name


def require_provider(provider: ProviderRecord) -> None:
    """Refuse a provider that was not made here, and would not have been."""
    url = provider.url if "://" in provider.url else f"https://{provider.url}"
    if _name(url) != provider.url:
        raise ValidationError("Invalid Open ID Connect Provider URL")
    _clients(provider.client_ids)
    _thumbprints(provider.thumbprints)


def _clients(given: Iterable[str]) -> tuple[str, ...]:
    clients = tuple(dict.fromkeys(given))
    if len(clients) > MOST_CLIENTS:
        raise LimitExceeded(
            f"Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: {MOST_CLIENTS}"
        )
    return clients


def _thumbprints(given: Iterable[str]) -> tuple[str, ...]:
    thumbprints = tuple(given)
    if len(thumbprints) > MOST_THUMBPRINTS:
        raise InvalidInput(f"Thumbprint list must contain fewer than {MOST_THUMBPRINTS} entries.")
    if not all(map(_is_thumbprint, thumbprints)):
        raise ValidationError("A thumbprint has 40 hexadecimal digits")
    return thumbprints
