"""A small real OpenID Connect issuer: an HTTP server on loopback with keys of its own."""

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.json_web import SigningKey

DISCOVERY = "/.well-known/openid-configuration"
KEYS = "/keys"


class Issuer:
    """Publishes its keys, and makes tokens with the newest of them.

    changed  answers of its paths that replace what it would say: status and body
    asked    the paths that were asked for
    """

    def __init__(self, url: str, algorithm: str) -> None:
        self.url = url
        self.keys = [SigningKey.make(algorithm, "key-1")]
        self.changed: dict[str, tuple[int, bytes]] = {}
        self.asked: list[str] = []

    @property
    def name(self) -> str:
        """How IAM calls it: its address without the scheme."""
        return self.url.partition("://")[2]

    def rotate(self) -> None:
        """Sign by a new key from now on, and publish only that one."""
        self.keys = [SigningKey.make(self.keys[0].algorithm, f"key-{len(self.asked)}-new")]

    def token(self, now_ms: int, **claims: Any) -> str:
        """A token for the client `app` that is valid for five minutes; None leaves a claim out."""
        now_s = now_ms // 1000
        said = {"iss": self.url, "sub": "user-1", "aud": "app", "iat": now_s, "exp": now_s + 300}
        said |= claims
        return self.keys[-1].token({k: v for k, v in said.items() if v is not None})

    def answer(self, path: str) -> tuple[int, bytes]:
        """What it publishes."""
        self.asked.append(path)
        if path in self.changed:
            return self.changed[path]
        if path == DISCOVERY:
            return 200, json.dumps({"issuer": self.url, "jwks_uri": self.url + KEYS}).encode()
        if path == KEYS:
            return 200, json.dumps({"keys": [key.jwk for key in self.keys]}).encode()
        return 404, b""


@contextmanager
def issuing(algorithm: str = "ES256", tls: ssl.SSLContext | None = None) -> Iterator[Issuer]:
    """An issuer for the length of a block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = issuer.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the same
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        scheme = "http"
        if tls is not None:
            server.socket, scheme = tls.wrap_socket(server.socket, server_side=True), "https"
        issuer = Issuer(f"{scheme}://127.0.0.1:{server.server_port}", algorithm)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield issuer
        finally:
            server.shutdown()
            thread.join()
