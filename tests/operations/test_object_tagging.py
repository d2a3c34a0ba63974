"""Tags change inside the transaction that looks the version up; the cases of AWS are elsewhere."""

import asyncio

from tests.conformance.documents import put_document
from tests.in_process import InProcess


async def test_tags_and_puts_at_the_same_time_leave_one_or_the_other(s3: InProcess) -> None:
    """A tag may be given before the put or after it, but never to what is gone."""
    await s3.make_bucket()
    await s3.put("k", b"0")
    document = "<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Tagging>"

    answers = await asyncio.gather(
        *(s3.put("k", b"%d" % number) for number in range(10)),
        *(put_document(s3, "/bucket/k", {"tagging": ""}, document) for _ in range(10)),
    )
    await put_document(s3, "/bucket/k", {"tagging": ""}, document)

    assert {200} == {answer.status for answer in answers}
    assert "1" == (await s3.get("k")).headers["x-amz-tagging-count"]
