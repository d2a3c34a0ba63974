"""A website that boto3 has made, as http.client and curl see it."""

import http.client
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.clients.witness import client
from tests.server_process import ServerProcess, serving

HOST = "site.web.localhost"
PAGES = {
    "index.html": b"<h1>home</h1>",
    "docs/index.html": b"<h1>docs</h1>",
    "error.html": b"<h1>sorry</h1>",
    "video": bytes(range(256)) * 1000,
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    data = tmp_path_factory.mktemp("website") / "data"
    options = ("--website-domain", "web.localhost", "--default-public-access-block", "off")
    with serving(data, *options, "--workers", "2") as server:
        _publish(client(server))
        yield server
        server.expect_clean_log()


def _publish(s3: Any) -> None:
    s3.create_bucket(Bucket="site")
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": ["s3:GetObject", "s3:ListBucket"],
        "Resource": ["arn:aws:s3:::site", "arn:aws:s3:::site/*"],
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    s3.put_bucket_policy(Bucket="site", Policy=json.dumps(policy))
    s3.put_bucket_website(
        Bucket="site",
        WebsiteConfiguration={
            "IndexDocument": {"Suffix": "index.html"},
            "ErrorDocument": {"Key": "error.html"},
            "RoutingRules": [
                {
                    "Condition": {"KeyPrefixEquals": "old/"},
                    "Redirect": {"ReplaceKeyPrefixWith": "docs/"},
                }
            ],
        },
    )
    for key, body in PAGES.items():
        s3.put_object(Bucket="site", Key=key, Body=body, ContentType="text/html")
    s3.put_object(Bucket="site", Key="moved", WebsiteRedirectLocation="/docs/")


def test_one_connection_sees_pages_redirections_and_errors(site: ServerProcess) -> None:
    connection = http.client.HTTPConnection(site.host, site.port)

    def visit(path: str, method: str = "GET", **headers: str) -> tuple[int, str, bytes]:
        connection.request(method, path, headers={"Host": HOST, **headers})
        response = connection.getresponse()
        return response.status, response.getheader("Location", ""), response.read()

    assert (200, "", PAGES["index.html"]) == visit("/")
    assert (200, "", b"") == visit("/video", "HEAD")
    assert (206, "", PAGES["video"][1000:200_000]) == visit("/video", Range="bytes=1000-199999")
    assert (302, "/docs/", b"") == visit("/docs")
    assert (301, "/docs/", b"") == visit("/moved")
    assert (301, f"http://{HOST}/docs/a", b"") == visit("/old/a")
    assert (404, "", PAGES["error.html"]) == visit("/absent")
    assert (404, "", b"") == visit("/absent", "HEAD")
    assert 405 == visit("/", "DELETE")[0]
    assert (200, "", PAGES["docs/index.html"]) == visit("/docs/?query")
    connection.close()


def test_curl_follows_to_the_folder(site: ServerProcess, tmp_path: Path) -> None:
    address = f"http://{HOST}:{site.port}/docs"
    resolve = f"{HOST}:{site.port}:{site.host}"

    found = subprocess.run(
        ["curl", "--silent", "--noproxy", "*", "--location", "--resolve", resolve, address],
        capture_output=True,
        check=True,
        timeout=30,
    )

    assert PAGES["docs/index.html"] == found.stdout
