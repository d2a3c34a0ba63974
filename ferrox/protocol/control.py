"""S3 Control: what is asked of an account, and how it differs from what is asked of a bucket.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetPublicAccessBlock.html

A header names the account, and clients put it before the name of the server, too. A bucket may be
called like the first part of the path, or like an account: whoever means it sends no such header.
"""

from typing import Any

from ferrox.errors import InvalidURI, MethodNotAllowed
from ferrox.protocol.address import Service, split_target
from ferrox.protocol.message import Request
from ferrox.protocol.operation import Operation
from ferrox.protocol.shapes.access import (
    AccountInput,
    GetAccountPublicAccessBlockOutput,
    PutAccountPublicAccessBlockInput,
)
from ferrox.protocol.shapes.groups import NoOutput

ACCOUNT = "account"
ACCOUNT_ID = "x-amz-account-id"
PATH = "/v20180820/configuration/publicAccessBlock"

_REMARK = f"S3 Control, at `{PATH}` with `{ACCOUNT_ID}`"

# fmt: off
DeleteAccountPublicAccessBlock = Operation(
    "DeleteAccountPublicAccessBlock", "DELETE", ACCOUNT, "", AccountInput, NoOutput,
    remark=_REMARK)
GetAccountPublicAccessBlock = Operation(
    "GetAccountPublicAccessBlock", "GET", ACCOUNT, "",
    AccountInput, GetAccountPublicAccessBlockOutput, remark=_REMARK)
PutAccountPublicAccessBlock = Operation(
    "PutAccountPublicAccessBlock", "PUT", ACCOUNT, "", PutAccountPublicAccessBlockInput, NoOutput,
    remark=_REMARK)
# fmt: on

ACCOUNT_OPERATIONS: tuple[Operation[Any, Any], ...] = (
    DeleteAccountPublicAccessBlock,
    GetAccountPublicAccessBlock,
    PutAccountPublicAccessBlock,
)
_BY_METHOD = {row.method: row for row in ACCOUNT_OPERATIONS}


class Account(Service):
    """The account that a header names."""

    @property
    def level(self) -> str:
        """Which rows apply: those of this module."""
        return ACCOUNT


def locate(request: Request) -> Account | None:
    """The account that a request is about; None if it is about something else."""
    if ACCOUNT_ID not in request.headers:
        return None
    try:
        path = request.path if request.path.startswith("/") else split_target(request.path)[1]
    except InvalidURI:  # whoever reads it as something else refuses it
        return None
    return Account() if path == PATH else None


def resolve(request: Request) -> Operation[Any, Any]:
    """What is asked of the account."""
    operation = _BY_METHOD.get(request.method)
    if operation is None:
        raise MethodNotAllowed(Method=request.method, ResourceType="ACCOUNT")
    return operation
