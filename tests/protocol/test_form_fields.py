"""protocol/form_fields.py: what the fields of a form mean."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from ferrox.errors import InvalidArgument, InvalidTag, MalformedXML, UserKeyMustBeSpecified
from ferrox.protocol import form_fields
from ferrox.protocol.tagging import parse_tagging_header

TAG = "<Tag><Key>{}</Key><Value>{}</Value></Tag>"


def tagging(*pairs: tuple[str, str]) -> str:
    tags = "".join(TAG.format(*pair) for pair in pairs)
    return f"<Tagging><TagSet>{tags}</TagSet></Tagging>"


@pytest.mark.parametrize(
    ("value", "file_name", "expected"),
    [
        ("a/b.txt", "cat.png", "a/b.txt"),
        ("user/${filename}", "cat.png", "user/cat.png"),
        ("user/${filename}", "", "user/"),
        ("user/${filename}", None, "user/${filename}"),
        ("${filename}/${filename}", "é", "é/é"),
        ("${FILENAME}", "cat.png", "${FILENAME}"),
    ],
)
@pytest.mark.parametrize("name", ["key", "x-amz-meta-name", "content-disposition"])
def test_every_field_may_leave_a_place_for_the_name_of_the_file(
    name: str, value: str, file_name: str | None, expected: str
) -> None:
    assert form_fields.expanded({name: value}, file_name) == {name: expected}


def test_a_form_without_key_is_told_so_in_the_words_of_aws() -> None:
    with pytest.raises(InvalidArgument) as refusal:
        form_fields.key_of({})

    assert refusal.value.message == (
        "Bucket POST must contain a field named 'key'.  "
        "If it is specified, please check the order of the fields."
    )
    assert refusal.value.details["ArgumentName"] == "key"


def test_a_key_of_no_characters_is_refused() -> None:
    with pytest.raises(UserKeyMustBeSpecified):
        form_fields.key_of({"key": ""})


def test_fields_are_the_headers_of_a_put() -> None:
    fields = {
        "content-type": "image/png",
        "content-md5": "1B2M2Y8AsgTpgAmY7PhCfg==",
        "cache-control": "no-cache",
        "if-none-match": "*",
        "x-amz-meta-note": "one\ntwo",
        "x-amz-storage-class": "STANDARD_IA",
        "x-amz-checksum-crc32": "AAAAAA==",
        "x-amz-server-side-encryption": "AES256",
    }

    assert fields == form_fields.headers_of(fields)


def test_what_is_no_header_of_a_put_is_none() -> None:
    fields = dict.fromkeys(
        [
            *("key", "policy", "signature", "awsaccesskeyid", "submit", "host", "content-length"),
            *("x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature"),
            *("x-amz-security-token", "success_action_status", "transfer-encoding", "x-ignore-me"),
        ],
        "1",
    )

    assert form_fields.headers_of(fields) == {}


def test_the_list_of_the_form_is_the_header_of_that_name() -> None:
    headers = form_fields.headers_of({"acl": "public-read", "x-amz-acl": "private"})

    assert headers == {"x-amz-acl": "public-read"}


def test_tags_are_a_document_in_a_form() -> None:
    pairs = [("a b", "1+2=3"), ("é", "")]

    header = form_fields.headers_of({"tagging": tagging(*pairs)})["x-amz-tagging"]

    assert dict(pairs) == parse_tagging_header(header)


@pytest.mark.parametrize(
    ("document", "refusal"),
    [
        ("", MalformedXML),
        ("<Tagging>", MalformedXML),
        ("<Tags/>", MalformedXML),
        ("<Tagging/>", MalformedXML),
        (tagging(("a", "1"), ("a", "2")), InvalidTag),
        (tagging(("aws:a", "1")), InvalidTag),
    ],
)
def test_tags_that_are_none_are_refused(document: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        form_fields.headers_of({"tagging": document})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("content-type", "text/html\r\nset-cookie: a=b"),
        ("content-disposition", "a\nb"),
        ("x-amz-website-redirect-location", "/a\x00"),
        ("x-amz-meta-a: b", "c"),
        ("x-amz-meta-a\nb", "c"),
        ("x-amz-meta-é", "c"),
        ("x-amz- ", "c"),
    ],
)
def test_what_would_break_out_of_a_header_is_refused(name: str, value: str) -> None:
    with pytest.raises(InvalidArgument) as refusal:
        form_fields.headers_of({name: value})

    assert name == refusal.value.details["ArgumentName"]


@pytest.mark.parametrize(
    ("asked", "status"),
    [("200", 200), ("201", 201), ("204", 204), ("404", 204), ("", 204), ("abc", 204), (None, 204)],
)
def test_a_form_may_choose_between_three_answers(asked: str | None, status: int) -> None:
    fields = {} if asked is None else {"success_action_status": asked}

    assert status == form_fields.status_of(fields)


@pytest.mark.parametrize("name", ["success_action_redirect", "redirect"])
def test_a_redirect_tells_what_was_stored(name: str) -> None:
    url = form_fields.redirect_of({name: "https://example.com/done?a=1#x"}, "b", "d/é &", "e")

    assert url is not None
    parts = urlsplit(url)
    assert url.startswith("https://example.com/done?a=1&bucket=b&key=d%2F%C3%A9+%26&etag=%22e%22")
    assert [("a", "1"), ("bucket", "b"), ("key", "d/é &"), ("etag", '"e"')] == parse_qsl(
        parts.query
    )
    assert parts.fragment == "x"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/done",
        "done",
        "javascript:alert(1)",
        "ftp://example.com/",
        "http://",
        "http://[::1",
        "http://example.com/\r\nset-cookie: a=b",
        "http://example.com/ü",
        " http://example.com/",
    ],
)
def test_a_redirect_to_what_is_no_address_is_ignored(url: str) -> None:
    assert form_fields.redirect_of({"success_action_redirect": url}, "b", "k", "e") is None


def test_the_document_of_201_is_in_no_namespace() -> None:
    document = form_fields.created("http://h/b/k", "b", "k<", "e")

    assert document.endswith(
        b"<PostResponse><Location>http://h/b/k</Location><Bucket>b</Bucket><Key>k&lt;</Key>"
        b"<ETag>&quot;e&quot;</ETag></PostResponse>"
    )
