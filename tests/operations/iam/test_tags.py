import pytest

from ferrox.iam_errors import InvalidInput, LimitExceeded
from ferrox.operations.iam import tags
from ferrox.protocol.iam.groupings import Paged, Tag


def some(**values: str) -> list[Tag]:
    return [Tag(key=key, value=value) for key, value in values.items()]


def test_tags_are_read_and_shown() -> None:
    assert {"a": "1", "B": ""} == tags.read(some(a="1", B=""))
    assert some(a="1") == tags.shown({"a": "1"})
    assert {} == tags.read(None)


def test_a_key_twice_is_refused_however_it_is_capitalised() -> None:
    with pytest.raises(InvalidInput, match="Duplicate tag keys found"):
        tags.read(some(team="1", Team="2"))


def test_keys_of_aws_are_reserved() -> None:
    with pytest.raises(InvalidInput, match="aws: prefixed tag key names"):
        tags.read([Tag(key="AWS:x", value="")])


def test_there_are_fifty_at_most() -> None:
    fifty = {f"k{number}": "" for number in range(50)}

    assert 50 == len(tags.merged(fifty, some(K1="new")))
    with pytest.raises(LimitExceeded, match="The number of tags has reached the maximum limit"):
        tags.merged(fifty, some(k50=""))


def test_taking_away_what_is_not_there_does_no_harm() -> None:
    assert {"a": ""} == tags.without({"a": "", "B": ""}, ["b", "c"])


def test_tags_come_in_pages() -> None:
    page = tags.page({"b": "", "A": ""}, Paged(max_items=1))

    assert (["A"], True) == ([tag.key for tag in page.items], page.is_truncated)
