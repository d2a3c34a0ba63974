"""Which requests on the port of S3 are for KMS: those that name one of its targets.

https://docs.aws.amazon.com/kms/latest/APIReference/ shows `X-Amz-Target: TrentService.Encrypt`,
which S3 has no use for.
"""

from typing import NamedTuple

from ferrox.protocol.message import Request

TARGET = "x-amz-target"
_PREFIX = "TrentService."


class KmsService(NamedTuple):
    """A service by its name in scopes and actions."""

    scope_name: str = "kms"


KMS = KmsService()


def operation_name(request: Request) -> str | None:
    """The operation of KMS that a request to `/` asks for; None if it is not for KMS."""
    target = request.headers.get(TARGET, "")
    is_for_kms = request.method == "POST" and target.startswith(_PREFIX)
    return target.removeprefix(_PREFIX) if is_for_kms else None
