import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrox.iam_errors import MalformedQueryString
from ferrox.protocol.query import form


def test_parameters_are_decoded() -> None:
    parameters = form.parse("Action=GetUser&UserName=a%2Bb+c%C3%A9&Empty=&&Bare")

    assert {"Action": "GetUser", "UserName": "a+b cé", "Empty": "", "Bare": ""} == parameters


def test_of_a_repeated_name_the_first_value_counts() -> None:
    assert {"a": "1"} == form.parse("a=1&a=2")


@pytest.mark.parametrize(
    "encoded", ["a=%ff", "%c3=1", "&".join(f"a{n}=" for n in range(form.MAX_PARAMETERS + 1))]
)
def test_what_is_no_form_is_refused(encoded: str) -> None:
    with pytest.raises(MalformedQueryString):
        form.parse(encoded)


def test_dotted_names_make_a_tree() -> None:
    tree = form.tree({"A.member.1.Key": "k", "A.member.1.Value": "v", "A": "own", "B": "b"})

    assert {
        "A": {"": "own", "member": {"1": {"Key": {"": "k"}, "Value": {"": "v"}}}},
        "B": {"": "b"},
    } == tree


@pytest.mark.parametrize("name", ["", ".", "A.", "..", ".A", "A..B", ".".join("abcdefghijklmnopq")])
def test_names_that_are_none_are_ignored(name: str) -> None:
    assert {} == form.tree({name: "x"})


@given(st.dictionaries(st.text("AB.1", max_size=12), st.text(max_size=5)))
def test_a_tree_can_be_made_of_any_names(parameters: dict[str, str]) -> None:
    tree = form.tree(parameters)

    for name, value in parameters.items():
        node: form.Tree | str = tree
        pieces = name.split(".")
        if all(pieces):
            for piece in (*pieces, form.OWN):
                assert isinstance(node, dict)
                node = node[piece]
            assert value == node
