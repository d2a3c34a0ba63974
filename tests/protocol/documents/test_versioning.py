import pytest

from ferrox import errors
from ferrox.errors import MalformedXML
from ferrox.protocol.documents import versioning
from ferrox.protocol.shapes.versioning import VersioningConfiguration


@pytest.mark.parametrize("status", [None, "", "Enabled", "Suspended"])
@pytest.mark.parametrize("mfa_delete", [None, "", "Disabled"])
def test_what_may_be_said(status: str | None, mfa_delete: str | None) -> None:
    versioning.check(VersioningConfiguration(status=status, mfa_delete=mfa_delete))


@pytest.mark.parametrize(
    ("status", "mfa_delete", "error"),
    [
        ("enabled", None, MalformedXML),
        (" Enabled ", None, MalformedXML),
        ("Disabled", None, MalformedXML),
        ("Enabled", "disabled", MalformedXML),
        ("Enabled", "Enabled", errors.NotImplemented),
    ],
)
def test_what_may_not_be_said(status: str, mfa_delete: str | None, error: type[Exception]) -> None:
    with pytest.raises(error):
        versioning.check(VersioningConfiguration(status=status, mfa_delete=mfa_delete))
