from contextlib import suppress
from xml.parsers import expat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrox.errors import MalformedXML
from ferrox.protocol import xml

LEGAL_TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
    | st.sampled_from("\t\n\r")
)
"""What XML 1.0 can carry at all."""

BILLION_LAUGHS = b"""<?xml version="1.0"?>
<!DOCTYPE Delete [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><Delete><Key>&c;</Key></Delete>"""


def test_elements_become_dicts_and_text_stays_text() -> None:
    document = b"<Delete><Quiet>true</Quiet><Object><Key>a</Key></Object></Delete>"

    assert {"Quiet": "true", "Object": {"Key": "a"}} == xml.parse(document, "Delete")


def test_repeated_elements_become_a_list() -> None:
    document = b"<Delete><Key>a</Key><Key/><Key>c</Key></Delete>"

    assert {"Key": ["a", "", "c"]} == xml.parse(document, "Delete")


def test_white_space_belongs_to_the_text_but_not_to_the_structure() -> None:
    document = b'<Delete>\n  <Key> a </Key>\n  <Key xml:space="preserve">  </Key>\n</Delete>\n'

    assert {"Key": [" a ", "  "]} == xml.parse(document, "Delete")


@pytest.mark.parametrize(
    "document",
    [
        b'<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Key>a</Key></Delete>',
        b'<s3:Delete xmlns:s3="http://s3.amazonaws.com/doc/2006-03-01/"><s3:Key>a</s3:Key></s3:Delete>',
        b'<?xml version="1.0" encoding="UTF-8"?>\n<Delete><Key>a</Key></Delete>',
        b"\xef\xbb\xbf<Delete><Key>a</Key></Delete>",
        b'<Delete><!-- note --><Key size="1">a</Key><?pi?></Delete>',
        b"<Delete><Key><![CDATA[a]]></Key></Delete>",
        b"<Delete><Key>&#97;</Key></Delete>",
        '<?xml version="1.0" encoding="UTF-16"?><Delete><Key>a</Key></Delete>'.encode("utf-16"),
    ],
)
def test_the_same_document_in_other_clothes(document: bytes) -> None:
    assert {"Key": "a"} == xml.parse(document, "Delete")


def test_the_type_of_a_grantee_is_kept() -> None:
    document = b"""<Grant xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
        <Grantee xsi:type="CanonicalUser" other="x"><ID>a</ID></Grantee></Grant>"""

    assert {"Grantee": {xml.XSI_TYPE: "CanonicalUser", "ID": "a"}} == xml.parse(document, "Grant")


@pytest.mark.parametrize("document", [b"<Delete/>", b"<Delete></Delete>", b"<Delete>\n</Delete>"])
def test_an_empty_root_is_an_empty_document(document: bytes) -> None:
    assert {} == xml.parse(document, "Delete")


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"   ",
        b"not XML",
        b"<Delete>",
        b"<Delete></Remove>",
        b"<Remove/>",
        b"<delete/>",
        b"<Delete/><Delete/>",
        b"<Delete>text</Delete>",
        b"<Delete><Key>\xff</Key></Delete>",
        b"<Delete><Key>\x01</Key></Delete>",
        b"<Delete><Key>&#1;</Key></Delete>",
        b"<Delete><Key>&nbsp;</Key></Delete>",
        b"<Delete><a:Key b:c=''/><Key></Delete>",
        "<Delete><Key>é</Key></Delete>".encode("latin-1"),
        b'<?xml version="1.0" encoding="nope"?><Delete/>',
        b'<?xml version="1.0" encoding="big5"?><Delete/>',
        b'<?xml version="1.0" encoding="utf-7"?><Delete/>',
        b'<?xml version="1.0" encoding="cp037"?><Delete/>',
        '<?xml version="1.0" encoding="UTF-8"?><Delete/>'.encode("utf-16"),
        "<Delete/>".encode("utf-32"),
        b"\x00<Delete/>",
        b"<Delete/>\x00",
    ],
)
def test_what_is_not_well_formed_is_refused(document: bytes) -> None:
    with pytest.raises(MalformedXML):
        xml.parse(document, "Delete")


@pytest.mark.parametrize(
    "document",
    [
        BILLION_LAUGHS,
        b"<!DOCTYPE Delete><Delete/>",
        b'<!DOCTYPE Delete SYSTEM "file:///etc/passwd"><Delete/>',
        b'<!DOCTYPE Delete PUBLIC "x" "http://127.0.0.1/x.dtd"><Delete/>',
        b'<!DOCTYPE Delete [<!ENTITY a SYSTEM "file:///etc/passwd">]><Delete><Key>&a;</Key></Delete>',
        b'<!DOCTYPE Delete [<!ENTITY % a SYSTEM "http://127.0.0.1/"> %a;]><Delete/>',
        '<!DOCTYPE Delete [<!ENTITY a "b">]><Delete/>'.encode("utf-16"),
    ],
)
def test_a_document_type_is_refused_whatever_it_declares(document: bytes) -> None:
    with pytest.raises(MalformedXML):
        xml.parse(document, "Delete")


