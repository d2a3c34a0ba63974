"""What ListObjects and ListObjectsV2 answer on AWS, case by case.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjects.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
"""

import asyncio
from typing import Any

import pytest
import xmltodict

from tests.in_process import Answer, InProcess

VERSIONS = [pytest.param({}, id="v1"), pytest.param({"list-type": "2"}, id="v2")]
NOTHING: tuple[list[str], list[str]] = ([], [])


def many(value: Any) -> list[Any]:
    """A repeated element as a list, however often it occurs."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def shown(answer: Answer) -> tuple[list[str], list[str]]:
    """Keys and common prefixes of a page."""
    assert answer.status == 200, answer.body
    document = xmltodict.parse(answer.body, strip_whitespace=False)["ListBucketResult"]
    keys = [entry["Key"] for entry in many(document.get("Contents"))]
    return keys, [entry["Prefix"] for entry in many(document.get("CommonPrefixes"))]


async def fill(s3: InProcess, *keys: str) -> None:
    for key in keys:
        await s3.put(key)


async def ask(s3: InProcess, version: dict[str, str], **query: str) -> Answer:
    return await s3.ask(
        "GET", "/bucket", version | {name.replace("_", "-"): v for name, v in query.items()}
    )


@pytest.mark.parametrize("version", VERSIONS)
async def test_an_empty_bucket_lists_nothing(bucket: InProcess, version: dict[str, str]) -> None:
    answer = await ask(bucket, version)

    assert NOTHING == shown(answer)
    assert "false" == answer.document["IsTruncated"]
    assert "bucket" == answer.document["Name"]
    assert "1000" == answer.document["MaxKeys"]
    assert answer.document["Prefix"] is None  # there, and empty
    assert not {"Delimiter", "EncodingType", "NextMarker"} & answer.document.keys()


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("keys", "query", "expected"),
    [
        pytest.param(
            ["foo/bar", "foo/bar/xyzzy", "quux/thud", "asdf"], {"delimiter": "/"},
            (["asdf"], ["foo/", "quux/"]), id="basic",
        ),
        pytest.param(
            ["bar", "baz", "cab", "foo"], {"delimiter": "a"},
            (["foo"], ["ba", "ca"]), id="letter",
        ),
        pytest.param(
            ["b/a/c", "b/a/g", "b/a/r", "g"], {"delimiter": "a"},
            (["g"], ["b/a"]), id="once-in-each",
        ),
        pytest.param(
            ["b%ar", "b%az", "c%ab", "foo"], {"delimiter": "%"},
            (["foo"], ["b%", "c%"]), id="percent",
        ),
        pytest.param(
            ["b ar", "b az", "c ab", "foo"], {"delimiter": " "},
            (["foo"], ["b ", "c "]), id="space",
        ),
        pytest.param(
            ["b.ar", "b.az", "c.ab", "foo"], {"delimiter": "."},
            (["foo"], ["b.", "c."]), id="dot",
        ),
        pytest.param(
            ["a::b", "a:b", "c::d::e"], {"delimiter": "::"},
            (["a:b"], ["a::", "c::"]), id="several-characters",
        ),
        pytest.param(
            ["bar", "baz", "foo"], {"delimiter": ""},
            (["bar", "baz", "foo"], []), id="empty-delimiter",
        ),
        pytest.param(
            ["bar", "baz", "foo"], {"delimiter": "/"},
            (["bar", "baz", "foo"], []), id="delimiter-that-no-key-has",
        ),
        pytest.param(
            ["0/", "0/1", "2"], {"delimiter": "/"},
            (["2"], ["0/"]), id="key-that-is-a-prefix",
        ),
        pytest.param(
            ["/a", "/b", "c"], {"delimiter": "/"},
            (["c"], ["/"]), id="leading-delimiter",
        ),
        pytest.param(
            ["a//b", "a//c", "a/d"], {"delimiter": "/", "prefix": "a/"},
            (["a/d"], ["a//"]), id="doubled-delimiter",
        ),
        pytest.param(
            ["_bla/1", "_bla/2", "_bla/3", "_under1", "_under2"],
            {"delimiter": "/", "prefix": "_"},
            (["_under1", "_under2"], ["_bla/"]), id="underscore-prefix",
        ),
        pytest.param(
            ["foo/bar", "foo/baz", "quux"], {"prefix": "foo/"},
            (["foo/bar", "foo/baz"], []), id="prefix",
        ),
        pytest.param(
            ["bar", "baz", "foo"], {"prefix": "ba"},
            (["bar", "baz"], []), id="prefix-without-slash",
        ),
        pytest.param(["bar", "foo"], {"prefix": ""}, (["bar", "foo"], []), id="empty-prefix"),
        pytest.param(["bar", "foo"], {"prefix": "d"}, NOTHING, id="prefix-of-nothing"),
        pytest.param(["bar", "foo"], {"prefix": "\x0a"}, NOTHING, id="unreadable-prefix"),
        pytest.param(
            ["foo/bar", "foo/baz/xyzzy", "quux/thud"], {"prefix": "foo/", "delimiter": "/"},
            (["foo/bar"], ["foo/baz/"]), id="prefix-and-delimiter",
        ),
        pytest.param(
            ["bar", "bazar", "cab", "foo"], {"prefix": "ba", "delimiter": "a"},
            (["bar"], ["baza"]), id="prefix-that-ends-with-the-delimiter",
        ),
        pytest.param(
            ["b/a/c", "b/a/g", "b/a/r", "g"], {"prefix": "d", "delimiter": "/"},
            NOTHING, id="delimiter-of-nothing",
        ),
        pytest.param(
            ["b/a/c", "b/a/g", "b/a/r", "golang"], {"prefix": "b", "delimiter": "z"},
            (["b/a/c", "b/a/g", "b/a/r"], []), id="prefix-with-other-delimiter",
        ),
        pytest.param(
            ["asdf", "asdf/"], {"prefix": "asdf/", "delimiter": "/"},
            (["asdf/"], []), id="prefix-that-is-a-key",
        ),
        pytest.param(
            ["test/foo/bar/123"], {"prefix": "test", "delimiter": "/"},
            ([], ["test/"]), id="prefix-that-stops-before-the-delimiter",
        ),
        pytest.param(
            ["a", "a/b", "a.b", "a0"], {"delimiter": "/"},
            (["a", "a.b", "a0"], ["a/"]), id="key-beside-its-folder",
        ),
    ],
)  # fmt: skip
async def test_prefix_and_delimiter_select_what_is_shown(
    bucket: InProcess,
    version: dict[str, str],
    keys: list[str],
    query: dict[str, str],
    expected: tuple[list[str], list[str]],
) -> None:
    await fill(bucket, *keys)

    answer = await ask(bucket, version, **query)

    assert expected == shown(answer)
    assert bool(query.get("delimiter")) == (b"<Delimiter>" in answer.body)


@pytest.mark.parametrize("version", VERSIONS)
async def test_keys_come_in_the_order_of_their_bytes(
    bucket: InProcess, version: dict[str, str]
) -> None:
    keys = ["a", "Z", "aa", "~", "ä", "\U0001f600", "\uffee", "a/", "a.", " ", "0"]
    await fill(bucket, *keys)

    got, _ = shown(await ask(bucket, version))

    assert sorted(keys, key=str.encode) == got


@pytest.mark.parametrize("version", VERSIONS)
async def test_the_size_of_a_page_is_what_was_asked_for(
    bucket: InProcess, version: dict[str, str]
) -> None:
    await fill(bucket, "bar", "baz", "foo", "quxx")

    one = await ask(bucket, version, max_keys="1")
    none = await ask(bucket, version, max_keys="0")
    blank = await ask(bucket, version, max_keys="")
    more = await ask(bucket, version, max_keys="5000")

    assert (["bar"], []) == shown(one)
    assert ("true", "1") == (one.document["IsTruncated"], one.document["MaxKeys"])
    assert NOTHING == shown(none)
    assert ("false", "0") == (none.document["IsTruncated"], none.document["MaxKeys"])
    assert ("false", "1000") == (blank.document["IsTruncated"], blank.document["MaxKeys"])
    assert "5000" == more.document["MaxKeys"]  # told as asked, though 1,000 are the most


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("value", ["blah", "-1", " 5", "+5", "1.5", "2147483648", "0x10", "1_000"])
async def test_a_page_size_that_is_no_number_is_refused(
    bucket: InProcess, version: dict[str, str], value: str
) -> None:
    answer = await ask(bucket, version, max_keys=value)

    assert (400, "InvalidArgument") == (answer.status, answer.code)


@pytest.mark.parametrize("version", VERSIONS)
async def test_only_one_way_to_encode_keys_is_known(
    bucket: InProcess, version: dict[str, str]
) -> None:
    for value in ("base64", ""):
        answer = await ask(bucket, version, encoding_type=value)

        assert (400, "InvalidArgument") == (answer.status, answer.code)
        assert "encoding-type" == answer.document["ArgumentName"]


@pytest.mark.parametrize("version", VERSIONS)
async def test_encoding_type_url_escapes_keys_prefixes_and_delimiter(
    bucket: InProcess, version: dict[str, str]
) -> None:
    keys = ["foo+1/bar", "foo/bar/xyzzy", "quux ab/thud", "asdf+b", "ü(3).png", "a\x01b", "~*"]
    await fill(bucket, *keys)

    plain = await ask(bucket, version, delimiter="/", encoding_type="url")
    odd = await ask(bucket, version, delimiter="%2F", prefix="ü", encoding_type="url")

    escaped = ["a%01b", "asdf%2Bb", "%7E*", "%C3%BC%283%29.png"]
    assert (escaped, ["foo%2B1/", "foo/", "quux+ab/"]) == shown(plain)
    assert ("/", "url") == (plain.document["Delimiter"], plain.document["EncodingType"])
    assert ("%252F", "%C3%BC") == (odd.document["Delimiter"], odd.document["Prefix"])
    told = (await ask(bucket, version, encoding_type="URL")).document["EncodingType"]
    assert "URL" == told


@pytest.mark.parametrize("version", VERSIONS)
async def test_an_entry_tells_size_tag_class_and_checksum(
    bucket: InProcess, version: dict[str, str]
) -> None:
    put = await bucket.put("k", b"four", headers={"x-amz-storage-class": "GLACIER_IR"})

    entry = (await ask(bucket, version)).document["Contents"]

    assert ("k", "4", "GLACIER_IR") == (entry["Key"], entry["Size"], entry["StorageClass"])
    assert put.headers["etag"] == entry["ETag"]
    assert "2026-09-21T14:13:20.000Z" == entry["LastModified"]
    assert ("CRC64NVME", "FULL_OBJECT") == (entry["ChecksumAlgorithm"], entry["ChecksumType"])


async def test_version_1_names_the_owner_and_version_2_only_when_asked(bucket: InProcess) -> None:
    await bucket.put("k")

    v1 = (await ask(bucket, {})).document["Contents"]
    v2 = (await ask(bucket, {"list-type": "2"})).document["Contents"]
    asked = (await ask(bucket, {"list-type": "2"}, fetch_owner="true")).document["Contents"]

    assert "c" * 64 == v1["Owner"]["ID"] == asked["Owner"]["ID"]
    assert "Owner" not in v2
    for value in ("false", "TRUE", "1", "bogus", ""):
        declined = await ask(bucket, {"list-type": "2"}, fetch_owner=value)
        assert "Owner" not in declined.document["Contents"], value


@pytest.mark.parametrize(
    ("marker", "expected"),
    [
        ("bar", ["baz", "foo", "quxx"]),
        ("blah", ["foo", "quxx"]),
        ("zzz", []),
        ("", ["bar", "baz", "foo", "quxx"]),
        ("\x0a", ["bar", "baz", "foo", "quxx"]),
        ("bar!", ["baz", "foo", "quxx"]),
    ],
)
async def test_a_marker_is_a_lower_bound_that_need_not_exist(
    bucket: InProcess, marker: str, expected: list[str]
) -> None:
    await fill(bucket, "bar", "baz", "foo", "quxx")

    v1 = await ask(bucket, {}, marker=marker)
    v2 = await ask(bucket, {"list-type": "2"}, start_after=marker)

    assert expected == shown(v1)[0] == shown(v2)[0]
    assert "Marker" in v1.document


async def test_a_marker_stands_before_after_or_beside_the_prefix(bucket: InProcess) -> None:
    await fill(bucket, "a/1", "b/1", "b/2", "c/1")

    for marker, expected in (("a", ["b/1", "b/2"]), ("b/1", ["b/2"]), ("c", [])):
        assert expected == shown(await ask(bucket, {}, prefix="b/", marker=marker))[0]


async def test_version_1_names_the_next_marker_only_with_a_delimiter(bucket: InProcess) -> None:
    await fill(bucket, "a", "b", "c")

    plain = await ask(bucket, {}, max_keys="1")
    with_delimiter = await ask(bucket, {}, max_keys="1", delimiter="/")
    last = await ask(bucket, {}, delimiter="/")

    assert "NextMarker" not in plain.document
    assert "a" == with_delimiter.document["NextMarker"]
    assert "NextMarker" not in last.document


async def test_a_common_prefix_is_a_marker_that_passes_over_all_below_it(
    bucket: InProcess,
) -> None:
    await fill(bucket, "folder/sub/1", "folder/sub/2", "folder/file1", "folder/file2")
    query = {"prefix": "folder/", "delimiter": "/", "max_keys": "1"}
    below = "folder/sub/1"

    first = await ask(bucket, {}, **query, marker="folder/file2")
    second = await ask(bucket, {}, **query, marker=first.document.get("NextMarker", "folder/sub/"))
    inside = await ask(bucket, {}, **query, marker=below)

    assert ([], ["folder/sub/"]) == shown(first)
    assert NOTHING == shown(second) == shown(inside)


async def test_pages_of_version_1_together_are_the_whole_listing(bucket: InProcess) -> None:
    keys = ["asdf", "boo/bar", "boo/baz/xyzzy", "cquux/thud", "cquux/bla", "zed"]
    await fill(bucket, *keys)

    seen, marker = [], ""
    while True:
        page = await ask(bucket, {}, delimiter="/", max_keys="1", marker=marker)
        seen.append([*shown(page)[0], *shown(page)[1]])
        if page.document["IsTruncated"] == "false":
            break
        marker = page.document["NextMarker"]

    assert [["asdf"], ["boo/"], ["cquux/"], ["zed"]] == seen


async def test_pages_of_version_2_together_are_the_whole_listing(bucket: InProcess) -> None:
    await fill(bucket, "asdf", "boo/bar", "boo/baz/xyzzy", "cquux/thud", "cquux/bla", "zed")

    seen: list[list[str]] = []
    token: dict[str, str] = {}
    while True:
        page = await ask(bucket, {"list-type": "2"}, delimiter="/", max_keys="2", **token)
        seen.append([*shown(page)[0], *shown(page)[1]])
        assert str(len(seen[-1])) == page.document["KeyCount"]
        assert token.get("continuation_token") == page.document.get("ContinuationToken")
        if page.document["IsTruncated"] == "false":
            assert "NextContinuationToken" not in page.document
            break
        token = {"continuation_token": page.document["NextContinuationToken"]}

    assert [["asdf", "boo/"], ["zed", "cquux/"]] == seen


async def test_a_token_outranks_start_after_which_is_then_not_told(bucket: InProcess) -> None:
    await fill(bucket, "a", "b", "c")
    first = await ask(bucket, {"list-type": "2"}, max_keys="1", start_after="a")
    token = first.document["NextContinuationToken"]

    second = await ask(bucket, {"list-type": "2"}, continuation_token=token, start_after="zzz")

    assert (["b"], ["c"]) == (shown(first)[0], shown(second)[0])
    assert "a" == first.document["StartAfter"]
    assert "StartAfter" not in second.document


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (
            {"continuation-token": "", "start-after": "a"},
            "continuation-token only supported in REST.GET.BUCKET with list-type=2",
        ),
        ({"start-after": ""}, "startAfter only supported in REST.GET.BUCKET with list-type=2"),
        (
            {"list-type": "2", "marker": ""},
            "Marker unsupported with REST.GET.BUCKET in list-type=2",
        ),
    ],
)
async def test_each_version_refuses_the_parameters_of_the_other(
    bucket: InProcess, query: dict[str, str], message: str
) -> None:
    answer = await bucket.ask("GET", "/bucket", query)

    assert (400, "InvalidArgument", message) == (
        answer.status,
        answer.code,
        answer.document["Message"],
    )
    assert "ArgumentValue" not in answer.document


@pytest.mark.parametrize("value", ["1", "0", "bogus", ""])
async def test_every_list_type_but_2_is_version_1(bucket: InProcess, value: str) -> None:
    answer = await bucket.ask("GET", "/bucket", {"list-type": value})

    assert "Marker" in answer.document
    assert "KeyCount" not in answer.document


async def test_a_start_after_is_told_as_it_was_sent(bucket: InProcess) -> None:
    absent = await ask(bucket, {"list-type": "2"})
    empty = await ask(bucket, {"list-type": "2"}, start_after="")

    assert "StartAfter" not in absent.document
    assert b"<StartAfter></StartAfter>" in empty.body


@pytest.mark.parametrize("token", ["", "nonsense", "AAAA", "🙂"])
async def test_a_token_that_nobody_gave_is_refused(bucket: InProcess, token: str) -> None:
    answer = await ask(bucket, {"list-type": "2"}, continuation_token=token)

    assert (400, "InvalidArgument") == (answer.status, answer.code)
    assert "continuation-token" == answer.document["ArgumentName"]
    assert "The continuation token provided is incorrect" == answer.document["Message"]


async def test_a_thousand_keys_are_a_page(bucket: InProcess) -> None:
    await asyncio.gather(*(bucket.put(f"{number:04}") for number in range(1001)))

    answer = await ask(bucket, {"list-type": "2"})

    assert ("true", "1000") == (answer.document["IsTruncated"], answer.document["KeyCount"])


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_bucket_that_is_not_there_cannot_be_listed(
    s3: InProcess, version: dict[str, str]
) -> None:
    answer = await s3.ask("GET", "/nowhere", version)

    assert (404, "NoSuchBucket", "nowhere") == (
        answer.status,
        answer.code,
        answer.document["BucketName"],
    )
