"""Upload forms of browsers: taken apart at any cuts alike, and what their fields then mean."""

from ferrox.errors import S3Error
from ferrox.protocol import form_fields
from ferrox.protocol.form import PREAMBLE_LIMIT_BYTES, FormDecoder, boundary_of
from tests import forms
from tests.auth import oracle
from tests.fuzz.target import Target, check_refusal, cut, wire_text

_VERIFIER = oracle.verifier()
Outcome = tuple[dict[str, str], str | None, bytes] | str


def check(data: bytes) -> None:
    """Read `content type LF body` whole, byte by byte and at cuts; then ask who made the form."""
    raw_type, _, body = data.partition(b"\n")
    try:
        boundary = boundary_of(wire_text(raw_type))
    except S3Error as error:
        check_refusal(error)
        return
    whole = _decoded(boundary, [body])
    assert whole == _decoded(boundary, [body[at : at + 1] for at in range(len(body))])
    assert whole == _decoded(boundary, cut(body))
    if not isinstance(whole, str):
        _use(*whole[:2])


def _decoded(boundary: str, pieces: list[bytes]) -> Outcome:
    """What comes out, or the code of the refusal."""
    decoder = FormDecoder(boundary)
    try:
        content = b"".join([decoder.feed(piece) for piece in pieces])
        decoder.finish()
    except S3Error as error:
        check_refusal(error)
        return error.code
    assert sum(map(len, decoder.fields.values())) <= PREAMBLE_LIMIT_BYTES
    return decoder.fields, decoder.file_name, content


def _use(sent: dict[str, str], file_name: str | None) -> None:
    fields = form_fields.expanded(sent, file_name)
    try:
        key = form_fields.key_of(fields)
        headers = form_fields.headers_of(fields)
        grant = _VERIFIER.verify_form({**fields, "bucket": "bucket"})
    except S3Error as error:
        check_refusal(error)
        return
    control = set(map(chr, [*range(9), *range(10, 32), 127]))
    for name, value in headers.items():
        assert name.startswith("x-amz-meta-") or not control & set(value) or name == "x-amz-acl"
        assert not control & set(name)
    assert grant.principal.is_anonymous or grant.principal == oracle.OWNER
    assert form_fields.status_of(fields) in {200, 201, 204}
    location = form_fields.redirect_of(fields, "bucket", key, "etag")
    assert location is None or (location.isascii() and location.isprintable())


def _form(fields: dict[str, str]) -> bytes:
    return forms.CONTENT_TYPE.encode() + b"\n" + forms.form(fields)


TARGET = Target(
    check,
    seeds=(
        _form({"key": "${filename}", "success_action_status": "201", "x-ignore-me": "a"}),
        _form(forms.version_2({"key": "a", "acl": "private"}, oracle.AT_MS)),
        _form(forms.version_4({"key": "é", "x-amz-meta-a": "b"}, oracle.AT_MS)),
        _form(
            {"key": "k", "tagging": "<Tagging><TagSet></TagSet></Tagging>", "redirect": "http://h"}
        ),
        b'multipart/form-data; boundary="a b"\n--a b\r\n\r\n\r\n--a b--',
    ),
    words=(
        *(b"multipart/form-data; boundary=b\n", b"\r\n--", b"--\r\n", b"\r\n\r\n", b"filename*="),
        *(b'Content-Disposition: form-data; name="', b'"; filename="', b"file", b"key", b"policy"),
        *(b"x-amz-signature", b"success_action_redirect", b"tagging", b"acl", b"\\"),
    ),
)
