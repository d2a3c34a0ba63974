"""Naming: users, groups and roles have names of their own, and the first two get others.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateUser.html
https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateGroup.html
"""

from typing import TypeVar

from ferrox.iam_errors import EntityAlreadyExists
from ferrox.identity import GroupRecord, RoleRecord, UserRecord, kind_and_name
from ferrox.storage.identities.transaction import Tx

Renamed = TypeVar("Renamed", UserRecord, GroupRecord)


def taken(entity: UserRecord | GroupRecord | RoleRecord) -> EntityAlreadyExists:
    """The refusal of what would be called like another of its kind."""
    kind = kind_and_name(entity.arn)[0].capitalize()
    return EntityAlreadyExists(f"{kind} with name {entity.name} already exists.")


def rename(tx: Tx, entity: Renamed, name: str, path: str) -> None:
    """Give a user or a group another name, another path, or both; EntityAlreadyExists."""
    if name != entity.name:
        try:
            entity = tx.rename(entity, name)
        except ValueError:
            raise taken(entity._replace(name=name)) from None
    tx.put(entity._replace(path=path))
