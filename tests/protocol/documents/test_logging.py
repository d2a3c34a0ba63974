import pytest

from ferrox.errors import MalformedXML
from ferrox.protocol.documents import logging
from ferrox.protocol.shapes.logging import BucketLoggingStatus
from tests.protocol.documents.reading import read, verdict

TARGET = "<TargetBucket>logs</TargetBucket><TargetPrefix>a/</TargetPrefix>"
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'


def judge(content: str) -> str:
    def check() -> None:
        text = f"<LoggingEnabled>{content}</LoggingEnabled>"
        enabled = read(BucketLoggingStatus, "BucketLoggingStatus", text).logging_enabled
        assert enabled is not None
        logging.check(enabled)

    return verdict(check)


def granted(kind: str, who: str, permission: str = "READ") -> str:
    return (
        f'{TARGET}<TargetGrants><Grant><Grantee {XSI} xsi:type="{kind}">{who}</Grantee>'
        f"<Permission>{permission}</Permission></Grant></TargetGrants>"
    )


def keyed(content: str) -> str:
    return f"{TARGET}<TargetObjectKeyFormat>{content}</TargetObjectKeyFormat>"


@pytest.mark.parametrize(
    "content",
    [
        TARGET,
        "<TargetBucket>logs</TargetBucket><TargetPrefix/>",
        granted("CanonicalUser", f"<ID>{'c' * 64}</ID><DisplayName>c</DisplayName>"),
        granted("Group", "<URI>http://acs.amazonaws.com/groups/global/AllUsers</URI>", "WRITE"),
        granted("AmazonCustomerByEmail", "<EmailAddress>a@example.com</EmailAddress>"),
        keyed("<SimplePrefix/>"),
        keyed("<PartitionedPrefix/>"),
        keyed(
            "<PartitionedPrefix><PartitionDateSource>EventTime</PartitionDateSource>"
            "</PartitionedPrefix>"
        ),
    ],
)
def test_targets_that_are_accepted(content: str) -> None:
    assert judge(content) == ""


@pytest.mark.parametrize(
    "content",
    [
        "<TargetBucket>logs</TargetBucket>",
        "<TargetPrefix/>",
        "<TargetBucket/><TargetPrefix/>",
        keyed(""),
        keyed("<SimplePrefix/><PartitionedPrefix/>"),
        keyed(
            "<PartitionedPrefix><PartitionDateSource>Noon</PartitionDateSource></PartitionedPrefix>"
        ),
        granted("CanonicalUser", "<URI>u</URI>"),
        granted("Robot", "<ID>r</ID>"),
        granted("CanonicalUser", "<ID>i</ID>", "READ_ACP"),
        f"{TARGET}<TargetGrants><Grant><Permission>READ</Permission></Grant></TargetGrants>",
        f"{TARGET}<Volume>loud</Volume>",
    ],
)
def test_what_is_no_target_is_malformed(content: str) -> None:
    assert f"MalformedXML: {MalformedXML.default_message()}" == judge(content)
