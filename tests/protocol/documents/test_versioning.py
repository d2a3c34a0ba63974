import pytest

from ferrox import errors
from ferrox.protocol.documents import versioning
from ferrox.protocol.shapes.versioning import VersioningConfiguration


def refusal(status: str | None, mfa_delete: str | None) -> str:
    try:
        versioning.check(VersioningConfiguration(status=status, mfa_delete=mfa_delete))
    except errors.S3Error as error:
        return error.code
    return ""


@pytest.mark.parametrize("status", [None, "", "Enabled", "Suspended"])
@pytest.mark.parametrize("mfa_delete", [None, "", "Disabled"])
def test_what_may_be_said(status: str | None, mfa_delete: str | None) -> None:
    assert "" == refusal(status, mfa_delete)


@pytest.mark.parametrize(
    ("status", "mfa_delete", "code"),
    [
        ("enabled", None, "MalformedXML"),
        (" Enabled ", None, "MalformedXML"),
        ("Disabled", None, "MalformedXML"),
        ("Enabled", "disabled", "MalformedXML"),
        ("Enabled", "Enabled", "NotImplemented"),
    ],
)
def test_what_may_not_be_said(status: str, mfa_delete: str | None, code: str) -> None:
    assert code == refusal(status, mfa_delete)
