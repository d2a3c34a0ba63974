"""Shapes of whether a bucket keeps former versions."""

from ferrox.protocol.shape import Shape, element, header, payload
from ferrox.protocol.shapes.groups import DocumentInput


class VersioningConfiguration(Shape, is_strict=True):
    status: str | None = element("Status", default=None, one_of=("Enabled", "Suspended"))
    mfa_delete: str | None = element("MfaDelete", default=None, one_of=("Enabled", "Disabled"))


class GetBucketVersioningOutput(Shape, root="VersioningConfiguration"):
    status: str | None = element("Status", default=None, one_of=("Enabled", "Suspended"))
    mfa_delete: str | None = element("MfaDelete", default=None, one_of=("Enabled", "Disabled"))


class PutBucketVersioningInput(DocumentInput):
    versioning_configuration: VersioningConfiguration = payload("VersioningConfiguration")
    mfa: str | None = header("x-amz-mfa", default=None)
