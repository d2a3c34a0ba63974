"""Shapes of whether a bucket keeps former versions."""

from ferrox.protocol.shape import Shape, element, header, payload
from ferrox.protocol.shapes.groups import DocumentInput


class VersioningConfiguration(Shape, stored_as="versioning"):
    """What is stored is what was said of MFA delete; the status is in the row of the bucket.

    Both elements may be empty, which is as good as their absence, so that their values are
    looked at by who puts the document.
    """

    status: str | None = element("Status", default=None)
    mfa_delete: str | None = element("MfaDelete", default=None)


class GetBucketVersioningOutput(Shape, root="VersioningConfiguration"):
    status: str | None = element("Status", default=None, one_of=("Enabled", "Suspended"))
    mfa_delete: str | None = element("MfaDelete", default=None, one_of=("Enabled", "Disabled"))


class PutBucketVersioningInput(DocumentInput):
    versioning_configuration: VersioningConfiguration = payload("VersioningConfiguration")
    mfa: str | None = header("x-amz-mfa", default=None)
