import pytest

from ferrox.identity import ANONYMOUS, AccessKeyRecord, kind_and_name
from tests.in_process import ROOT


def test_a_secret_does_not_show_where_a_record_is_printed() -> None:
    record = AccessKeyRecord("AKIA", "hush", ROOT)

    assert "AccessKeyRecord('AKIA')" == repr(record) == f"{record!r}"
    assert "hush" not in str(record)


def test_only_nobody_is_anonymous() -> None:
    assert ANONYMOUS.is_anonymous
    assert not ROOT.is_anonymous


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ("root", ("root", "")),
        ("user/ada", ("user", "ada")),
        ("user/a/b/ada", ("user", "ada")),
        ("role/x:user/boss", ("role", "boss")),
        ("user/:root/:/root", ("user", "root")),
    ],
)
def test_an_arn_of_iam_has_a_kind_and_a_name_whatever_its_path(
    named: str, expected: tuple[str, str]
) -> None:
    assert expected == kind_and_name(f"arn:aws:iam::123456789012:{named}")
