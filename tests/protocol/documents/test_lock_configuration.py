import pytest

from ferrox.protocol.documents import lock_configuration
from ferrox.protocol.shapes.lock_configuration import ObjectLockConfiguration
from tests.protocol.documents.reading import read, verdict

ENABLED = "<ObjectLockEnabled>Enabled</ObjectLockEnabled>"


def judge(content: str) -> str:
    return verdict(
        lambda: lock_configuration.check(
            read(ObjectLockConfiguration, "ObjectLockConfiguration", content)
        )
    )


def retained(period: str, mode: str = "<Mode>GOVERNANCE</Mode>") -> str:
    return judge(f"{ENABLED}<Rule><DefaultRetention>{mode}{period}</DefaultRetention></Rule>")


def test_locks_that_are_accepted() -> None:
    assert judge(ENABLED) == ""
    assert retained("<Days>1</Days>") == ""
    assert retained("<Days>36500</Days>", "<Mode>COMPLIANCE</Mode>") == ""
    assert retained("<Years>100</Years>") == ""


@pytest.mark.parametrize("period", ["<Days>0</Days>", "<Years>-1</Years>"])
def test_a_period_is_positive(period: str) -> None:
    assert retained(period) == (
        "InvalidRetentionPeriod: Default retention period must be a positive integer value."
    )


@pytest.mark.parametrize("period", ["<Days>36501</Days>", "<Years>101</Years>"])
def test_a_period_is_not_longer_than_a_century(period: str) -> None:
    assert retained(period).startswith("InvalidRetentionPeriod: Default retention period must not")


def test_there_are_no_event_holds() -> None:
    hold = "<Days>1</Days><DefaultEventHold><Days>1</Days></DefaultEventHold>"

    assert retained(hold) == "NotImplemented: Event holds are not implemented"


@pytest.mark.parametrize(
    "content",
    [
        "",
        "<ObjectLockEnabled>Disabled</ObjectLockEnabled>",
        f"{ENABLED}<Rule/>",
        f"{ENABLED}<Key/>",
        "<Rule><DefaultRetention><Mode>GOVERNANCE</Mode><Days>1</Days></DefaultRetention></Rule>",
    ],
)
def test_what_is_no_lock_is_malformed(content: str) -> None:
    assert judge(content).startswith("MalformedXML: ")


@pytest.mark.parametrize(
    ("period", "mode"),
    [
        ("", "<Mode>GOVERNANCE</Mode>"),
        ("<Days>1</Days><Years>1</Years>", "<Mode>GOVERNANCE</Mode>"),
        ("<Days>1</Days>", ""),
        ("<Days>1</Days>", "<Mode>governance</Mode>"),
    ],
)
def test_what_is_no_default_retention_is_malformed(period: str, mode: str) -> None:
    assert retained(period, mode).startswith("MalformedXML: ")
