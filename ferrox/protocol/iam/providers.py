"""Shapes of OpenID Connect providers.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html
"""

from ferrox.protocol.iam.groupings import (
    OptionalTags,
    Paged,
    ProviderNamed,
    Tagging,
    TagPage,
    Untagging,
)
from ferrox.protocol.iam.limits import CLIENT_ID, PROVIDER_URL, THUMBPRINT
from ferrox.protocol.shape import Shape, member


class ProviderFacts(OptionalTags):
    client_id_list: list[str] | None = member(CLIENT_ID, wire="ClientIDList", default=None)
    thumbprint_list: list[str] | None = member(THUMBPRINT, default=None)


class CreateOpenIDConnectProviderInput(ProviderFacts):
    url: str = member(PROVIDER_URL)


class CreateOpenIDConnectProviderOutput(OptionalTags):
    open_id_connect_provider_arn: str | None = member(wire="OpenIDConnectProviderArn", default=None)


class GetOpenIDConnectProviderInput(ProviderNamed):
    pass


class GetOpenIDConnectProviderOutput(ProviderFacts):
    url: str | None = member(default=None)
    create_date: int | None = member(default=None, timestamp="seconds")


class ListOpenIDConnectProvidersInput(Shape):
    pass


class OpenIDConnectProviderListEntry(Shape):
    arn: str | None = member(default=None)


class ListOpenIDConnectProvidersOutput(Shape):
    open_id_connect_provider_list: list[OpenIDConnectProviderListEntry] | None = member(
        wire="OpenIDConnectProviderList", default=None
    )


class DeleteOpenIDConnectProviderInput(ProviderNamed):
    pass


class UpdateOpenIDConnectProviderThumbprintInput(ProviderNamed):
    thumbprint_list: list[str] = member(THUMBPRINT)


class ClientNamed(ProviderNamed):
    client_id: str = member(CLIENT_ID, wire="ClientID")


class AddClientIDToOpenIDConnectProviderInput(ClientNamed):
    pass


class RemoveClientIDFromOpenIDConnectProviderInput(ClientNamed):
    pass


class TagOpenIDConnectProviderInput(ProviderNamed, Tagging):
    pass


class UntagOpenIDConnectProviderInput(ProviderNamed, Untagging):
    pass


class ListOpenIDConnectProviderTagsInput(ProviderNamed, Paged):
    pass


class ListOpenIDConnectProviderTagsOutput(TagPage):
    pass
