"""`ferroxd health [URL]`: ask a server whether it is ready; made for a container's health check."""

import http.client
import json
import os
import ssl
import urllib.parse
from collections.abc import Mapping, Sequence

from ferrox import config
from ferrox.errors import StartError

TIMEOUT_S = 5.0

HELP = """\
usage: ferroxd health [URL]

Ask a server whether it is ready, at /health/ready, and print its answer as one line. Without URL
it is the server of this machine that has these settings (FERROX_CONFIG, FERROX_BIND ... in the
environment), whose certificate need not be known. With URL, as in https://s3.example.com:9443, a
certificate has to be known to the system, or to be in the file that SSL_CERT_FILE names.

Exit status 0: it is ready. 1: it is not, or nobody answers. 2: it could not be asked.
"""


def run(arguments: Sequence[str]) -> int:
    """Print one line; 0 when the server says it is ready, 1 when not or when nobody answers."""
    if list(arguments) in (["-h"], ["--help"]):
        print(HELP, end="")
        return 0
    if len(arguments) > 1 or any(argument.startswith("-") for argument in arguments):
        raise StartError("usage: ferroxd health [URL]; see ferroxd health --help")
    url = arguments[0] if arguments else default_url(os.environ)
    try:
        status, reason = _ask(url, is_own=not arguments)
    except ssl.SSLCertVerificationError as error:
        words = error.verify_message
        print(f"{url}: not to be trusted: {words}; SSL_CERT_FILE names the file of its authority")
        return 1
    except (OSError, http.client.HTTPException) as error:
        print(f"{url}: not reachable: {error}")
        return 1
    if status == http.client.BAD_REQUEST and "//" not in url:
        reason += f"; if it speaks TLS, ask https://{url}"
    is_ready = status == http.client.OK
    print(f"{url}: ready" if is_ready else f"{url}: not ready: {reason}")
    return 0 if is_ready else 1


def default_url(environ: Mapping[str, str]) -> str:
    """Where the server of this machine listens, as far as environment and file tell."""
    return url_of(config.load({}, environ))


def url_of(settings: config.Config) -> str:
    """Where a server of these settings listens, for this machine."""
    scheme, bind = "http", settings.bind
    if bind is None:
        scheme, bind = "https", settings.tls_bind or config.DEFAULT_BIND
    loopback = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - "everywhere" is not a destination
    return f"{scheme}://{bind._replace(host=loopback.get(bind.host, bind.host))}"


def _ask(url: str, *, is_own: bool) -> tuple[int, str]:
    """The status of /health/ready and the reason given in its body.

    is_own  the server of this machine, whose certificate is for the name that others know it by
    """
    try:
        parts = urllib.parse.urlsplit(url if "//" in url else f"http://{url}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urllib.parse.urlsplit("")
    if parts.scheme not in ("http", "https") or not host:
        raise StartError(f"{url} is not an http:// or https:// address")
    connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)
    if parts.scheme == "https":
        context = ssl.create_default_context()
        if is_own:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        connection = http.client.HTTPSConnection(host, port, timeout=TIMEOUT_S, context=context)
    try:
        connection.request("GET", "/health/ready")
        answer = connection.getresponse()
        body = answer.read(65_536)
    finally:
        connection.close()
    try:
        reason = str(json.loads(body)["reason"])
    except (ValueError, KeyError, TypeError):
        reason = f"status {answer.status}"
    return answer.status, reason
