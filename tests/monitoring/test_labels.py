"""What a client sends never becomes the value of a label."""

import asyncio
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ferrox.clock import SettableClock
from ferrox.operations.handlers import HANDLERS
from ferrox.protocol.iam.operations import OPERATIONS as IAM_OPERATIONS
from ferrox.protocol.kms.operations import OPERATIONS as KMS_OPERATIONS
from ferrox.protocol.operations import OPERATIONS
from ferrox.protocol.sts.operations import OPERATIONS as STS_OPERATIONS
from ferrox.storage.store import Store
from tests.in_process import InProcess

KNOWN = {row.name for row in OPERATIONS} | set(HANDLERS) | set(KMS_OPERATIONS) | {
    row.name for table in (IAM_OPERATIONS, STS_OPERATIONS) for row in table.values()
}  # fmt: skip
words = st.sampled_from(["Action", "Version", "acl", "uploads", "tagging", "versionId", "x-id"])
texts = st.text(st.characters(codec="ascii", categories=("L", "N")), max_size=12)
queries = st.dictionaries(words | texts, texts | st.sampled_from(["CreateUser", "2010-05-08"]))
paths = st.sampled_from(["/", "/bucket", "/bucket/key", "/v20180820/tags"]) | texts.map(
    "/{}".format
)
targets = st.none() | texts.map("TrentService.{}".format)


@given(
    method=st.sampled_from(["GET", "PUT", "POST", "DELETE", "HEAD", "OPTIONS"]) | texts,
    path=paths,
    query=queries,
    target=targets,
    is_signed=st.booleans(),
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_operations_are_those_of_the_tables(
    method: str, path: str, query: dict[str, str], target: str | None, is_signed: bool
) -> None:
    async def ask() -> dict[str, str]:
        with tempfile.TemporaryDirectory() as folder:
            clock = SettableClock(1_790_000_000_000)
            store = await Store.open(Path(folder) / "data", clock=clock)
            try:
                s3 = InProcess(store, clock)
                headers = {"x-amz-target": target} if target is not None else {}
                await s3.ask(method, path, query, headers=headers, is_signed=is_signed)
                assert s3.request is not None
                return s3.request.facts
            finally:
                await store.close()

    facts = asyncio.run(ask())

    assert facts.get("operation") in KNOWN | {None}
    assert facts.get("error_code", "").isalnum() or "error_code" not in facts
