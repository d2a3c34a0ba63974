"""The parser of aiohttp: quick to load, in C, and no obstacle to the rest of it."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(code: str) -> str:
    """What a fresh interpreter prints."""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (0, "") == (done.returncode, done.stderr)
    return done.stdout.strip()


def test_the_package_is_not_run_and_its_client_not_loaded() -> None:
    code = (
        "import sys; from ferrox.gateway import aiohttp_parts;"
        "print({'aiohttp', 'aiohttp.client', 'aiohttp.web_protocol'} & set(sys.modules))"
    )

    assert "set()" == run(code)


def test_the_parser_is_the_one_in_c() -> None:
    code = (
        "from ferrox.gateway.aiohttp_parts import RawRequestMessage;"
        "from ferrox.gateway.aiohttp_parts import HttpRequestParser;"
        "print(HttpRequestParser.__module__, RawRequestMessage.__module__)"
    )

    assert "aiohttp._http_parser aiohttp._http_parser" == run(code)


@pytest.mark.parametrize("first", ["aiohttp.web", "ferrox.gateway.aiohttp_parts"])
def test_whoever_wants_all_of_aiohttp_gets_it_with_the_same_parts(first: str) -> None:
    code = (
        f"import {first}; import aiohttp, aiohttp.web; from ferrox.gateway import aiohttp_parts;"
        "print(aiohttp.StreamReader is aiohttp_parts.StreamReader,"
        "aiohttp.ClientSession.__name__, bool(aiohttp.__version__))"
    )

    assert "True ClientSession True" == run(code)
