"""What values may be, and the words in which AWS refuses what they may not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrox.iam_errors import MalformedInput, ValidationError
from ferrox.protocol.iam.groups import ListGroupsInput
from ferrox.protocol.iam.operations import OPERATIONS
from ferrox.protocol.iam.policies import CreatePolicyVersionInput, ListPoliciesInput
from ferrox.protocol.iam.users import CreateUserInput, TagUserInput, UntagUserInput
from ferrox.protocol.query import decode
from ferrox.protocol.query.operation import AnyQueryOperation
from ferrox.protocol.shape import Limit, Shape, member
from ferrox.protocol.sts.credentials import AssumeRoleWithWebIdentityInput

ARN = "arn:aws:iam::123456789012:policy/p"


def refusal(shape: type[Shape], **parameters: str) -> str:
    """The words of the ValidationError."""
    with pytest.raises(ValidationError) as caught:
        decode.structure(shape, parameters)
    return caught.value.message


def test_what_is_missing_is_null() -> None:
    assert (
        "1 validation error detected: Value null at 'userName' failed to satisfy constraint: "
        "Member must not be null"
    ) == refusal(CreateUserInput)


def test_everything_that_is_wrong_is_told_at_once() -> None:
    parameters = {"Tags.member.1.Key": "", "UserName": "a" * 65}

    message = refusal(CreateUserInput, **parameters)

    assert (
        "4 validation errors detected: "
        f"Value '{'a' * 65}' at 'userName' failed to satisfy constraint: "
        "Member must have length less than or equal to 64; "
        "Value '' at 'tags.1.member.key' failed to satisfy constraint: "
        "Member must have length greater than or equal to 1; "
        "Value '' at 'tags.1.member.key' failed to satisfy constraint: "
        r"Member must satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+; "
        "Value null at 'tags.1.member.value' failed to satisfy constraint: Member must not be null"
    ) == message


@pytest.mark.parametrize("name", ["a b", "a/b", "é", "a\n"])
def test_a_name_with_other_characters_is_refused_in_words(name: str) -> None:
    assert (
        "The specified value for userName is invalid. "
        "It must contain only alphanumeric characters and/or the following: +=,.@_-"
    ) == refusal(CreateUserInput, UserName=name)


@pytest.mark.parametrize("path", ["a", "/a", "a/", "//a b/"])
def test_a_path_has_slashes_at_both_ends(path: str) -> None:
    assert (
        "The specified value for path is invalid. It must begin and end with / and contain only "
        "alphanumeric characters and/or / characters."
    ) == refusal(CreateUserInput, UserName="a", Path=path)


@pytest.mark.parametrize(
    ("value", "constraint"),
    [
        ("0", "Member must have value greater than or equal to 1"),
        ("1001", "Member must have value less than or equal to 1000"),
        ("-1", "Member must have value greater than or equal to 1"),
    ],
)
def test_a_number_out_of_its_range_is_refused(value: str, constraint: str) -> None:
    assert (
        f"1 validation error detected: Value '{value}' at 'maxItems' failed to satisfy constraint: "
        f"{constraint}"
    ) == refusal(ListGroupsInput, MaxItems=value)


def test_a_text_that_must_be_one_of_some_is_refused_with_these() -> None:
    assert (
        "1 validation error detected: Value 'Mine' at 'scope' failed to satisfy constraint: "
        "Member must satisfy enum value set: [All, AWS, Local]"
    ) == refusal(ListPoliciesInput, Scope="Mine")


def test_a_list_that_is_too_long_is_refused() -> None:
    keys = {f"TagKeys.member.{n}": f"k{n}" for n in range(51)}

    assert (
        "1 validation error detected: Value at 'tagKeys' failed to satisfy constraint: "
        "Member must have length less than or equal to 50"
    ) == refusal(UntagUserInput, UserName="a", **keys)


def test_long_and_secret_values_are_not_repeated() -> None:
    arn = {"RoleArn": "arn:aws:iam::123456789012:role/r", "RoleSessionName": "ab"}

    too_long = refusal(CreatePolicyVersionInput, PolicyArn=ARN, PolicyDocument="x" * 131_073)
    secret = refusal(AssumeRoleWithWebIdentityInput, **arn, WebIdentityToken="abc")

    assert (
        "1 validation error detected: Value at 'policyDocument' failed to satisfy constraint: "
        "Member must have length less than or equal to 131072"
    ) == too_long
    assert "abc" not in secret


@pytest.mark.parametrize("value", ["", "many", "1_000", "+1", "\u0661", "9" * 11])
def test_what_is_no_number_is_malformed(value: str) -> None:
    with pytest.raises(MalformedInput):
        decode.structure(ListGroupsInput, {"MaxItems": value})


@pytest.mark.parametrize(("text", "expected"), [("true", True), ("FALSE", False)])
def test_booleans_are_words(text: str, expected: bool) -> None:
    args = decode.structure(ListPoliciesInput, {"OnlyAttached": text})

    assert expected is args.only_attached
    with pytest.raises(MalformedInput):
        decode.structure(ListPoliciesInput, {"OnlyAttached": "1"})


def test_items_come_in_the_order_of_their_numbers() -> None:
    args = decode.structure(
        UntagUserInput,
        {
            "UserName": "a",
            "TagKeys.member.10": "third",
            "TagKeys.member.2": "second",
            "TagKeys.member.1": "first",
            "TagKeys.member.x": "none",
            "TagKeys.member.": "none",
            "TagKeys.other.1": "none",
        },
    )

    assert ["first", "second", "third"] == args.tag_keys


def test_a_list_may_be_empty() -> None:
    """botocore sends the bare name of it."""
    assert [] == decode.structure(TagUserInput, {"UserName": "a", "Tags": ""}).tags


def test_parameters_that_nobody_knows_are_ignored() -> None:
    args = decode.structure(CreateUserInput, {"UserName": "a", "UserName.x": "b", "Color": "red"})

    assert CreateUserInput(user_name="a") == args


def test_a_tag_may_have_letters_of_any_script() -> None:
    args = decode.structure(
        CreateUserInput,
        {"UserName": "a", "Tags.member.1.Key": "größe 大", "Tags.member.1.Value": ""},
    )

    assert args.tags
    assert [("größe 大", "")] == [(tag.key, tag.value) for tag in args.tags]


def test_a_pattern_is_for_the_whole_text() -> None:
    class Shaped(Shape):
        word: str = member(Limit(pattern="[ab]+"))

    assert "ab" == decode.structure(Shaped, {"Word": "ab"}).word
    assert "pattern: [ab]+" in refusal(Shaped, Word="abc")


NAMES = st.lists(
    st.sampled_from(
        [
            "UserName",
            "Tags",
            "member",
            "Key",
            "Value",
            "1",
            "2",
            "10",
            "",
            "TagKeys",
            "é",
            "MaxItems",
            "PolicyExclusionList",
            "InlinePolicyIdentifier",
            "ActionNames",
        ]
    ),
    min_size=1,
    max_size=6,
).map(".".join)


@given(
    st.sampled_from(list(OPERATIONS.values())),
    st.dictionaries(NAMES, st.text(max_size=12), max_size=8),
)
def test_whatever_comes_is_read_or_refused(
    operation: AnyQueryOperation, parameters: dict[str, str]
) -> None:
    try:
        args = decode.structure(operation.input, parameters)
    except (ValidationError, MalformedInput):
        return

    assert args.plan.required <= args.__dict__.keys()
