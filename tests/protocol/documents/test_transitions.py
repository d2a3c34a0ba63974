import pytest

from ferrox.protocol.documents.transitions import check_transitions
from ferrox.protocol.shapes.lifecycle import BucketLifecycleConfiguration
from tests.protocol.documents.reading import read, verdict

MALFORMED = "MalformedXML: "


def judge(actions: str) -> str:
    text = f"<Rule><Filter/><Status>Enabled</Status>{actions}</Rule>"
    return verdict(
        lambda: check_transitions(
            read(BucketLifecycleConfiguration, "LifecycleConfiguration", text).rules[0], "a/"
        )
    )


def move(storage_class: str = "GLACIER", days: object = None, date: str = "") -> str:
    due = f"<Days>{days}</Days>" if days is not None else ""
    due += f"<Date>{date}</Date>" if date else ""
    return f"<Transition>{due}<StorageClass>{storage_class}</StorageClass></Transition>"


def move_noncurrent(storage_class: str = "GLACIER", days: object = 1, more: str = "") -> str:
    due = f"<NoncurrentDays>{days}</NoncurrentDays>" if days is not None else ""
    return (
        f"<NoncurrentVersionTransition>{due}<StorageClass>{storage_class}</StorageClass>{more}"
        "</NoncurrentVersionTransition>"
    )


@pytest.mark.parametrize(
    "actions",
    [
        move(days=0),
        move("STANDARD_IA", 30) + move(days=90) + "<Expiration><Days>91</Days></Expiration>",
        move(date="2030-01-01T00:00:00Z")
        + "<Expiration><Date>2030-01-02T00:00:00Z</Date></Expiration>",
        move_noncurrent() + move_noncurrent("DEEP_ARCHIVE", 100),
        move_noncurrent("ONEZONE_IA", 30),
        move_noncurrent(more="<NewerNoncurrentVersions>3</NewerNoncurrentVersions>"),
    ],
)
def test_transitions_that_are_accepted(actions: str) -> None:
    assert judge(actions) == ""


@pytest.mark.parametrize(
    ("actions", "refusal"),
    [
        (
            move("ONEZONE_IA", 29),
            "InvalidArgument: 'Days' in Transition action must be greater than or equal to 30 for"
            " storageClass 'ONEZONE_IA'",
        ),
        (move(days=-1), "InvalidArgument: 'Days' in Transition action must be nonnegative"),
        (
            move(date="2030-01-01T12:00:00Z"),
            "InvalidArgument: 'Date' must be at midnight GMT",
        ),
        (
            move(days=1) + move(days=2),
            "InvalidRequest: 'StorageClass' must be different for 'Transition' actions in same"
            " 'Rule' with filter '(prefix=a/)'",
        ),
        (
            move(days=1) + move("DEEP_ARCHIVE", date="2030-01-01T00:00:00Z"),
            "InvalidRequest: Found mixed 'Date' and 'Days' based Transition actions in lifecycle"
            " rule for filter '(prefix=a/)'",
        ),
        *(
            (
                transition + expiration,
                "InvalidRequest: Found mixed 'Date' and 'Days' based Expiration and Transition"
                " actions in lifecycle rule for filter '(prefix=a/)'",
            )
            for transition, expiration in (
                (move(days=1), "<Expiration><Date>2030-01-01T00:00:00Z</Date></Expiration>"),
                (move(date="2030-01-01T00:00:00Z"), "<Expiration><Days>1</Days></Expiration>"),
            )
        ),
        (
            move(days=10) + "<Expiration><Days>10</Days></Expiration>",
            "InvalidArgument: 'Days' in the Expiration action for filter '(prefix=a/)' must be"
            " greater than 'Days' in the Transition action",
        ),
        (
            move_noncurrent(days=10) + "<NoncurrentVersionExpiration><NoncurrentDays>5"
            "</NoncurrentDays></NoncurrentVersionExpiration>",
            "InvalidArgument: 'NoncurrentDays' in the NoncurrentVersionExpiration action for filter"
            " '(prefix=a/)' must be greater than 'NoncurrentDays' in the"
            " NoncurrentVersionTransition action",
        ),
        (
            move_noncurrent("STANDARD_IA", 29),
            "InvalidArgument: 'NoncurrentDays' in NoncurrentVersionTransition action must be"
            " greater than or equal to 30 for storageClass 'STANDARD_IA'",
        ),
        (
            move_noncurrent(days=-1),
            "InvalidArgument: 'NoncurrentDays' in NoncurrentVersionTransition action must be"
            " nonnegative",
        ),
        (
            move_noncurrent(more="<NewerNoncurrentVersions>0</NewerNoncurrentVersions>"),
            "InvalidArgument: 'NewerNoncurrentVersions' for NoncurrentVersionTransition action must"
            " be a positive integer",
        ),
        (
            move_noncurrent() + move_noncurrent(),
            "InvalidRequest: 'StorageClass' must be different for 'NoncurrentVersionTransition'"
            " actions in same 'Rule' with filter '(prefix=a/)'",
        ),
    ],
)
def test_transitions_that_are_refused(actions: str, refusal: str) -> None:
    assert refusal == judge(actions)


@pytest.mark.parametrize(
    "actions",
    [
        move(),
        move(days=1, date="2030-01-01T00:00:00Z"),
        move("STANDARD", 1),
        move("ATTIC", 1),
        "<Transition><Days>1</Days></Transition>",
        move_noncurrent(days=None),
        "<NoncurrentVersionTransition><NoncurrentDays>1</NoncurrentDays>"
        "</NoncurrentVersionTransition>",
    ],
)
def test_what_is_no_transition_is_malformed(actions: str) -> None:
    assert judge(actions).startswith(MALFORMED)
