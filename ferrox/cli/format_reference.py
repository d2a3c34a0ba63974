"""The page of docs/ about the data directory, made of the code that reads and writes it."""

import inspect
import itertools
import textwrap
from types import ModuleType

from ferrox.accounting import rate_limits
from ferrox.operations import public_access_block
from ferrox.storage import data_dir
from ferrox.storage.blobs import format as blob_format
from ferrox.storage.identities import key_ring, names, root
from ferrox.storage.keys import kms_keys, master_key
from ferrox.storage.metadata import manifest, schema
from ferrox.storage.metadata.tables import Column, tables

PAGE = """\
# On-disk format

What lies in a data directory, so that it can be judged, backed up, and read without ferrox if need
be. Formats carry a number; a reader of an old one is never edited, and directories of every
released format are opened by tests ([golden data](../tests/storage/test_golden_data.py)). A
directory of a newer format than the program knows is refused; an older one is brought up to date at
the start, in a transaction for each step.

This page is written by `scripts/docs` from `ferrox/storage/`.

## The data directory

```text
{directory}
```

Only the user of the server can enter it (mode 0700). While a server runs, copy it by
[`ferroxd backup`](backup.md) only: files of a database, copied one after the other, are none.

## Blob files

A blob is an immutable string of bytes: the body of an object above `--inline-limit`, or one part of
a multipart upload. Its file is `blobs/ab/cd/NAME`, where NAME is 32 hexadecimal digits and `ab` and
`cd` are the last four of them. It is written once and never changed or renamed.

{blob}

## index.db

SQLite in WAL mode, `synchronous = FULL`. `PRAGMA user_version` is the format of the index; this is
{index_format}. Tables are `STRICT`.

{reasons}

{tables}

### Manifests

{manifest}

## settings.db

SQLite with a table for each kind of thing, and in it small JSON documents by name (`key`, `value`).
Secrets in them are sealed: [secrets at rest](secrets.md).

| table | name | document |
|---|---|---|
{documents}"""

TABLES = {
    "buckets": "One row for each bucket.",
    "objects": "What a listing shows: one row for each key that has an object.",
    "versions": "Every version and delete marker of every key.",
    "inline_data": "The bytes of small objects.",
    "blobs": "Blob files that have a name, and how many manifests name each.",
    "garbage": "Blob files that nothing names any more, until they are unlinked.",
    "uploads": "Multipart uploads that are open.",
    "parts": "Their parts.",
    "completed_uploads": "Those completed lately, so that a repeated request gets its answer.",
    "bucket_documents": "CORS, lifecycle rules, policies and so on, of each bucket.",
    "lifecycle_runs": "What the last runs of the lifecycle rules did.",
    "bucket_usage": "How much each bucket holds.",
    "blob_usage": "How many blob files there are, and how large they are together.",
    "client_tokens": "Tokens of requests that may be repeated.",
    "events": "What happened.",
    "deliveries": "Whom to tell of it, and what could not be told.",
    "key_uses": "When each access key was used last.",
    "scrub_findings": "Damage that verification has found.",
    "scrub_passes": "How far verification is.",
}
"""What each table of the index is for."""

DOCUMENTS = (
    (names.TABLE, "`account/ID`, `alias/NAME`, `canonical/ID`", "accounts, and what leads to them"),
    (names.TABLE, "`user/…`, `group/…`, `role/…`, `policy/…`, `provider/…`", "what accounts have"),
    (names.TABLE, "`key/ID`, `owned/…`", "access keys, secrets sealed, and what leads to them"),
    (root.ACCOUNTS, "`root`", "which account is the operator's"),
    (root.CREDENTIALS, "`root`", "the key pair of its root, the secret sealed"),
    (key_ring.TABLE, "`ring`, `sessions`", "the keys that seal secrets and session tokens, sealed"),
    (master_key.TABLE, "`root`, `kek/…`", "what the master key is known by; the keys of SSE-S3"),
    (kms_keys.TABLE, "`key/ID`, `alias/ACCOUNT/NAME`", "keys of KMS, sealed, and their aliases"),
    (rate_limits.TABLE, "caller", "rate limits of single callers"),
    (public_access_block.TABLE, "account", "public access blocks of whole accounts"),
)


def on_disk_format() -> str:
    """What docs/on-disk-format.md holds."""
    reasons = inspect.cleandoc(schema.__doc__ or "").partition("\n- ")[2]
    return PAGE.format(
        directory="\n\n".join(_blocks(data_dir)[1:]),
        blob=_markdown(_blocks(blob_format)[1:]),
        index_format=len(schema.MIGRATIONS),
        reasons="- " + reasons,
        tables="".join(_tables()).strip(),
        manifest=_markdown(_blocks(manifest)),
        documents="".join(f"| `{table}` | {name} | {what} |\n" for table, name, what in DOCUMENTS),
    )


def _blocks(module: ModuleType) -> list[str]:
    return inspect.cleandoc(module.__doc__ or "").split("\n\n")


def _markdown(blocks: list[str]) -> str:
    """What a docstring says, with what is indented there in fences."""
    pieces = []
    for is_drawn, group in itertools.groupby(blocks, lambda block: block.startswith("    ")):
        text = "\n\n".join(group)
        pieces.append(f"```text\n{textwrap.dedent(text)}\n```" if is_drawn else text)
    return "\n\n".join(pieces)


def _tables() -> list[str]:
    """A section for each table of the index."""
    return [
        f"### {name}\n\n{TABLES.get(name, '')}\n\n"
        f"| column | type |\n|---|---|\n{''.join(map(_row, columns))}\n"
        for name, columns in tables().items()
    ]


def _row(column: Column) -> str:
    key = ", primary key" if column.is_in_key else ""
    return f"| `{column.name}` | {column.kind}{key}{', or NULL' if column.may_be_null else ''} |\n"
