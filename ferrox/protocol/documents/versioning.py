"""What a versioning configuration may say.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketVersioning.html
"""

from ferrox import errors
from ferrox.errors import MalformedXML
from ferrox.protocol.shapes.versioning import VersioningConfiguration


def check(configuration: VersioningConfiguration) -> None:
    """Raise for values that there are not; an empty element says nothing."""
    if configuration.status not in {None, "", "Enabled", "Suspended"}:
        raise MalformedXML
    if configuration.mfa_delete not in {None, "", "Enabled", "Disabled"}:
        raise MalformedXML
    if configuration.mfa_delete == "Enabled":
        raise errors.NotImplemented("MFA delete is not implemented")
