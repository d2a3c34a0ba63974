"""What AWS's SDK and the signer of these tests sign is accepted, and refused once it is changed."""

from ferrox.errors import S3Error
from ferrox.protocol.message import Request
from tests import signing
from tests.auth import oracle
from tests.fuzz.target import Target, check_refusal, clean_text, pieces_of

_VERIFIER = oracle.verifier()
_METHODS = ("GET", "PUT", "POST", "DELETE", "HEAD")
_OF_SIGNATURES = ("x-amz-", "signature", "awsaccesskeyid")


def check(data: bytes) -> None:
    """Sign a request of words of the input, change one thing of it, and verify both."""
    choices, *words = pieces_of(data, 5)
    key, name, value, header = map(clean_text, words)
    choice, change, at = (*choices, 0, 0, 0)[:3]
    if name.lower().startswith(_OF_SIGNATURES):
        return
    header = " ".join(one for one in header.split() if one.isprintable()) or "word"
    request = _signed(choice, key, {name: value} if name else {}, {"x-amz-meta-word": header})
    verified = _VERIFIER.verify(request)
    assert verified.principal == oracle.OWNER
    _change(request, change, at)
    try:
        _VERIFIER.verify(request)
    except S3Error as error:
        check_refusal(error)
    else:
        raise AssertionError("what was changed on its way was accepted")


def _signed(choice: int, key: str, query: dict[str, str], headers: dict[str, str]) -> Request:
    method = _METHODS[choice % len(_METHODS)]
    match choice // len(_METHODS) % 3:
        case 0:
            return oracle.presigned(method, oracle.target(key, query), headers)
        case 1:
            return oracle.signed(method, oracle.target(key, query), headers)
        case _:
            path, query_string = signing.quoted_path(f"/bucket/{key}"), signing.query_string(query)
            now = oracle.AT_MS
            headers = {"host": oracle.HOST} | headers
            sent = signing.sign(method, path, query_string, headers, "UNSIGNED-PAYLOAD", now)
            return Request(method, path, query_string, sent)


def _change(request: Request, change: int, at: int) -> None:
    """Change one thing that is signed, or add what would have to be."""
    match change % 7:
        case 0:
            request.method = next(one for one in _METHODS if one != request.method)
        case 1:
            cut = 1 + at % len(request.path)
            request.path = f"{request.path[:cut]}x{request.path[cut:]}"
        case 2:
            request.query_string += "&added=1" if request.query_string else "added=1"
            request.__dict__.pop("query", None)
        case 3:
            request.headers["x-amz-meta-word"] += "x"
        case 4:
            request.headers["host"] = f"x{oracle.HOST}"
        case 5:
            request.headers["x-amz-acl"] = "public-read"
        case _:
            _break_signature(request, at)


def _break_signature(request: Request, at: int) -> None:
    """Change one digit of the signature."""
    authorization = request.headers.get("authorization")
    text = authorization or request.query_string
    begin = text.index("Signature=") + len("Signature=") + at % 64
    digit = f"{int(text[begin], 16) ^ 1:x}"
    changed = text[:begin] + digit + text[begin + 1 :]
    if authorization:
        request.headers["authorization"] = changed
    else:
        request.query_string = changed
        request.__dict__.pop("query", None)


TARGET = Target(
    check,
    seeds=tuple(
        bytes([signer * len(_METHODS) + method, change, at])
        + b"\0a b/c%2F+\xc3\xa9//../~\0prefix\0x/y z&=+\0value of a  header"
        for signer, method, change, at in zip(
            (0, 1, 2, 0, 1, 2, 0, 1, 2, 0), range(5), range(7), (0, 9, 63, 70), strict=False
        )
    ),
    words=(b"\0", b"%2F", b"//", b"..", b"+", b"~", b"&", b"=", b"\xc3\xa9", b" "),
    max_bytes=512,
)
