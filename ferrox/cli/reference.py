"""What docs/ has of tables of the source: settings, operations, endpoints of the admin API."""

import json

from ferrox.admin import openapi as admin_openapi
from ferrox.admin.table import ENDPOINTS
from ferrox.cli import (
    api_reference,
    format_reference,
    metrics_reference,
    settings_reference,
)
from ferrox.config import SETTINGS
from ferrox.protocol.control import ACCOUNT_OPERATIONS
from ferrox.protocol.iam.operations import OPERATIONS as IAM_OPERATIONS
from ferrox.protocol.kms.operations import OPERATIONS as KMS_OPERATIONS
from ferrox.protocol.operations import OPERATIONS
from ferrox.protocol.sts.operations import OPERATIONS as STS_OPERATIONS

OPERATIONS_PAGE = """\
# S3 compatibility

Every operation of the S3 API: {answered} of {all} are answered, and {more} of IAM, STS and KMS. The
[others](#not-answered) are refused with `NotImplemented`, after authentication. A request is told
by its method, by what it is about, and by its selector in the query. A remark says where an
operation knowingly does less than on AWS, or more; [differences](differences.md) tells what else
differs.

This page is written by `scripts/docs` from the tables in `ferrox/protocol/`.
"""

_HEAD = "\n## {}\n\n| operation | request | remark |\n|---|---|---|\n"
_LEVELS = {
    "service": "Buckets",
    "bucket": "Buckets",
    "object": "Objects",
    "account": "Accounts (S3 Control)",
}
_NOT_ANSWERED = "Not answered"

QUERY_PAGE = """
## IAM and STS

The query APIs of IAM (version 2010-05-08) and STS (version 2011-06-15) are on the same port: a POST
of a form to `/`, or a GET with the same parameters in the query, signed for the service `iam` or
`sts` in `us-east-1` or in the region of the server. An operation that is not here is refused with
`InvalidAction`. The action that its caller needs is called like it, `iam:CreateUser`; the last
column says on which resource.

| service | operation | permission on |
|---|---|---|
"""

KMS_PAGE = """
## KMS

The JSON API of KMS (version 2014-11-01) is on the same port, signed for the service `kms`, as
`aws kms --endpoint-url` and boto3 send it; see [encryption](encryption.md). There are symmetric
keys only, and no grants. An operation that is not here is refused with `UnknownOperationException`.
The action that its caller needs is called like it, `kms:CreateKey`, except where the last column
says otherwise.

| service | operation | permission on |
|---|---|---|
"""
_KMS_PERMISSIONS = {
    "CreateAlias": "the alias and its key",
    "UpdateAlias": "the alias and both keys",
    "DeleteAlias": "the alias and its key",
    "Decrypt": "the key of the ciphertext",
    "ReEncrypt": "`kms:ReEncryptFrom` on the key of the ciphertext, `kms:ReEncryptTo` on the other",
}


def configuration() -> str:
    """What docs/configuration.md holds."""
    return settings_reference.configuration(SETTINGS)


def openapi() -> str:
    """What docs/openapi.json holds."""
    return json.dumps(admin_openapi.document(ENDPOINTS), indent=1) + "\n"


def admin_api() -> str:
    """What docs/admin-api.md holds."""
    return api_reference.admin_api(ENDPOINTS)


def all_metrics() -> str:
    """What docs/all-metrics.md holds."""
    return metrics_reference.all_metrics()


def on_disk_format() -> str:
    """What docs/on-disk-format.md holds."""
    return format_reference.on_disk_format()


def operations() -> str:
    """What docs/operations.md holds."""
    sections = {heading: _HEAD.format(heading) for heading in (*_LEVELS.values(), _NOT_ANSWERED)}
    for row in (*OPERATIONS, *ACCOUNT_OPERATIONS):
        selector = "&".join(filter(None, (row.selector, *sorted(row.query))))
        request = f"{row.method} {row.level}{f' `{selector}`' if selector else ''}"
        heading = _LEVELS[row.level] if row.is_implemented else _NOT_ANSWERED
        sections[heading] += f"| {row.name} | {request} | {row.remark} |\n"
    queries = [
        f"| {row.service.name} | {row.name} | {row.resource.name.lower().replace('_', ' ')} |\n"
        for row in (*IAM_OPERATIONS.values(), *STS_OPERATIONS.values())
    ]
    of_keys = {
        row.name: _KMS_PERMISSIONS.get(row.name) or row.on.name.lower().replace("_", " ")
        for row in KMS_OPERATIONS.values()
    }
    keys = [f"| KMS | {name} | {permission} |\n" for name, permission in of_keys.items()]
    counts = {
        "answered": sum(row.is_implemented for row in OPERATIONS),
        "all": len(OPERATIONS),
        "more": len(queries) + len(keys),
    }
    return OPERATIONS_PAGE.format(**counts) + "".join(
        (*sections.values(), QUERY_PAGE, *queries, KMS_PAGE, *keys)
    )
