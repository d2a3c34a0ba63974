import pytest

from ferrox.records import Versioning
from tests.in_process import Answer, InProcess
from tests.operations.configured import content_of, get, put, refusal


@pytest.fixture
async def s3(s3: InProcess) -> InProcess:
    await s3.make_bucket()
    return s3


async def put_versioning(s3: InProcess, content: str, path: str = "/bucket") -> Answer:
    text = f"<VersioningConfiguration>{content}</VersioningConfiguration>"
    return await put(s3, "versioning", text, path=path, is_protected=False)


async def test_versions_are_switched_on_and_suspended(s3: InProcess) -> None:
    shown = [content_of(await get(s3, "versioning"))]
    for status in ("Enabled", "Suspended", "Enabled"):
        answer = await put_versioning(s3, f"<Status>{status}</Status>")
        assert (200, b"") == (answer.status, answer.body)
        shown.append(content_of(await get(s3, "versioning")))

    assert [
        "",
        "<Status>Enabled</Status>",
        "<Status>Suspended</Status>",
        "<Status>Enabled</Status>",
    ] == shown
    bucket = s3.store.bucket("bucket")
    assert bucket is not None
    assert Versioning.ENABLED is bucket.versioning


async def test_what_was_said_of_mfa_delete_is_told(s3: InProcess) -> None:
    shown = []
    for mfa_delete in ("<MfaDelete/>", "<MfaDelete>Disabled</MfaDelete>", ""):
        answer = await put_versioning(s3, f"<Status>Enabled</Status>{mfa_delete}")
        assert 200 == answer.status
        shown.append(content_of(await get(s3, "versioning")))

    told = "<Status>Enabled</Status><MfaDelete>Disabled</MfaDelete>"
    assert ["<Status>Enabled</Status>", told, told] == shown


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", (400, "IllegalVersioningConfigurationException")),
        ("<Status></Status>", (400, "IllegalVersioningConfigurationException")),
        ("<Status>Enabled</Status><MfaDelete>disabled</MfaDelete>", (400, "MalformedXML")),
        ("<MfaDelete>Disabled</MfaDelete>", (400, "IllegalVersioningConfigurationException")),
        ("<Status>Off</Status>", (400, "MalformedXML")),
        ("<Status>enabled</Status>", (400, "MalformedXML")),
        ("<Status>Enabled</Status><Colour/>", (400, "MalformedXML")),
        ("<Status>Enabled</Status><MfaDelete>Enabled</MfaDelete>", (501, "NotImplemented")),
    ],
)
async def test_what_is_refused_changes_nothing(
    s3: InProcess, content: str, expected: tuple[int, str]
) -> None:
    assert expected == refusal(await put_versioning(s3, content))
    assert "" == content_of(await get(s3, "versioning"))


async def test_a_locked_bucket_keeps_its_versions(s3: InProcess) -> None:
    await s3.ask("PUT", "/locked", headers={"x-amz-bucket-object-lock-enabled": "true"})

    suspended = await put_versioning(s3, "<Status>Suspended</Status>", "/locked")
    enabled = await put_versioning(s3, "<Status>Enabled</Status>", "/locked")

    assert (409, "InvalidBucketState") == refusal(suspended)
    assert 200 == enabled.status