def test_depth_is_capped() -> None:
    def nested(levels: int) -> bytes:
        return b"<a>" * levels + b"x" + b"</a>" * levels

    xml.parse(nested(xml.MAX_DEPTH), "a")
    with pytest.raises(MalformedXML):
        xml.parse(nested(xml.MAX_DEPTH + 1), "a")


@pytest.mark.parametrize(
    "document",
    [
        b"<a>" * 500_000 + b"</a>" * 500_000,
        b"<a>" + b"<b/>" * 500_000 + b"</a>",
        b"<a>" + b" " * xml.MAX_DOCUMENT_BYTES + b"</a>",
    ],
)
def test_a_huge_document_is_refused_before_it_is_read(
    document: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xmltodict.parse", lambda *_args, **_options: pytest.fail("was read"))

    with pytest.raises(MalformedXML):
        xml.parse(document, "a")


def test_the_cap_on_size_can_be_lowered() -> None:
    with pytest.raises(MalformedXML):
        xml.parse(b"<Delete/>", "Delete", max_bytes=8)


def test_completing_ten_thousand_parts_is_within_the_caps() -> None:
    part = b"<Part><ETag>a</ETag>" + b"<ChecksumCRC32>b</ChecksumCRC32>" * 7 + b"</Part>"

    parts = xml.parse(b"<C>" + part * 10_000 + b"</C>", "C")["Part"]

    assert len(parts) == 10_000


def test_markup_is_escaped() -> None:
    assert "&lt;a href=&quot;b&quot;&gt; &amp; &#xd;&#xa;" == xml.escape('<a href="b"> & \r\n')


def test_what_xml_cannot_carry_becomes_a_reference_all_the_same() -> None:
    assert "a&#x0;b&#x1f;&#xffff;" == xml.escape("a\x00b\x1f\uffff")


def test_text_that_is_no_unicode_does_not_break_a_document() -> None:
    assert b"<a>?</a>" in xml.document("a", "\udcff", namespace="")


def test_a_document_begins_as_those_of_aws() -> None:
    expected = (
        b'<?xml version="1.0" encoding="UTF-8"?>\n'
        b'<A xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><B>c</B></A>'
    )

    assert expected == xml.document("A", "<B>c</B>")


@given(LEGAL_TEXT)
def test_any_legal_text_survives_writing_and_reading(text: str) -> None:
    document = xml.document("Delete", f"<Key>{xml.escape(text)}</Key>")

    assert {"Key": text} == xml.parse(document, "Delete")


@given(st.text())
def test_escaped_text_never_holds_markup(text: str) -> None:
    escaped = xml.escape(text)

    assert not set('<>"\r\n\x00') & set(escaped)


@given(st.binary(max_size=200))
def test_random_bytes_are_read_or_refused(data: bytes) -> None:
    with suppress(MalformedXML):
        assert isinstance(xml.parse(b"<a>" + data + b"</a>", "a"), dict)


@given(LEGAL_TEXT)
def test_the_reader_agrees_with_expat(text: str) -> None:
    """xmltodict must not lose, strip or join anything on the way."""
    document = xml.document("a", f"<b>{xml.escape(text)}</b>")
    pieces: list[str] = []
    parser = expat.ParserCreate()
    parser.CharacterDataHandler = pieces.append
    parser.Parse(document, True)

    assert xml.parse(document, "a")["b"] == "".join(pieces)


def test_children_come_in_the_order_of_the_document() -> None:
    data = b'<R xmlns="http://x/"><A><K> a </K></A><x:B>1</x:B><A/><C>2</C></R>'

    read = xml.parse_in_order(data, "R")

    assert [("A", {"K": " a "}), ("B", "1"), ("A", ""), ("C", "2")] == read
    assert [] == xml.parse_in_order(b"<R/>", "R")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<R><A></R>",
        b"<Other><A>1</A></Other>",
        b"<Other/>",
        b'<!DOCTYPE R [<!ENTITY e "x">]><R><A>&e;</A></R>',
        b"<R><A>" + b"<b>" * 20 + b"</b>" * 20 + b"</A></R>",
        b"<R>" + b"<A/>" * 200_001 + b"</R>",
    ],
)
def test_what_is_refused_of_documents_is_refused_of_their_children(data: bytes) -> None:
    with pytest.raises(MalformedXML):
        xml.parse_in_order(data, "R")
