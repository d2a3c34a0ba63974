"""decision.py: an answer and its reason."""

import pytest

from ferrox.decision import Decision, Source, Verdict


@pytest.mark.parametrize("verdict", list(Verdict))
def test_only_a_grant_allows(verdict: Verdict) -> None:
    assert Decision(verdict, "for a reason").is_allowed is (verdict is Verdict.ALLOWED)


def test_what_is_no_policy_counts_as_the_resources() -> None:
    assert Source.RESOURCE is Decision(Verdict.IMPLICIT_DENY, "a setting").source
