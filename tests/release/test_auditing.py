"""scripts/audit, as far as it gets without the network."""

import subprocess

from tests.architecture.source import ROOT


def test_requirements_that_are_none_are_not_passed_over() -> None:
    done = subprocess.run(
        [ROOT / "scripts" / "audit", "serve", "no-such"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert 2 == done.returncode
    assert "scripts/audit: there is no build/requirements/no-such.txt\n" == done.stderr
