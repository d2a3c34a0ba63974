"""What reads workflows as GitHub does has nothing to say about ours; scripts/setup compiles it."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_actionlint_finds_nothing() -> None:
    workflows = sorted((ROOT / ".github" / "workflows").glob("*.yml"))

    done = subprocess.run(
        [ROOT / ".actionlint" / "actionlint", *workflows],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert workflows
    assert (0, "") == (done.returncode, done.stdout)
