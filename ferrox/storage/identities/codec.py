"""Records of identities ↔ the plain documents that are stored.

A document has the fields of its record by name. What a document lacks has its default, so that
fields can be added; what a record does not know is left out.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from ferrox.identity import KeyStatus, PolicyRecord, PolicyVersion, UserRecord
from ferrox.storage.identities.names import Record
from ferrox.storage.settings import Document

R = TypeVar("R", bound=Record)


def document_of(record: Record) -> Document:
    """A record as it is stored. The keys of a user are not: they name their user."""
    document: Document = record._asdict()
    if isinstance(record, UserRecord):
        del document["keys"]
    if isinstance(record, PolicyRecord):
        document["versions"] = [version._asdict() for version in record.versions]
    return document


def record_of(kind: type[R], document: Document) -> R:
    """The record that was stored."""
    return kind(
        **{
            field: _READ.get(field, _same)(document[field])
            for field in kind._fields
            if field in document
        }
    )


def _same(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _versions(documents: list[Document]) -> tuple[PolicyVersion, ...]:
    return tuple(PolicyVersion(**document) for document in documents)


_READ: dict[str, Callable[[Any], Any]] = {"status": KeyStatus, "versions": _versions}
"""How fields are read that are more than text, numbers and lists of them."""
