"""Shape: what an operation takes and gives, declared field by field with where each is on the wire.

A shape is a class body of annotated fields with markers:

    class GetObjectInput(Shape):
        bucket: str = path("Bucket")
        range: str | None = header("Range", default=None)

Fields are named as botocore names them (ETag → e_tag). The annotation gives the type: str, int,
bool, list[X], a nested Shape, dict[str, str] for a family of headers. Instants are int,
milliseconds since the epoch; `timestamp` says how they are written. ETags carry no quotes.

Each class is analysed once, when it is defined, into a `Plan` that decode and encode walk. A
default is a class attribute, so that an instance holds only what was given; a field without
default is required. Shapes with the same group of fields inherit it; their own fields come first,
which matters for the order of elements.
"""

from collections.abc import Callable, Iterable
from enum import Enum, auto
from inspect import get_annotations
from types import NoneType, UnionType
from typing import (
    Any,
    ClassVar,
    Literal,
    NamedTuple,
    TypeVar,
    dataclass_transform,
    get_args,
    get_origin,
)

Timestamp = Literal["http", "iso8601", "seconds"]
"""HTTP dates; ISO 8601 with the fraction that S3 writes; ISO 8601 without it, as IAM does."""


class Limit(NamedTuple):
    """What a member of the query protocol may be.

    least, most  of an integer its value, of a text its length
    pattern      what the whole of a text matches
    one_of       all that a text may say; () if it may say anything
    explained    how AWS says in words what the pattern means, where it does
    """

    least: int | None = None
    most: int | None = None
    pattern: str = ""
    one_of: tuple[str, ...] = ()
    explained: str = ""


ANYTHING = Limit()


class Location(Enum):
    """Where on the wire a field is."""

    PATH = auto()
    QUERY = auto()
    HEADER = auto()
    PREFIXED = auto()
    ELEMENT = auto()
    ATTRIBUTE = auto()
    PAYLOAD = auto()
    STATUS = auto()


class _Missing(Enum):
    MISSING = auto()


MISSING = _Missing.MISSING


class Field:
    """One member of a shape; what the markers below return.

    type       str, int, bool, dict, bytes (a raw body) or the nested Shape; of a list, its items'
    item       wire name of the items of a list that is not flattened
    is_text    nothing has to be done to it, or to its items: most fields
    between    least and greatest value of an integer
    one_of     all that an element of text may say; () if it may say anything
    is_quoted  an ETag has its quotes on the wire; in one document it has not
    limit      what a member of the query protocol, or each item of it, may be
    at_most    items that a list of the query protocol may have; None: any number
    is_escaped text is percent-encoded in documents, as IAM shows policies
    """

    __slots__ = (
        "at_most", "between", "default", "factory", "flattened", "is_escaped", "is_list",
        "is_quoted", "is_text", "item", "limit", "location", "name", "one_of", "sensitive",
        "timestamp", "type", "wire",
    )  # fmt: skip

    def __init__(
        self,
        location: Location,
        wire: str,
        *,
        default: Any = MISSING,
        factory: Callable[[], Any] | None = None,
        timestamp: Timestamp | None = None,
        between: tuple[int, int] | None = None,
        flattened: bool = False,
        item: str = "",
        sensitive: bool = False,
        one_of: tuple[str, ...] = (),
        is_quoted: bool = True,
        limit: Limit = ANYTHING,
        at_most: int | None = None,
        is_escaped: bool = False,
    ) -> None:
        self.location = location
        self.wire = wire
        self.default = default
        self.factory = factory
        self.timestamp = timestamp
        self.between = between
        self.flattened = flattened
        self.item = item
        self.sensitive = sensitive
        self.one_of = one_of
        self.is_quoted = is_quoted
        self.limit = limit
        self.at_most = at_most
        self.is_escaped = is_escaped
        self.name = ""
        self.type: type = str
        self.is_list = False
        self.is_text = True

    @property
    def is_required(self) -> bool:
        """Whether a shape cannot be without it."""
        return self.default is MISSING and self.factory is None

    @property
    def is_etag(self) -> bool:
        """Whether the wire has quotes around it which the shape does not."""
        return self.wire == "ETag" and self.is_quoted

    def bind(self, name: str, annotation: Any) -> None:
        """Take name and type from the class body."""
        self.name = name
        if self.location is Location.ELEMENT and not self.wire:
            self.wire = "".join(word.capitalize() for word in name.split("_"))
        if isinstance(annotation, UnionType):
            annotation = next(kind for kind in get_args(annotation) if kind is not NoneType)
        origin = get_origin(annotation)
        self.is_list = origin is list
        self.type = get_args(annotation)[0] if self.is_list else origin or annotation
        in_header = self.is_list and self.location is Location.HEADER
        self.is_text = self.type is str and not in_header and not self.is_escaped


