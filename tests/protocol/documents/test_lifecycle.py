import pytest

from ferrox.protocol.documents import lifecycle
from ferrox.protocol.shapes.lifecycle import BucketLifecycleConfiguration
from tests.protocol.documents.reading import read, verdict

EXPIRE = "<Expiration><Days>1</Days></Expiration>"
ABORT = (
    "<AbortIncompleteMultipartUpload><DaysAfterInitiation>{}</DaysAfterInitiation>"
    "</AbortIncompleteMultipartUpload>"
)
MARKER = "<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>"
NONCURRENT = "<NoncurrentVersionExpiration>{}</NoncurrentVersionExpiration>"
TAG = "<Tag><Key>{}</Key><Value>{}</Value></Tag>"
MALFORMED = "MalformedXML: The XML you provided was not well-formed or did not validate"


def rule(
    actions: str = EXPIRE, scope: str = "<Filter/>", name: str = "", status: str = "Enabled"
) -> str:
    named = f"<ID>{name}</ID>" if name else ""
    return f"<Rule>{named}{scope}<Status>{status}</Status>{actions}</Rule>"


def judge(*rules: str) -> str:
    return verdict(
        lambda: lifecycle.check(
            read(BucketLifecycleConfiguration, "LifecycleConfiguration", "".join(rules))
        )
    )


def filtered(content: str) -> str:
    return judge(rule(scope=f"<Filter>{content}</Filter>"))


@pytest.mark.parametrize(
    "text",
    [
        rule(),
        rule(status="Disabled", name="i" * 255),
        rule("<Expiration><Date>2030-01-01T00:00:00Z</Date></Expiration>"),
        rule("<Expiration><Date>2030-01-01T01:00:00+01:00</Date></Expiration>"),
        rule(MARKER, "<Filter><Prefix>a/</Prefix></Filter>"),
        rule(ABORT.format(7), "<Prefix/>"),
        rule(NONCURRENT.format("<NoncurrentDays>1</NoncurrentDays>"), "<Prefix>a</Prefix>"),
        rule(
            NONCURRENT.format(
                "<NewerNoncurrentVersions>100</NewerNoncurrentVersions>"
                "<NoncurrentDays>1</NoncurrentDays>"
            )
        ),
    ],
)
def test_rules_that_are_accepted(text: str) -> None:
    assert judge(text) == ""


@pytest.mark.parametrize(
    "content",
    [
        "<Prefix></Prefix>",
        TAG.format("k", ""),
        "<ObjectSizeGreaterThan>0</ObjectSizeGreaterThan>",
        "<ObjectSizeLessThan>1</ObjectSizeLessThan>",
        f"<And><Prefix/>{TAG.format('k', 'v')}</And>",
        f"<And>{TAG.format('k', 'v')}{TAG.format('l', 'v')}</And>",
        "<And><ObjectSizeGreaterThan>1</ObjectSizeGreaterThan>"
        "<ObjectSizeLessThan>2</ObjectSizeLessThan></And>",
    ],
)
def test_filters_that_are_accepted(content: str) -> None:
    assert filtered(content) == ""


def test_a_thousand_rules_are_accepted_and_no_more() -> None:
    assert judge(*[rule()] * 1000) == ""
    assert judge(*[rule()] * 1001).startswith("InvalidRequest: The number of lifecycle rules")


@pytest.mark.parametrize(
    ("rules", "refusal"),
    [
        ([rule(name="i" * 256)], "InvalidArgument: ID length should not exceed allowed limit"),
        (
            [rule(name="a"), rule(name="a")],
            "InvalidArgument: Rule ID must be unique. Found same ID for more than one rule",
        ),
        ([rule("")], "InvalidRequest: At least one action needs to be specified in a rule"),
        (
            [rule(scope="<Prefix>a</Prefix>"), rule()],
            "InvalidRequest: Filter element can only be used in Lifecycle V2.",
        ),
        (
            [rule(), rule(scope="<Prefix>a</Prefix>")],
            "InvalidRequest: Base level prefix cannot be used in Lifecycle V2",
        ),
        (
            [rule(scope="<Prefix>b</Prefix>"), rule(scope="<Prefix/>")],
            "InvalidRequest: Found overlapping prefixes '' and 'b' for same action type"
            " 'Expiration'",
        ),
        (
            [rule(scope=f"<Filter><Prefix>{'é' * 513}</Prefix></Filter>")],
            "InvalidRequest: The maximum size of a prefix is 1024.",
        ),
    ],
)
def test_rules_that_are_refused(rules: list[str], refusal: str) -> None:
    assert judge(*rules).startswith(refusal)


