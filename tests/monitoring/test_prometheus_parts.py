"""The parts of prometheus-client."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def run(code: str) -> str:
    """What a fresh interpreter prints."""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (0, "") == (done.returncode, done.stderr)
    return done.stdout.strip()


def test_neither_its_servers_nor_its_collectors_are_loaded() -> None:
    code = (
        "import sys; from ferrox.monitoring import prometheus_parts;"
        "print(sorted({'http.server', 'wsgiref', 'prometheus_client',"
        "'prometheus_client.registry', 'prometheus_client.metrics'} & set(sys.modules)))"
    )

    assert "[]" == run(code)


def test_whoever_wants_all_of_it_gets_it_with_the_same_parts() -> None:
    code = (
        "from ferrox.monitoring import prometheus_parts; import prometheus_client;"
        "from prometheus_client.openmetrics import exposition;"
        "print(exposition.generate_latest is prometheus_parts.generate_latest,"
        "bool(prometheus_client.generate_latest))"
    )

    assert "True True" == run(code)