def path(wire: str) -> Any:
    """A part of the address: Bucket or Key."""
    return Field(Location.PATH, wire)


def query(wire: str, *, default: Any = MISSING, between: tuple[int, int] | None = None) -> Any:
    """A query parameter."""
    return Field(Location.QUERY, wire, default=default, between=between)


def header(
    wire: str,
    *,
    default: Any = MISSING,
    timestamp: Timestamp | None = None,
    sensitive: bool = False,
) -> Any:
    """A header. A sensitive one is never shown by repr()."""
    return Field(
        Location.HEADER, wire, default=default, timestamp=timestamp, sensitive=sensitive
    )  # fmt: skip


def prefixed(wire: str, *, default_factory: Callable[[], dict[str, str]]) -> Any:
    """All headers whose names begin with `wire`, as a dict under the rest of their names."""
    return Field(Location.PREFIXED, wire, factory=default_factory)


def element(
    wire: str,
    *,
    default: Any = MISSING,
    default_factory: Callable[[], Any] | None = None,
    timestamp: Timestamp | None = None,
    flattened: bool = False,
    item: str = "",
    sensitive: bool = False,
    one_of: tuple[str, ...] = (),
    is_quoted: bool = True,
) -> Any:
    """An XML element. A list is flattened (`wire` repeated) or wrapped (`item`s in one `wire`)."""
    return Field(
        Location.ELEMENT, wire, default=default, factory=default_factory, timestamp=timestamp,
        flattened=flattened, item=item, sensitive=sensitive, one_of=one_of,
        is_quoted=is_quoted,
    )  # fmt: skip


def member(
    limit: Limit = ANYTHING,
    *,
    wire: str = "",
    default: Any = MISSING,
    timestamp: Timestamp | None = None,
    sensitive: bool = False,
    at_most: int | None = None,
    is_escaped: bool = False,
) -> Any:
    """A member of a structure of the query protocol, called as its field: user_name is UserName.

    A list of them has its items in elements called `member`.
    """
    return Field(
        Location.ELEMENT, wire, default=default, timestamp=timestamp, item="member",
        sensitive=sensitive, limit=limit, at_most=at_most, is_escaped=is_escaped,
    )  # fmt: skip


def attribute(wire: str, *, one_of: tuple[str, ...] = ()) -> Any:
    """The one attribute that S3 knows: xsi:type, which says what an element is."""
    return Field(Location.ATTRIBUTE, wire, one_of=one_of)


def payload(wire: str = "", *, default: Any = MISSING) -> Any:
    """The whole body: an XML document with the root `wire`, or the raw bytes when it is empty."""
    return Field(Location.PAYLOAD, wire, default=default)


def status(*, default: Any = MISSING) -> Any:
    """The status of the answer, where it is not always the same."""
    return Field(Location.STATUS, "", default=default)


