"""`ferroxd version`."""

import pytest

from ferrox import __version__
from ferrox.cli import version


def test_it_prints_name_and_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == version.run([])
    assert f"ferroxd {__version__}\n" == capsys.readouterr().out
