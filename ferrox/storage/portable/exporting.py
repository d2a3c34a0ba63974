"""Exporting: what settings.db and the index say, as one document of one instant.

Settings stand still meanwhile, as for any change of them; requests go on.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from ferrox.crypto.sealing import Seal
from ferrox.storage.identities import root as first
from ferrox.storage.identities.identities import Identities
from ferrox.storage.identities.transaction import Tx
from ferrox.storage.inspection import inspecting
from ferrox.storage.portable.buckets import export_buckets
from ferrox.storage.portable.document import FORMAT, KIND, Plain
from ferrox.storage.portable.identities import export_account
from ferrox.storage.portable.kms import export_keys
from ferrox.storage.portable.secrets import ExportSeal
from ferrox.storage.settings import Settings


class Opened(NamedTuple):
    """The settings of a data directory, and what opens them.

    find_root  tells what seals keys of KMS, None if no master key is given; asked in the change
    """

    data_dir: Path
    settings: Settings
    identities: Identities
    find_root: Callable[[], Seal | None]


class Export(NamedTuple):
    """A document, and how many access keys and keys of KMS are not (wholly) in it."""

    document: Plain
    secretless_keys: int
    absent_kms_keys: int


def export(
    opened: Opened,
    tables: Iterable[str],
    is_configuration: Callable[[str], bool],
    seal: ExportSeal | None,
) -> Export:
    """The document of all settings. Blocks.

    tables  further ones of settings.db, which go along as they are
    """
    secretless = absent = 0
    accounts = []
    with opened.settings.changing() as change, inspecting(opened.data_dir) as inspection:
        view, root = Tx(change), opened.find_root()
        for account in view.accounts():
            entry, left_out = export_account(view, opened.identities, account, seal)
            secretless += left_out
            keys, left_out = export_keys(view, account.account_id, root, seal)
            absent += left_out
            accounts.append(entry | ({"kms_keys": keys} if keys else {}))
        documents = {name: dict(view.documents(name, "")) for name in sorted(tables)}
        first_account = change.get(first.ACCOUNTS, first.ROOT)
        buckets = inspection.read(lambda reader: export_buckets(reader, is_configuration))
    document: Plain = {
        "kind": KIND,
        "format": FORMAT,
        "secrets": None if seal is None else seal.words,
        "first_account": None if first_account is None else first_account["account_id"],
        "accounts": accounts,
        "documents": {name: found for name, found in documents.items() if found},
        "buckets": buckets,
    }
    return Export(document, secretless, absent)
