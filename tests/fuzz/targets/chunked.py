"""The aws-chunked framing: alike at any cuts, and nothing but what was signed comes out."""

import hashlib
import zlib

from ferrox.auth.chunks import ChunkChain
from ferrox.auth.sigv4 import Claim, SigningKey
from ferrox.errors import S3Error
from ferrox.protocol.chunked import Decoder
from tests import signing
from tests.fuzz.target import Target, check_refusal, cut

_SCOPE = f"20130524/{signing.REGION}/s3/aws4_request"
_CLAIM = Claim(signing.ACCESS_KEY, "20130524T000000Z", _SCOPE, "host", "5eed", "")
_KEY = SigningKey(signing.SECRET_KEY, _SCOPE)
_TRAILER = "x-amz-checksum-crc32"
Outcome = tuple[bytes, dict[str, str]] | str


class _Credulous:
    """Believes most signatures, whichever they are: what matters is what they are said to cover."""

    def has_signed(self, string_to_sign: str, signature: str) -> bool:
        return zlib.crc32(f"{string_to_sign}{signature}".encode()) % 16 != 0


def check(data: bytes) -> None:
    """By its first byte, read an input as a body, or frame, sign and harm it."""
    kind, length, body = (*data[:2], 0, 0)[0], (*data[:2], 0, 0)[1], data[2:]
    if kind & 8:
        _check_signed(body, length, has_trailer=bool(kind & 2))
        return
    whole = _decoded([body], length, kind)
    assert whole == _decoded([body[at : at + 1] for at in range(len(body))], length, kind)
    assert whole == _decoded(cut(body), length, kind)
    if not isinstance(whole, str):
        assert len(whole[0]) == length
        assert set(whole[1]) == ({_TRAILER} if kind & 2 else set())


def _decoded(pieces: list[bytes], length: int, kind: int) -> Outcome:
    """What comes out, or the code of the refusal."""
    seal = ChunkChain(_CLAIM, _Credulous()) if kind & 1 else None
    names = frozenset({_TRAILER} if kind & 2 else ())
    return _run(Decoder(length, seal=seal, trailer_names=names), pieces)


def _run(decoder: Decoder, pieces: list[bytes]) -> Outcome:
    try:
        content = b"".join(part for piece in pieces for part in decoder.feed(piece))
        decoder.finish()
    except S3Error as error:
        check_refusal(error)
        return error.code
    return content, decoder.trailers


def _check_signed(content: bytes, harm: int, *, has_trailer: bool) -> None:
    """Whatever becomes of one byte of what is framed and signed: no other content is accepted."""
    framed = _framed(cut(content), has_trailer=has_trailer)
    names = frozenset({_TRAILER} if has_trailer else ())

    def read(wire: bytes) -> Outcome:
        chain = ChunkChain(_CLAIM, _KEY)
        return _run(Decoder(len(content), seal=chain, trailer_names=names), cut(wire))

    right = content, ({_TRAILER: "AAAAAA=="} if has_trailer else {})
    assert right == read(framed)
    for number in range(4):
        at = zlib.crc32(content, number) % len(framed)
        harmed = framed[:at] + bytes([framed[at] ^ (harm or 1)]) + framed[at + 1 :]
        for wire in (harmed, framed[:at]):
            outcome = read(wire)
            assert isinstance(outcome, str) or outcome == right


def _framed(pieces: list[bytes], *, has_trailer: bool) -> bytes:
    """The body that a client makes of content."""
    previous, framed = _CLAIM.signature, b""
    head = f"AWS4-HMAC-SHA256-PAYLOAD\n{_CLAIM.timestamp}\n{_SCOPE}"
    nothing = hashlib.sha256().hexdigest()
    for piece in [*filter(None, pieces), b""]:
        to_sign = f"{head}\n{previous}\n{nothing}\n{hashlib.sha256(piece).hexdigest()}"
        previous = signing.signature(to_sign, signing.SECRET_KEY, _SCOPE)
        framed += b"%x;chunk-signature=%b\r\n" % (len(piece), previous.encode())
        framed += piece + b"\r\n" if piece else b""
    if not has_trailer:
        return framed + b"\r\n"
    trailer = f"{_TRAILER}:AAAAAA=="
    digest = hashlib.sha256(f"{trailer}\n".encode()).hexdigest()
    to_sign = f"AWS4-HMAC-SHA256-TRAILER\n{_CLAIM.timestamp}\n{_SCOPE}\n{previous}\n{digest}"
    signature = signing.signature(to_sign, signing.SECRET_KEY, _SCOPE)
    return framed + f"{trailer}\r\nx-amz-trailer-signature:{signature}\r\n\r\n".encode()


TARGET = Target(
    check,
    seeds=(
        b"\0\x055\r\nhello\r\n0\r\n\r\n",
        b"\0\0000\r\n\r\n",
        b"\x02\x055\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n",
        b"\x01\x052;chunk-signature=aa\r\nhe\r\n3;chunk-signature=bb**\r\nllo\r\n"
        b"0;chunk-signature=cc\r\n\r\n",
        b"\x03\x055;chunk-signature=a\r\nhello\r\n0;chunk-signature=b\r\n"
        b"x-amz-checksum-crc32:AAAAAA==\nx-amz-trailer-signature:c\r\n\r\n",
        b"\x08\x01content that is signed",
        b"\x0a\x80content that is signed, and its trailer",
    ),
    words=(
        *(b";chunk-signature=", b"\r\n", b"0\r\n", b"x-amz-trailer-signature:", b"\n", b"*", b"00"),
        *(b"x-amz-checksum-crc32:", b"ffffffffffff", b"+1", b"0x1", b"-0"),
    ),
)