class Plan:
    """What decode and encode need to know of one class, worked out once."""

    __slots__ = (
        "attribute", "elements", "factories", "fields", "headers", "paths", "payload", "prefixed",
        "queries", "required", "root", "status",
    )  # fmt: skip

    def __init__(self, fields: Iterable[Field], root: str) -> None:
        self.root = root
        self.fields = {field.name: field for field in fields}
        self.required = frozenset(f.name for f in self.fields.values() if f.is_required)
        self.factories = tuple((f.name, f.factory) for f in self.fields.values() if f.factory)
        self.paths = self._at(Location.PATH)
        self.elements = self._at(Location.ELEMENT)
        self.attribute = next(iter(self._at(Location.ATTRIBUTE)), None)
        self.queries = {field.wire: field for field in self._at(Location.QUERY)}
        self.headers = {field.wire.lower(): field for field in self._at(Location.HEADER)}
        self.prefixed = next(iter(self._at(Location.PREFIXED)), None)
        self.payload = next(iter(self._at(Location.PAYLOAD)), None)
        self.status = next(iter(self._at(Location.STATUS)), None)

    def _at(self, location: Location) -> tuple[Field, ...]:
        return tuple(field for field in self.fields.values() if field.location is location)


S = TypeVar("S", bound="Shape")


@dataclass_transform(
    kw_only_default=True,
    field_specifiers=(path, query, header, prefixed, element, member, attribute, payload, status),
)
class Shape:
    """Base of all shapes. `root` names the document of an output whose fields are elements.

    `stored_as` is the name under which a bucket keeps its document of this shape, if it keeps any.
    A document with elements that a strict shape does not know is malformed; one that is stored is
    strict. `namespace` is that of an output's document where it is not the one of S3.
    """

    plan: ClassVar[Plan] = Plan((), "")
    stored_as: ClassVar[str] = ""
    is_strict: ClassVar[bool] = False
    namespace: ClassVar[str] = ""

    def __init_subclass__(
        cls, root: str = "", stored_as: str = "", *, is_strict: bool = False, namespace: str = ""
    ) -> None:
        cls.stored_as = stored_as
        cls.namespace = namespace
        cls.is_strict = is_strict or bool(stored_as)
        fields: dict[str, Field] = {}
        for name, annotation in get_annotations(cls).items():
            marker = cls.__dict__.get(name)
            if not isinstance(marker, Field):
                raise TypeError(f"{cls.__name__}.{name} does not say where it is on the wire")
            marker.bind(name, annotation)
            fields[name] = marker
            if marker.default is MISSING:
                delattr(cls, name)
            else:
                setattr(cls, name, marker.default)
        for base in cls.__mro__[1:]:
            if issubclass(base, Shape):
                for name, field in base.plan.fields.items():
                    fields.setdefault(name, field)
        cls.plan = Plan(fields.values(), root)

    def __init__(self, **values: Any) -> None:
        plan = self.plan
        if not plan.fields.keys() >= values.keys():
            raise TypeError(f"{type(self).__name__} has no {values.keys() - plan.fields.keys()}")
        if not values.keys() >= plan.required:
            raise TypeError(f"{type(self).__name__} needs {plan.required - values.keys()}")
        self._fill(values)

    @classmethod
    def partial(cls: type[S], values: dict[str, Any]) -> S:
        """An instance that may still lack required fields; decode adds the payload later."""
        shape = cls.__new__(cls)
        shape._fill(values)
        return shape

    def _fill(self, values: dict[str, Any]) -> None:
        self.__dict__.update(values)
        for name, factory in self.plan.factories:
            if name not in values:
                self.__dict__[name] = factory()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Shape) or type(self) is not type(other):
            return NotImplemented
        return all(
            getattr(self, name, MISSING) == getattr(other, name, MISSING)
            for name in self.plan.fields
        )

    __hash__ = None  # type: ignore[assignment]  # a mutable value

    def __repr__(self) -> str:
        fields = self.plan.fields
        shown = (
            f"{name}={'***' if fields[name].sensitive else repr(value)}"
            for name, value in self.__dict__.items()
        )
        return f"{type(self).__name__}({', '.join(shown)})"
