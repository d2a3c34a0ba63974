from ferrox.operations.configurations import Configurations
from ferrox.protocol.shape import Shape, element
from ferrox.records import BucketRecord


class Colours(Shape, stored_as="colours"):
    first: str | None = element("First", default=None)


class Sizes(Shape, stored_as="sizes"):
    first: str | None = element("First", default=None)


def bucket(number: int) -> BucketRecord:
    return BucketRecord(number, f"bucket-{number}", "owner", "us-east-1", 0)


def test_a_document_is_made_a_shape_once() -> None:
    configurations = Configurations()
    document = {"First": "red"}

    first = configurations.shaped(bucket(1), Colours, document)
    again = configurations.shaped(bucket(1), Colours, document)

    assert Colours(first="red") == first
    assert first is again


def test_a_document_that_was_replaced_is_made_a_shape_anew() -> None:
    configurations = Configurations()
    configurations.shaped(bucket(1), Colours, {"First": "red"})

    changed = configurations.shaped(bucket(1), Colours, {"First": "blue"})

    assert Colours(first="blue") == changed


def test_buckets_and_shapes_are_kept_apart() -> None:
    configurations = Configurations()

    made = [
        configurations.shaped(bucket(number), shape, {"First": f"{number}"})
        for number in (1, 2)
        for shape in (Colours, Sizes)
    ]

    assert [Colours(first="1"), Sizes(first="1"), Colours(first="2"), Sizes(first="2")] == made


def test_only_the_shapes_asked_for_last_are_kept() -> None:
    configurations = Configurations(limit=2)
    documents = [{"First": f"{number}"} for number in range(3)]
    first = configurations.shaped(bucket(0), Colours, documents[0])
    second = configurations.shaped(bucket(1), Colours, documents[1])
    configurations.shaped(bucket(0), Colours, documents[0])

    configurations.shaped(bucket(2), Colours, documents[2])

    assert first is configurations.shaped(bucket(0), Colours, documents[0])
    assert second is not configurations.shaped(bucket(1), Colours, documents[1])
