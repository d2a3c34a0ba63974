"""The pages made from the source leave nothing out."""

from ferrox.cli import reference
from ferrox.protocol.iam.operations import OPERATIONS as IAM_OPERATIONS
from ferrox.protocol.kms.operations import OPERATIONS as KMS_OPERATIONS
from ferrox.protocol.operations import OPERATIONS


def test_the_page_of_operations_has_a_row_for_each() -> None:
    page = reference.operations()

    assert all(f"| {row.name} | {row.method} | {row.level} |" in page for row in OPERATIONS)
    assert "| UploadPart | PUT | object | `partNumber&uploadId` | yes |" in page
    assert "| PutBucketReplication | PUT | bucket | `replication` | no |" in page


def test_so_have_those_of_iam_and_sts() -> None:
    page = reference.operations()

    assert all(f"| IAM | {name} | " in page for name in IAM_OPERATIONS)
    assert "| IAM | CreateUser | new user |" in page
    assert "| STS | GetCallerIdentity | nothing |" in page


def test_so_have_those_of_kms() -> None:
    page = reference.operations()

    assert all(f"| KMS | {name} | " in page for name in KMS_OPERATIONS)
    assert "| KMS | Encrypt | key in use |" in page
    assert "| KMS | CreateAlias | the alias and its key |" in page


def test_no_cell_breaks_its_table() -> None:
    of_s3, _, of_queries = reference.operations().partition("## IAM and STS")
    for page, bars in ((of_s3, 7), (of_queries, 4)):
        rows = [line for line in page.splitlines() if line.startswith("|")]
        assert {bars} == {row.count("|") for row in rows}
