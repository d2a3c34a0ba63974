import pytest

from ferrox.protocol.shape import Shape, element, header, path, payload, prefixed, query
from ferrox.protocol.shapes.objects import GetObjectInput


class Inner(Shape):
    name: str = element("Name")
    size: int | None = element("Size", default=None)


class Group(Shape):
    owner: str | None = header("X-Owner", default=None)
    secret: str | None = header("X-Secret", default=None, sensitive=True)


class Outer(Group, root="Outer"):
    bucket: str = path("Bucket")
    items: list[Inner] = element("Item", default_factory=list, flattened=True)
    metadata: dict[str, str] = prefixed("x-meta-", default_factory=dict)
    version_id: str | None = query("versionId", default=None)


def test_a_default_holds_until_a_value_is_given() -> None:
    shape = Outer(bucket="b")

    assert shape.version_id is None
    assert [] == shape.items
    assert {} == shape.metadata


def test_two_instances_never_share_a_list() -> None:
    Outer(bucket="b").items.append(Inner(name="a"))

    assert [] == Outer(bucket="b").items


def test_a_required_field_must_be_given() -> None:
    with pytest.raises(TypeError, match="bucket"):
        Outer()  # type: ignore[call-arg]  # what is tested


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(TypeError, match="color"):
        Outer(bucket="b", color="red")  # type: ignore[call-arg]  # what is tested


def test_a_field_must_say_where_it_is() -> None:
    with pytest.raises(TypeError, match="size"):

        class Unfinished(Shape):
            size: int


def test_fields_can_be_assigned() -> None:
    shape = Outer(bucket="b")

    shape.version_id = "v"

    assert Outer(bucket="b", version_id="v") == shape


def test_shapes_are_equal_when_their_fields_are() -> None:
    assert Outer(bucket="b") == Outer(bucket="b", version_id=None)
    assert Outer(bucket="b") != Outer(bucket="c")
    assert Outer(bucket="b") != Inner(name="b")


def test_own_fields_come_before_inherited_ones() -> None:
    order = ["bucket", "items", "metadata", "version_id", "owner", "secret"]

    assert order == list(Outer.plan.fields)


def test_a_class_knows_where_its_fields_are() -> None:
    plan = Outer.plan

    assert "Outer" == plan.root
    assert {"x-owner", "x-secret"} == plan.headers.keys()
    assert {"versionId"} == plan.queries.keys()
    assert ["items"] == [field.name for field in plan.elements]
    assert {"bucket"} == plan.required
    assert plan.prefixed is plan.fields["metadata"]
    assert Inner is plan.fields["items"].type
    assert plan.fields["items"].is_list


def test_a_partial_shape_waits_for_its_payload() -> None:
    class Waiting(Shape):
        document: Inner = payload("Document")

    shape = Waiting.partial({})
    shape.document = Inner(name="n")

    assert Waiting(document=Inner(name="n")) == shape


def test_a_customer_key_is_never_shown() -> None:
    shape = GetObjectInput(bucket="b", key="k", sse_customer_key="c2VjcmV0")

    assert "c2VjcmV0" not in repr(shape)
    assert "bucket='b'" in repr(shape)
