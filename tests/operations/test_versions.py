"""ListObjectVersions followed to its end, as clients do that remove everything."""

import pytest

from ferrox.records import Versioning
from tests.conformance.test_deletion import delete_many
from tests.in_process import InProcess


@pytest.fixture
async def versioned(s3: InProcess) -> InProcess:
    """The server, with an empty bucket that keeps versions."""
    await s3.make_bucket()
    bucket = s3.store.bucket("bucket")
    assert bucket is not None
    await s3.store.set_versioning(bucket, Versioning.ENABLED)
    return s3


async def test_a_bucket_is_emptied_page_by_page(versioned: InProcess) -> None:
    """The markers of each page name what was just removed."""
    for key in ("a", "b", "b", "b", "b", "b", "c"):
        await versioned.put(key)
    await versioned.ask("DELETE", "/bucket/b")
    query = {"versions": "", "max-keys": "3"}
    while True:
        document = (await versioned.ask("GET", "/bucket", query)).document
        rows = [document.get(name, []) for name in ("Version", "DeleteMarker")]
        flat = [row for found in rows for row in (found if isinstance(found, list) else [found])]
        await delete_many(
            versioned,
            "".join(
                f"<Object><Key>{row['Key']}</Key><VersionId>{row['VersionId']}</VersionId></Object>"
                for row in flat
            ),
        )
        if document["IsTruncated"] == "false":
            break
        query |= {
            "key-marker": document["NextKeyMarker"],
            "version-id-marker": document["NextVersionIdMarker"],
        }

    assert 204 == (await versioned.ask("DELETE", "/bucket")).status


async def test_keys_that_xml_cannot_carry_are_encoded_when_asked(versioned: InProcess) -> None:
    await versioned.put("a\x01&b/c")

    document = (
        await versioned.ask(
            "GET",
            "/bucket",
            {"versions": "", "encoding-type": "url", "prefix": "a\x01&", "delimiter": "/"},
        )
    ).document

    assert ("a%01%26", "a%01%26b/", "/", "url") == (
        document["Prefix"],
        document["CommonPrefixes"]["Prefix"],
        document["Delimiter"],
        document["EncodingType"],
    )
