"""Versions, tags, locks and time: random stories told to the server and to lists of versions."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.operations.model.versions import VersionRules


@pytest.mark.timeout(600)  # many stories; a busy machine takes its time
def test_the_server_keeps_versions_as_lists_would() -> None:
    run_state_machine_as_test(
        VersionRules,
        settings=settings(
            max_examples=60,
            stateful_step_count=60,
            deadline=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
