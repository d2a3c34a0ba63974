import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrox.errors import InvalidURI
from ferrox.protocol.address import Bucket, Object, Service, Target, locate, website_bucket
from ferrox.protocol.message import Request

DOMAINS = ["s3.test", "eu.s3.test"]


def at(path: str, host: str = "localhost:9000") -> Request:
    return Request("GET", path, "", {"host": host})


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/", Service()),
        ("/photos", Bucket("photos")),
        ("/photos/", Bucket("photos")),
        ("/photos/a", Object("photos", "a")),
        ("/photos/a/", Object("photos", "a/")),
        ("/photos//a//b", Object("photos", "/a//b")),
        ("/photos//", Object("photos", "/")),
        ("/photos/../b/./c", Object("photos", "../b/./c")),
        ("/photos/a%20b%2Bc%252F%3D", Object("photos", "a b+c%2F=")),
        ("/photos/a+b", Object("photos", "a+b")),
        ("/photos/%2Fa%2F", Object("photos", "/a/")),
        ("/photos/%E2%82%AC", Object("photos", "€")),
        ("/p%68otos/a", Object("photos", "a")),
    ],
)
def test_the_first_segment_is_the_bucket_and_the_rest_the_key(path: str, target: Target) -> None:
    assert target == locate(at(path), [])


@pytest.mark.parametrize(
    ("host", "path", "target"),
    [
        ("photos.s3.test", "/", Bucket("photos")),
        ("photos.s3.test:9000", "/a/b", Object("photos", "a/b")),
        ("PHOTOS.S3.Test", "/a", Object("photos", "a")),
        ("my.photos.s3.test", "/a", Object("my.photos", "a")),
        ("photos.s3.test", "//a", Object("photos", "/a")),
        ("photos.eu.s3.test", "/a", Object("photos", "a")),
        ("eu.s3.test", "/photos", Bucket("photos")),
        ("s3.test", "/photos/a", Object("photos", "a")),
        ("s3.test", "/", Service()),
        ("nots3.test", "/photos/a", Object("photos", "a")),
        ("127.0.0.1:9000", "/photos/a", Object("photos", "a")),
        ("[::1]:9000", "/photos/a", Object("photos", "a")),
        ("[::1]", "/photos", Bucket("photos")),
        ("", "/photos", Bucket("photos")),
    ],
)
def test_a_subdomain_of_a_domain_is_the_bucket(host: str, path: str, target: Target) -> None:
    assert target == locate(at(path, host), DOMAINS)


def test_a_domain_may_be_written_in_any_case() -> None:
    assert Bucket("photos") == locate(at("/", "photos.s3.test"), ["S3.Test"])


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("http://localhost:9000/photos/a", Object("photos", "a")),
        ("HTTPS://localhost/photos", Bucket("photos")),
        ("http://localhost", Service()),
        ("http://photos.s3.test:9000/a/b", Object("photos", "a/b")),
        ("*", Service()),
    ],
)
def test_a_target_in_absolute_form_replaces_the_host_header(path: str, target: Target) -> None:
    assert target == locate(at(path, "other.s3.test"), DOMAINS if "//" in path else [])


@pytest.mark.parametrize("path", ["//key", "//", "ftp://host/a", "photos/a", "", "/b/%FF", "/%FF"])
def test_an_absurd_target_is_refused(path: str) -> None:
    with pytest.raises(InvalidURI):
        locate(at(path), DOMAINS)


def test_targets_know_their_level() -> None:
    levels = [target.level for target in (Service(), Bucket("b"), Object("b", "k"))]

    assert ["service", "bucket", "object"] == levels


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_key_survives_its_way_through_a_path(key: str) -> None:
    raw = "".join(f"%{byte:02X}" for byte in key.encode())

    assert Object("b", key) == locate(at(f"/b/{raw}"), [])


@pytest.mark.parametrize(
    ("host", "bucket"),
    [
        ("photos.web.test", "photos"),
        ("Photos.Web.Test:8080", "photos"),
        ("my.photos.web.test", "my.photos"),
        ("web.test", "web.test"),
        ("www.example.com:80", "www.example.com"),
        ("photos.s3.web.test", ""),
        ("s3.web.test", ""),
        ("photos.example.org", ""),
        ("xweb.test", ""),
        ("", ""),
    ],
)
def test_a_host_shows_the_website_of_a_bucket(host: str, bucket: str) -> None:
    assert bucket == website_bucket(host, ["web.test", "www.example.com"], ["s3.web.test"])
