"""Accounts: who owns buckets and identities. IAM has no operations for them; these are our own.

The first account, `root`, belongs to the pair that the server starts with. It can be renamed and
never removed.
"""

import secrets
from collections.abc import Sequence
from typing import TypeVar

from ferrox import ids
from ferrox.admin.backstage import AdminCall
from ferrox.admin.errors import Conflict, InvalidRequest, NotFound
from ferrox.admin.registry import answers
from ferrox.admin.schema import instant
from ferrox.admin.shapes.identities import (
    AccountMade,
    AccountPage,
    AccountRename,
    AccountView,
    KeyPair,
    NewAccount,
    OneAccount,
)
from ferrox.admin.shapes.paging import Paged
from ferrox.identity import Account, KeyRecord
from ferrox.operations import public_access_block
from ferrox.storage.identities.transaction import Tx
from ferrox.storage.identities.view import IdentityView

ROOT = "root"
"""What the first account is always called here, whatever its name."""

T = TypeVar("T")


@answers("CreateAccount")
async def create_account(call: AdminCall, args: NewAccount) -> AccountMade:
    """Make an account and a key pair for its root."""
    identities, now_ms = call.services.store.identities, call.services.clock.now_ms()
    pair = KeyPair(access_key_id=ids.access_key_id(), secret_access_key=ids.secret_access_key())

    def make(tx: Tx) -> Account:
        _require_name(tx, args.name)
        account = Account(_free_number(tx), secrets.token_hex(32), args.name, now_ms)
        sealed = identities.seal_secret(*_parts(pair))
        tx.put(account)
        tx.put(KeyRecord(pair.access_key_id, account.account_id, "", sealed, now_ms))
        return account

    return AccountMade(account=_view(await identities.change(make)), access_key=pair)


@answers("ListAccounts")
async def list_accounts(call: AdminCall, args: Paged) -> AccountPage:
    """Return accounts by number."""
    accounts = call.services.store.identities.accounts()
    shown, following = page(accounts, [one.account_id for one in accounts], args)
    return AccountPage(accounts=tuple(map(_view, shown)), next=following)


@answers("GetAccount")
async def get_account(call: AdminCall, args: OneAccount) -> AccountView:
    """Return one account."""
    return _view(account_named(call, args.account))


@answers("RenameAccount")
async def rename_account(call: AdminCall, args: AccountRename) -> AccountView:
    """Call an account by another name."""
    account_id = account_named(call, args.account).account_id

    def rename(tx: Tx) -> Account:
        account = _required(tx.account(account_id), args.account)
        if args.name != account.display_name:
            _require_name(tx, args.name, but=account)
        renamed = account._replace(display_name=args.name)
        tx.put(renamed)
        return renamed

    return _view(await call.services.store.identities.change(rename))


@answers("DeleteAccount")
async def delete_account(call: AdminCall, args: OneAccount) -> None:
    """Remove an account that owns nothing, with the keys of its root.

    Buckets lie in another database: one that is made at this moment is looked for once nobody can
    sign for the account any more, and then everything is put back.
    """
    store = call.services.store
    account = account_named(call, args.account)
    if account.account_id == store.identities.root_account().account_id:
        raise Conflict("The first account stays: the pair that the server starts with is its root.")
    await _require_no_buckets(call, account)

    def remove(tx: Tx) -> list[KeyRecord]:
        _require_no_identities(tx, account)
        keys = tx.keys(account.account_id, "")
        for key in keys:
            tx.delete(key)
        tx.delete(account)
        return keys

    def put_back(tx: Tx) -> None:
        tx.put(account)
        for key in keys:
            tx.put(key)

    keys = await store.identities.change(remove)
    try:
        await _require_no_buckets(call, account)
    except Conflict:
        await store.identities.change(put_back)
        raise
    blocks = public_access_block.TABLE
    await store.identities.change(lambda tx: tx.delete_document(blocks, account.canonical_id))


async def _require_no_buckets(call: AdminCall, account: Account) -> None:
    found = await call.services.store.list_buckets(account.canonical_id, "", "", 1)
    if found:
        raise Conflict(f"The account owns buckets: {found[0].name}.")


def _require_no_identities(tx: Tx, account: Account) -> None:
    owned: dict[str, Sequence[object]] = {
        "users": tx.users(account.account_id),
        "groups": tx.groups(account.account_id),
        "roles": tx.roles(account.account_id),
        "policies": tx.policies(account.account_id),
        "identity providers": tx.providers(account.account_id),
    }
    left = [kind for kind, found in owned.items() if found]
    if left:
        raise Conflict(f"The account has {', '.join(left)}.")


def account_named(call: AdminCall, name: str) -> Account:
    """The account of this number or name. NotFound."""
    identities = call.services.store.identities
    if name == ROOT:
        return identities.root_account()
    found = identities.account(name) if _is_number(name) else _called(identities, name)
    return _required(found, name)


def _called(identities: IdentityView, name: str) -> Account | None:
    lower = name.lower()
    fitting = (one for one in identities.accounts() if one.display_name.lower() == lower)
    return next(fitting, None)


def _required(account: Account | None, name: str) -> Account:
    if account is None:
        raise NotFound(f"There is no account {name}.")
    return account


def _require_name(tx: Tx, name: str, but: Account | None = None) -> None:
    if not name.isprintable() or name != name.strip() or _is_number(name):
        raise InvalidRequest("name is no name: visible characters, and not twelve digits only")
    found = _called(tx, name)
    if name.lower() == ROOT or (found is not None and found != but):
        raise Conflict(f"There is an account {name} already.")


def _is_number(name: str) -> bool:
    return len(name) == 12 and name.isascii() and name.isdecimal()


def _free_number(tx: Tx) -> str:
    while True:
        number = f"{secrets.randbelow(10**12):012}"
        if tx.account(number) is None:
            return number


def _parts(pair: KeyPair) -> tuple[str, str]:
    return pair.access_key_id, pair.secret_access_key


def _view(account: Account) -> AccountView:
    return AccountView(
        name=account.display_name,
        account_id=account.account_id,
        canonical_id=account.canonical_id,
        arn=account.root_arn,
        created=instant(account.created_ms or None),
    )


def page(items: Sequence[T], names: Sequence[str], args: Paged) -> tuple[list[T], str | None]:
    """The items of a page, and the name to go on after, if there are more; by name."""
    rest = sorted(
        ((name, item) for name, item in zip(names, items, strict=True) if name > args.after),
        key=lambda pair: pair[0],
    )
    shown = rest[: args.limit]
    return [item for _, item in shown], shown[-1][0] if len(rest) > len(shown) else None
