"""What a start does not load: import time is most of what starting costs.

Times are not judged here, modules are. `python -X importtime` shows what is worth adding.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source import MODULES, ROOT, imports, name_of, tree_of

ONLY_OTHERS_NEED = {
    "Crypto": "signatures of OpenID; AES is OpenSSL's, see ferrox/crypto/gcm.py",
    "aiohttp.client": "an HTTP client; the package is not run, see ferrox/gateway/aiohttp_parts.py",
    "aiohttp.connector": "the same",
    "aiohttp.web": "routes, static files, runners",
    "aiohttp.web_server": "another server: ferrox/gateway/connection.py is this program's own",
    "aiohttp.formdata": "an HTTP client",
    "argon2": "passphrases, which few servers have",
    "asn1crypto": "TLS",
    "argparse": "options are read by ferrox/cli/options.py",
    "decimal": "nothing: numbers on the wire are whole",
    "doctest": "tests",
    "email.mime": "mail",
    "ferrox.admin.plane": "operators, once they ask something",
    "ferrox.admin.table": "the same",
    "ferrox.cli.admin_commands": "other commands",
    "ferrox.cli.certificate_files": "another command",
    "ferrox.cli.health": "another command",
    "ferrox.cli.reference": "the documentation",
    "ferrox.cli.restore": "another command",
    "ferrox.cli.selftest": "another command",
    "ferrox.cli.selftest_checks": "another command",
    "ferrox.cli.tls": "another command",
    "ferrox.frozen": "the frozen program",
    "ferrox.jobs.notifications": "those who have targets of events",
    "ferrox.outgoing": "the same",
    "ferrox.gateway.http2": "the first client that asks for HTTP/2",
    "fractions": "the same as decimal",
    "gzip": "nothing: bodies are stored as they come",
    "h2": "the first client that asks for HTTP/2",
    "hpack": "the same",
    "http.server": "tests",
    "hyperframe": "the same",
    "importlib.metadata": "a version is a constant",
    "importlib.resources": "there are no data files",
    "logging.handlers": "lines go to the terminal",
    "ferrox.monitoring.exposition": "who asks for metrics",
    "multiprocessing": "nothing here",
    "pdb": "developers",
    "prometheus_client": "who asks for metrics",
    "prometheus_client.openmetrics": "the same",
    "pydoc": "developers",
    "socketserver": "tests",
    "statistics": "benchmarks",
    "tomllib": "a file of settings",
    "unittest": "tests",
    "xml.dom": "nothing: XML is read by expat",
    "xml.etree": "the same",
}
"""Not loaded by the start of a server: module → who needs it instead."""

SERVER_NEEDS = {"aiohttp.http_parser", "anycrc", "asyncio", "sqlite3", "ssl", "uvloop"}
"""Loaded by the start of a server, and by no command that asks for less."""

START = """
import asyncio, dataclasses, json, sys
from pathlib import Path
from ferrox.cli import main, serve

async def start():
    from ferrox import app
    from ferrox.config import Address, Config
    bind = Address("127.0.0.1", 0)
    async with app.started(dataclasses.replace(Config(), data_dir=Path(sys.argv[1]), bind=bind)):
        return sorted(sys.modules)

from ferrox.app import loop_factory
with asyncio.Runner(loop_factory=loop_factory()) as runner:
    print(json.dumps(runner.run(start())))
"""
COMMAND = """
import json, sys
from ferrox.cli.main import main
assert main(sys.argv[1:]) == 0
print(json.dumps(sorted(sys.modules)))
"""


def loaded(code: str, *arguments: str) -> set[str]:
    """The modules that a fresh interpreter has loaded at the end of the code."""
    run = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (0, "") == (run.returncode, run.stderr)
    return set(json.loads(run.stdout.splitlines()[-1]))


def test_the_start_of_a_server_loads_nothing_that_it_does_not_need(tmp_path: Path) -> None:
    modules = loaded(START, str(tmp_path))

    assert {} == {name: ONLY_OTHERS_NEED[name] for name in modules & set(ONLY_OTHERS_NEED)}
    assert set() == SERVER_NEEDS - modules, "the lists of this test are out of date"


@pytest.mark.parametrize("command", ["version", "--help"])
def test_a_command_that_only_prints_loads_no_server(command: str) -> None:
    modules = loaded(COMMAND, command)

    assert set() == modules & (SERVER_NEEDS | set(ONLY_OTHERS_NEED))
    assert set() == {name for name in modules if name.startswith("ferrox.storage")}


@pytest.mark.parametrize(
    "path", [path for path in MODULES if path.name != "aiohttp_parts.py"], ids=name_of
)
def test_aiohttp_is_imported_in_one_module(path: Path) -> None:
    heads = {name.split(".")[0] for name in imports(tree_of(path))}

    assert "aiohttp" not in heads
