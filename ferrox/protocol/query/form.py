"""A form-encoded body or query → parameters, and their dotted names → a tree.

https://docs.aws.amazon.com/IAM/latest/APIReference/ and botocore's query serializer show the names:
`Tags.member.1.Key=a` is the Key in the first of the Tags. A name with an empty piece is no name.
"""

from urllib.parse import unquote_to_bytes

from ferrox.iam_errors import MalformedQueryString

MAX_BODY_BYTES = 1024 * 1024
"""Room for two policies of the greatest length with every character escaped."""
MAX_PARAMETERS = 5_000
MAX_DEPTH = 16
"""No name of IAM or STS has more than nine pieces."""

OWN = ""
"""Where a node of the tree keeps the value that is given to its own name."""

Tree = dict[str, "str | Tree"]


def parse(encoded: str) -> dict[str, str]:
    """The parameters of a form; of a repeated name the first value counts."""
    pieces = [piece for piece in encoded.split("&") if piece]
    if len(pieces) > MAX_PARAMETERS:
        raise MalformedQueryString
    parameters: dict[str, str] = {}
    for piece in pieces:
        name, _, value = piece.partition("=")
        parameters.setdefault(_decoded(name), _decoded(value))
    return parameters


def tree(parameters: dict[str, str]) -> Tree:
    """Parameters as nested structures."""
    root: Tree = {}
    for name, value in parameters.items():
        pieces = name.split(".")
        if len(pieces) <= MAX_DEPTH and all(pieces):
            node = root
            for piece in pieces:
                child = node.setdefault(piece, {})
                assert isinstance(child, dict)  # noqa: S101 - only OWN, which is no piece, is text
                node = child
            node[OWN] = value
    return root


def _decoded(raw: str) -> str:
    try:
        return unquote_to_bytes(raw.replace("+", " ").encode("utf-8", "surrogateescape")).decode()
    except UnicodeDecodeError:
        raise MalformedQueryString from None
