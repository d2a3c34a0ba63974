"""The AWS SDK for Go: the cases of go/s3_test.go, which scripts/setup has compiled, one by one."""

import re
from pathlib import Path

import pytest

from tests.clients.tool import Tool
from tests.server_process import ROOT, ServerProcess

SOURCE = Path(__file__).parent / "go" / "s3_test.go"
PROGRAM = ROOT / ".go-clients" / "tests"
CASES = re.findall(r"^func (Test\w+)\(", SOURCE.read_text("utf-8"), re.MULTILINE)


@pytest.fixture
def go(server: ServerProcess, env: dict[str, str], tmp_path: Path) -> Tool:
    """The compiled cases."""
    assert PROGRAM.exists(), f"{PROGRAM} is missing: scripts/setup go makes it"
    return Tool(
        str(PROGRAM), "-test.v", env=env | {"AWS_ENDPOINT_URL": server.endpoint}, cwd=tmp_path
    )


def test_the_compiled_cases_are_those_of_the_source(go: Tool) -> None:
    assert CASES == go("-test.list", ".").split()


@pytest.mark.parametrize("name", CASES)
def test_a_case(go: Tool, name: str) -> None:
    said = go("-test.run", f"^{name}$")

    assert f"--- PASS: {name} " in said
