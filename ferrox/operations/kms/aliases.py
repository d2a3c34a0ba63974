"""Aliases: other names for keys.

https://docs.aws.amazon.com/kms/latest/developerguide/alias-access.html
What is done with an alias takes permission to the alias, and to every key that it names.
"""

from ferrox.kms_errors import AlreadyExists, InvalidAliasName, NotFound
from ferrox.operations.kms.call import KmsCall
from ferrox.operations.kms.paging import cut
from ferrox.operations.kms.registry import handles
from ferrox.protocol.kms import operations as o
from ferrox.protocol.kms.aliases import (
    AliasListEntry,
    AliasTarget,
    ListAliasesInput,
    ListAliasesOutput,
    OneAlias,
)
from ferrox.protocol.kms.keys import Nothing
from ferrox.storage.identities.transaction import Tx
from ferrox.storage.keys.kms_keys import ALIAS, RESERVED_ALIAS
from ferrox.storage.keys.kms_records import Alias, alias_arn

ALIASES_ON_A_PAGE = 50


@handles(o.CreateAlias)
async def create_alias(call: KmsCall, args: AliasTarget) -> Nothing:
    """Give a key another name."""
    name, now_ms = args.alias_name, call.clock.now_ms()
    _check_name(name)
    key, keys = call.key(args.target_key_id), call.keys
    arn = alias_arn(keys.region, call.account_id, name)
    call.require(o.CreateAlias.action, arn)
    call.require_on_key(o.CreateAlias.action, key)

    def work(tx: Tx) -> None:
        keys.require_kept(keys.fresh(tx, key))
        if keys.alias_in(tx, call.account_id, name) is not None:
            raise AlreadyExists(f"An alias with the name {arn} already exists")
        keys.put_alias(tx, Alias(call.account_id, name, key.key_id, now_ms, now_ms))

    await keys.change(work)
    return Nothing()


@handles(o.UpdateAlias)
async def update_alias(call: KmsCall, args: AliasTarget) -> Nothing:
    """Have an alias name another key."""
    _check_name(args.alias_name)
    keys, now_ms, action = call.keys, call.clock.now_ms(), o.UpdateAlias.action
    alias, key = _permitted(call, args.alias_name, action), call.key(args.target_key_id)
    call.require_on_key(action, key)

    def work(tx: Tx) -> None:
        keys.require_kept(keys.fresh(tx, key))
        if keys.alias_in(tx, alias.account_id, alias.name) != alias:
            raise NotFound(f"Alias {keys.arn_of_alias(alias)} is not found.")
        keys.put_alias(tx, alias._replace(key_id=key.key_id, updated_ms=now_ms))

    await keys.change(work)
    return Nothing()


@handles(o.DeleteAlias)
async def delete_alias(call: KmsCall, args: OneAlias) -> Nothing:
    """Take a name from a key, which stays."""
    _check_name(args.alias_name)
    keys = call.keys
    alias = _permitted(call, args.alias_name, o.DeleteAlias.action)
    await keys.change(lambda tx: keys.delete_alias(tx, alias))
    return Nothing()


@handles(o.ListAliases)
async def list_aliases(call: KmsCall, args: ListAliasesInput) -> ListAliasesOutput:
    """List the aliases of the account, or of one of its keys."""
    aliases = call.keys.aliases(call.account_id)
    if args.key_id is not None:
        key_id = call.key(args.key_id).key_id
        aliases = [alias for alias in aliases if alias.key_id == key_id]
    shown, told = cut(aliases, lambda alias: alias.name, args, ALIASES_ON_A_PAGE)
    entries = [
        AliasListEntry(
            alias_name=alias.name,
            alias_arn=call.keys.arn_of_alias(alias),
            target_key_id=alias.key_id,
            creation_date=alias.created_ms,
            last_updated_date=alias.updated_ms,
        )
        for alias in shown
    ]
    return ListAliasesOutput(aliases=entries, **told)


def _permitted(call: KmsCall, name: str, action: str) -> Alias:
    """An alias with which the caller may do this, and with its key."""
    arn = alias_arn(call.keys.region, call.account_id, name)
    call.require(action, arn)
    alias = call.keys.alias(call.account_id, name)
    if alias is None:
        raise NotFound(f"Alias {arn} is not found.")
    key = call.keys.key(alias.key_id)
    if key is not None:
        call.require_on_key(action, key)
    return alias


def _check_name(name: str) -> None:
    if not name.startswith(ALIAS) or name == ALIAS:
        raise InvalidAliasName
    if name.startswith(RESERVED_ALIAS):
        raise InvalidAliasName(f"Aliases that begin with {RESERVED_ALIAS} are reserved.")
