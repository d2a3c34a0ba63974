import pytest

from ferrox.protocol.documents import tagging
from ferrox.protocol.shapes.tagging import Tagging
from tests.protocol.documents.reading import read, verdict

MALFORMED = "MalformedXML: "


def judge(*tags: tuple[str, str]) -> str:
    content = "".join(f"<Tag><Key>{key}</Key><Value>{value}</Value></Tag>" for key, value in tags)
    return document(f"<TagSet>{content}</TagSet>")


def document(content: str) -> str:
    return verdict(lambda: tagging.check(read(Tagging, "Tagging", content)))


def test_fifty_tags_of_any_language_are_accepted() -> None:
    assert judge(*((f"schlüssel {n}", f"wert +-=._:/@ {n}") for n in range(50))) == ""
    assert judge(("k" * 128, "v" * 256), ("empty", "")) == ""
    assert judge() == ""


@pytest.mark.parametrize(
    ("tags", "refusal"),
    [
        ([(f"{n}", "v") for n in range(51)], "BadRequest: Bucket tag count cannot be greater"),
        ([("a", "1"), ("a", "2")], "InvalidTag: Cannot provide multiple Tags with the same key"),
        ([("aws:a", "1")], "InvalidTag: System tags cannot be added/updated by requester"),
        ([("", "1")], "InvalidTag: The TagKey you have provided is invalid"),
        ([("k" * 129, "1")], "InvalidTag: The TagKey you have provided is invalid"),
        ([("a!", "1")], "InvalidTag: The TagKey you have provided is invalid"),
        ([("a", "v" * 257)], "InvalidTag: The TagValue you have provided is invalid"),
        ([("a", "b;c")], "InvalidTag: The TagValue you have provided is invalid"),
    ],
)
def test_other_tags_are_refused(tags: list[tuple[str, str]], refusal: str) -> None:
    assert judge(*tags).startswith(refusal)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "<TagSet><Tag><Key>a</Key></Tag></TagSet>",
        "<TagSet><Tag><Value>a</Value></Tag></TagSet>",
        "<TagSet><Tag><Key>a</Key><Key>b</Key><Value>c</Value></Tag></TagSet>",
        "<TagSet/><Colour/>",
        "<TagSet><Label/></TagSet>",
    ],
)
def test_what_is_no_set_of_tags_is_malformed(content: str) -> None:
    assert document(content).startswith(MALFORMED)
