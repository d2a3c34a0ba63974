"""Everything at once: random stories told to the server and to a dictionary, which must agree.

The whole pipeline runs in process over a real store. When a story ends the data directory is looked
at too: every blob file is named by some version or part, as often as its count says.
"""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import precondition, rule, run_state_machine_as_test

from ferrox.operations import completion
from tests.operations.model.driver import SMALLEST_PART_BYTES, buckets, outcome
from tests.operations.model.listings import ListingRules
from tests.operations.model.objects import ObjectRules
from tests.operations.model.uploads import UploadRules


class ServerAgainstModel(ObjectRules, UploadRules, ListingRules):
    """All rules together, and the life of buckets and of the server."""

    @rule(bucket=buckets)
    def delete_bucket(self, bucket: str) -> None:
        answer = self.ask("DELETE", f"/{bucket}")

        if self.model.buckets[bucket]:
            assert (409, "BucketNotEmpty") == outcome(answer)
            return
        assert 204 == answer.status
        self.run(self.s3.make_bucket(bucket))
        self.model.forget_uploads(bucket)

    @precondition(lambda self: any(self.model.buckets.values()) or self.model.uploads)
    @rule()
    def restart(self) -> None:
        self.run(self.store.close())
        self.open()

    @rule()
    def reap(self) -> None:
        self.run(self.store.reap())

    @rule()
    def remove_orphans(self) -> None:
        assert 0 == self.run(self.store.remove_orphans())


@pytest.mark.timeout(600)  # many stories; a busy machine takes its time
def test_the_server_does_what_a_dictionary_would(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(completion, "MIN_PART_BYTES", SMALLEST_PART_BYTES)

    run_state_machine_as_test(
        ServerAgainstModel,
        settings=settings(
            max_examples=150,
            stateful_step_count=60,
            deadline=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
