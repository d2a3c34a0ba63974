"""The lists of its objects that a bucket writes on schedule.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketInventoryConfiguration.html

Lists are written as CSV. What they could not be, or could not say, is refused when it is asked for.
"""

from ferrox import errors
from ferrox.document_errors import IdMismatch
from ferrox.errors import MalformedXML
from ferrox.protocol.documents.analysis import check_destination
from ferrox.protocol.shapes.inventory import InventoryConfiguration

CSV = "CSV"
ACL_FIELD = "ObjectAccessControlList"


def check(document: InventoryConfiguration, configuration_id: str) -> None:
    """Raise unless a bucket may have this inventory under this id."""
    destination = document.destination.s3_bucket_destination
    encryption = destination.encryption
    if encryption is not None and (encryption.sses3 is None) == (encryption.ssekms is None):
        raise MalformedXML
    if document.id != configuration_id:
        raise IdMismatch
    check_destination(destination.bucket)
    if destination.format != CSV:
        raise errors.NotImplemented(f"Inventory lists in the format {destination.format}")
    for field in document.optional_fields or ():
        if field == ACL_FIELD:
            raise errors.NotImplemented(f"Inventory lists with the field {field}")
