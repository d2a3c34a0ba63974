"""One real server for bad input. After every test it is as empty and as well as before."""

from collections.abc import Iterator

import pytest

from tests.raw_http import connected, request
from tests.server_process import ServerProcess, serving
from tests.wire.judgement import blob_files, wait_until

TIMEOUT_S = "0.6"


@pytest.fixture(scope="session")
def _server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    data_dir = tmp_path_factory.mktemp("wire") / "data"
    with serving(data_dir, "--idle-timeout", TIMEOUT_S, "--body-timeout", TIMEOUT_S) as server:
        with connected(server) as wire:
            assert 200 == wire.ask(request(server, "PUT", "/wire")).status
        yield server


@pytest.fixture
def server(_server: ServerProcess) -> Iterator[ServerProcess]:
    """The server. Whatever a test did to it: nothing is stored, nothing logged, all is well."""
    yield _server
    with connected(_server) as wire:
        objects = wire.ask(request(_server, "GET", "/wire", {"list-type": "2"}))
        uploads = wire.ask(request(_server, "GET", "/wire", {"uploads": ""}))
    assert (200, b"<Key>") == (objects.status, b"<Key>" if b"<Key>" not in objects.body else b"")
    assert (200, b"<Upload>" in uploads.body) == (uploads.status, False)
    wait_until(lambda: not blob_files(_server))
    _server.expect_clean_log()


@pytest.fixture
def upload_id(server: ServerProcess) -> Iterator[str]:
    """An open multipart upload of the key `k`; afterwards it has no part, and is gone."""
    with connected(server) as wire:
        opened = wire.ask(request(server, "POST", "/wire/k", {"uploads": ""}))
        made = opened.element("UploadId")
    yield made
    with connected(server) as wire:
        parts = wire.ask(request(server, "GET", "/wire/k", {"uploadId": made}))
        aborted = wire.ask(request(server, "DELETE", "/wire/k", {"uploadId": made}))
    assert (200, b"<Part>" in parts.body, 204) == (parts.status, False, aborted.status)
