"""Shapes of aliases.

https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html
"""

from ferrox.protocol.kms import limits
from ferrox.protocol.kms.keys import Page, Paged
from ferrox.protocol.shape import Shape, member


class AliasTarget(Shape):
    """An alias, and the key that it names."""

    alias_name: str = member(limits.ALIAS_NAME)
    target_key_id: str = member(limits.KEY_ID)


class OneAlias(Shape):
    """Which alias."""

    alias_name: str = member(limits.ALIAS_NAME)


class ListAliasesInput(Paged):
    """The aliases of a key, or all."""

    key_id: str | None = member(limits.KEY_ID, default=None)


class AliasListEntry(Shape):
    """An alias in a list."""

    alias_name: str = member()
    alias_arn: str = member()
    target_key_id: str = member()
    creation_date: int = member(timestamp="seconds")
    last_updated_date: int = member(timestamp="seconds")


class ListAliasesOutput(Page):
    """Aliases by name."""

    aliases: list[AliasListEntry] = member()