def test_prefixes_of_their_own_may_overlap_in_different_actions() -> None:
    assert judge(rule(scope="<Prefix/>"), rule(ABORT.format(1), "<Prefix>a</Prefix>")) == ""


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (
            f"<And>{TAG.format('k', 'v')}{TAG.format('k', 'w')}</And>",
            "InvalidRequest: Duplicate Tag Keys are not allowed.",
        ),
        (TAG.format("", "v"), "InvalidRequest: A Tag's Key must be a length between 1 and 128."),
        (
            TAG.format("k", "v" * 257),
            "InvalidRequest: A Tag's Value must be a length between 0 and 256.",
        ),
        (
            "<ObjectSizeLessThan>0</ObjectSizeLessThan>",
            "InvalidRequest: 'ObjectSizeLessThan' should be between 1 and 1099511627776000.",
        ),
        (
            "<ObjectSizeGreaterThan>-1</ObjectSizeGreaterThan>",
            "InvalidRequest: 'ObjectSizeGreaterThan' should be between 0 and 1099511627776000.",
        ),
        (
            "<And><ObjectSizeGreaterThan>5</ObjectSizeGreaterThan>"
            "<ObjectSizeLessThan>5</ObjectSizeLessThan></And>",
            "InvalidRequest: 'ObjectSizeLessThan' has to be a value greater than"
            " 'ObjectSizeGreaterThan'.",
        ),
        ("<And><Prefix>a</Prefix></And>", MALFORMED),
        (f"<Prefix>a</Prefix>{TAG.format('k', 'v')}", MALFORMED),
        (f"<Prefix>a</Prefix><And><Prefix>a</Prefix>{TAG.format('k', 'v')}</And>", MALFORMED),
        ("<Suffix>a</Suffix>", MALFORMED),
    ],
)
def test_filters_that_are_refused(content: str, refusal: str) -> None:
    assert filtered(content).startswith(refusal)


@pytest.mark.parametrize(
    ("actions", "refusal"),
    [
        (
            "<Expiration><Days>0</Days></Expiration>",
            "InvalidArgument: 'Days' for Expiration action must be a positive integer",
        ),
        (
            "<Expiration><Date>2030-01-01T00:00:01Z</Date></Expiration>",
            "InvalidArgument: 'Date' must be at midnight GMT",
        ),
        (
            NONCURRENT.format("<NoncurrentDays>0</NoncurrentDays>"),
            "InvalidArgument: 'NoncurrentDays' for NoncurrentVersionExpiration action must be a"
            " positive integer",
        ),
        *(
            (
                NONCURRENT.format(
                    "<NoncurrentDays>1</NoncurrentDays>"
                    f"<NewerNoncurrentVersions>{count}</NewerNoncurrentVersions>"
                ),
                "InvalidArgument: 'NewerNoncurrentVersions' for NoncurrentVersionExpiration action",
            )
            for count in (0, 101)
        ),
        (
            ABORT.format(0),
            "InvalidArgument: 'DaysAfterInitiation' for AbortIncompleteMultipartUpload action must"
            " be a positive integer",
        ),
        ("<Expiration/>", MALFORMED),
        ("<Expiration><Days>1</Days><Date>2030-01-01T00:00:00Z</Date></Expiration>", MALFORMED),
        (MARKER.replace("<Expiration>", "<Expiration><Days>1</Days>"), MALFORMED),
        ("<Expiration><Date>Fri, 01 Jan 2016 00:00:00 GMT</Date></Expiration>", MALFORMED),
        (NONCURRENT.format(""), MALFORMED),
        ("<AbortIncompleteMultipartUpload/>", MALFORMED),
        ("<Explosion/>", MALFORMED),
    ],
)
def test_actions_that_are_refused(actions: str, refusal: str) -> None:
    assert judge(rule(actions)).startswith(refusal)


@pytest.mark.parametrize("action", [MARKER, ABORT.format(1)])
def test_what_has_neither_tags_nor_size_is_not_filtered_by_them(action: str) -> None:
    name = "ExpiredObjectDeleteMarker" if action == MARKER else "AbortIncompleteMultipartUpload"
    tag = f"<And><Prefix/>{TAG.format('k', 'v')}</And>"
    size = "<ObjectSizeLessThan>9</ObjectSizeLessThan>"

    answers = [judge(rule(action, f"<Filter>{scope}</Filter>")) for scope in (tag, size)]

    assert [
        f"InvalidRequest: {name} cannot be specified with Tags.",
        f"InvalidRequest: {name} cannot be specified with Object Size.",
    ] == answers


def test_versions_are_counted_in_rules_with_a_filter_only() -> None:
    text = NONCURRENT.format(
        "<NoncurrentDays>1</NoncurrentDays><NewerNoncurrentVersions>1</NewerNoncurrentVersions>"
    )

    assert judge(rule(text, "<Prefix/>")) == (
        "InvalidRequest: NewerNoncurrentVersions element can only be used in Lifecycle V2."
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        rule(scope=""),
        rule(scope="<Prefix/><Filter/>"),
        rule(status="enabled"),
        f"<Rule><Filter/>{EXPIRE}</Rule>",
    ],
)
def test_what_is_no_rule_is_malformed(text: str) -> None:
    assert judge(text).startswith(MALFORMED)


def test_which_objects_are_too_small_for_a_transition() -> None:
    assert "all_storage_classes_128K" == lifecycle.minimum_size(None)
    assert "varies_by_storage_class" == lifecycle.minimum_size("varies_by_storage_class")
    assert "InvalidRequest: Invalid TransitionDefaultMinimumObjectSize found: tiny" == verdict(
        lifecycle.minimum_size, "tiny"
    )


def test_the_prefix_of_a_rule_is_found_wherever_it_stands() -> None:
    scopes = [
        "<Filter><Prefix>a</Prefix></Filter>",
        f"<Filter><And><Prefix>a</Prefix>{TAG.format('k', 'v')}</And></Filter>",
        "<Filter/>",
        "<Prefix>a</Prefix>",
    ]
    rules = [
        read(BucketLifecycleConfiguration, "LifecycleConfiguration", rule(scope=scope)).rules[0]
        for scope in scopes
    ]

    assert ["a", "a", "", "a"] == [lifecycle.prefix_of(one) for one in rules]
