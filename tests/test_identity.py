from ferrox.identity import ANONYMOUS, AccessKeyRecord
from tests.in_process import ROOT


def test_a_secret_does_not_show_where_a_record_is_printed() -> None:
    record = AccessKeyRecord("AKIA", "hush", ROOT)

    assert "AccessKeyRecord('AKIA')" == repr(record) == f"{record!r}"
    assert "hush" not in str(record)


def test_only_nobody_is_anonymous() -> None:
    assert ANONYMOUS.is_anonymous
    assert not ROOT.is_anonymous
