"""protocol/form.py: a browser's form, taken apart in pieces of any size."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrox.errors import (
    InvalidArgument,
    MalformedPOSTRequest,
    MaxPostPreDataLengthExceeded,
    PreconditionFailed,
)
from ferrox.protocol.form import PREAMBLE_LIMIT_BYTES, FormDecoder, boundary_of

BOUNDARY = "----WebKitFormBoundary7MA4YWxkTrZu0gW"
DATA = b"one\r\n--two\r\n------WebKitFormBoundary but not quite\r\n" + bytes(range(256))
FIELDS = {
    "key": "photos/${filename}",
    "Content-Type": "image/png",
    "empty": "",
    "x-amz-meta-é": "ü",
}


def part(disposition: str, value: bytes, *more: str) -> bytes:
    lines = "\r\n".join([f"--{BOUNDARY}", f"Content-Disposition: {disposition}", *more])
    return lines.encode() + b"\r\n\r\n" + value + b"\r\n"


def field(name: str, value: str) -> bytes:
    return part(f'form-data; name="{name}"', value.encode())


def file(data: bytes = DATA, name: str = "cat.png") -> bytes:
    return part(f'form-data; name="file"; filename="{name}"', data, "Content-Type: image/png")


END = f"--{BOUNDARY}--\r\n".encode()
FORM = b"".join(field(name, value) for name, value in FIELDS.items()) + file() + END


def decoded(pieces: Sequence[bytes]) -> tuple[FormDecoder, bytes]:
    """The decoder after all of it, and the bytes of the file."""
    decoder = FormDecoder(BOUNDARY)
    data = b"".join([decoder.feed(piece) for piece in pieces])
    decoder.finish()
    return decoder, data


def cut(data: bytes, places: Sequence[int]) -> list[bytes]:
    ends = [*sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def test_a_form_is_its_fields_and_its_file() -> None:
    decoder, data = decoded([FORM])

    assert {name.lower(): value for name, value in FIELDS.items()} == decoder.fields
    assert "cat.png" == decoder.file_name
    assert data == DATA


def test_a_form_is_the_same_byte_by_byte() -> None:
    decoder, data = decoded([FORM[at : at + 1] for at in range(len(FORM))])

    assert {name.lower(): value for name, value in FIELDS.items()} == decoder.fields
    assert data == DATA


@given(st.lists(st.integers(0, 5_000), max_size=12))
def test_a_form_is_the_same_wherever_it_is_cut(places: list[int]) -> None:
    decoder, data = decoded(cut(FORM, places))

    assert FIELDS["key"] == decoder.fields["key"]
    assert data == DATA


@given(st.binary(max_size=200), st.integers(1, 64))
def test_any_bytes_come_out_as_they_went_in(data: bytes, step: int) -> None:
    form = file(data) + END

    _, found = decoded([form[at : at + step] for at in range(0, len(form), step)])

    assert found == data


def test_all_fields_are_known_when_the_bytes_of_the_file_begin() -> None:
    decoder = FormDecoder(BOUNDARY)

    decoder.feed(FORM[: FORM.index(DATA)])

    assert decoder.has_file
    assert set(decoder.fields) == {name.lower() for name in FIELDS}


def test_what_follows_the_file_is_passed_over() -> None:
    decoder, data = decoded([file() + field("acl", "public-read") + file(b"second") + END])

    assert decoder.fields == {}
    assert data == DATA


def test_a_plain_field_may_carry_a_file_name() -> None:
    form = part('form-data; name="key"; filename="key"', b"a.txt") + file() + END

    decoder, _ = decoded([form])

    assert decoder.fields == {"key": "a.txt"}


def test_two_fields_of_one_name_are_one_with_a_comma_between_their_values() -> None:
    decoder, _ = decoded(
        [field("x-amz-meta-tag", "Ninja") + field("X-Amz-Meta-Tag", "") + file() + END]
    )

    assert decoder.fields == {"x-amz-meta-tag": "Ninja,"}


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("cat.png", "cat.png"),
        ("C:\\pictures\\cat.png", "cat.png"),
        ("/home/me/cat.png", "cat.png"),
        ('a \\"quoted\\" cat.png', 'a "quoted" cat.png'),
        ("", ""),
    ],
)
def test_of_a_path_only_the_last_component_is_the_name(sent: str, name: str) -> None:
    decoder, _ = decoded([file(name=sent) + END])

    assert name == decoder.file_name


def test_a_file_may_come_without_a_name() -> None:
    decoder, data = decoded([part('form-data; name="file"', DATA) + END])

    assert decoder.has_file
    assert decoder.file_name is None
    assert data == DATA


def test_a_name_that_is_not_utf8_is_taken_for_iso_8859_1() -> None:
    decoder, _ = decoded([file(name="NAME").replace(b"NAME", b"\xe9.png") + END])

    assert decoder.file_name == "é.png"


def test_a_preamble_and_an_epilogue_mean_nothing() -> None:
    _, data = decoded([b"hello\r\n" + file() + END + b"goodbye"])

    assert data == DATA


@pytest.mark.parametrize(
    "form",
    [
        b"",
        b"no boundary anywhere",
        FORM[: -len(END)],
        field("key", "a"),
        f"--{BOUNDARY}garbage\r\n\r\n".encode() + END,
        f"--{BOUNDARY}\r\n\r\nno headers\r\n".encode() + END,
        part("form-data", b"no name") + END,
        part('attachment; name="key"', b"no form-data") + END,
        part('form-data; name="key"', b"", "a line without a colon") + END,
    ],
)
def test_what_is_no_whole_form_is_refused(form: bytes) -> None:
    with pytest.raises(MalformedPOSTRequest):
        decoded([form])


def test_a_form_without_a_file_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="exactly one file upload") as refusal:
        decoded([field("key", "a") + END])

    assert refusal.value.details == {"ArgumentName": "file", "ArgumentValue": 0}


def test_fields_that_are_too_long_are_refused_before_their_end() -> None:
    decoder = FormDecoder(BOUNDARY)
    decoder.feed(field("key", "a")[:-2])
    decoder.feed(b"a" * (PREAMBLE_LIMIT_BYTES - 200))

    with pytest.raises(MaxPostPreDataLengthExceeded) as refusal:
        decoder.feed(b"a" * 200)
    assert refusal.value.details == {"MaxPostPreDataLengthBytes": 20_480}


def test_fields_that_are_too_long_are_refused_when_all_comes_at_once() -> None:
    form = field("key", "a" * PREAMBLE_LIMIT_BYTES) + file() + END

    with pytest.raises(MaxPostPreDataLengthExceeded):
        decoded([form])


def test_a_long_file_does_not_count_as_preamble() -> None:
    data = b"x" * (10 * PREAMBLE_LIMIT_BYTES)

    _, found = decoded([field("key", "a") + file(data) + END])

    assert found == data


def test_a_field_that_is_not_utf8_is_refused() -> None:
    with pytest.raises(InvalidArgument):
        decoded([part('form-data; name="key"', b"\xff") + file() + END])


@pytest.mark.parametrize(
    ("content_type", "boundary"),
    [
        (f"multipart/form-data; boundary={BOUNDARY}", BOUNDARY),
        ('Multipart/Form-Data; charset=utf-8; Boundary="a b"', "a b"),
    ],
)
def test_the_boundary_is_the_one_that_the_content_type_names(
    content_type: str, boundary: str
) -> None:
    assert boundary == boundary_of(content_type)


@pytest.mark.parametrize("content_type", ["", "application/x-www-form-urlencoded", "form-data"])
def test_what_is_no_form_is_refused(content_type: str) -> None:
    with pytest.raises(PreconditionFailed) as refusal:
        boundary_of(content_type)

    condition = "Bucket POST must be of the enclosure-type multipart/form-data"
    assert condition == refusal.value.details["Condition"]


@pytest.mark.parametrize("parameters", ["", "; boundary=", "; boundary=" + "a" * 71])
def test_a_form_without_a_boundary_is_refused(parameters: str) -> None:
    with pytest.raises(MalformedPOSTRequest):
        boundary_of(f"multipart/form-data{parameters}")
