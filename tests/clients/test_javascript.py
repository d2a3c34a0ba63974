"""The SDKs of JavaScript: node runs the cases of js/*.test.mjs, one by one."""

import re
from pathlib import Path

import pytest

from tests.clients.tool import Tool
from tests.server_process import ServerProcess

SCRIPTS = sorted((Path(__file__).parent / "js").glob("*.test.mjs"))
CASES = [
    (script, name)
    for script in SCRIPTS
    for name in re.findall(r'^test\("([^"]+)"', script.read_text("utf-8"), re.MULTILINE)
]


def test_every_case_is_found() -> None:
    written = sum(script.read_text("utf-8").count("\ntest(") for script in SCRIPTS)

    assert len(CASES) == written > 0


@pytest.mark.parametrize(
    ("script", "name"),
    CASES,
    ids=[f"{script.name.split('.')[0]}: {name}" for script, name in CASES],
)
def test_a_case(server: ServerProcess, env: dict[str, str], script: Path, name: str) -> None:
    env["FERROX_ENDPOINT"] = server.endpoint
    node = Tool("node", "--test", "--test-reporter=tap", env=env, cwd=script.parent)

    said = node(f"--test-name-pattern=^{re.escape(name)}$", script)

    assert "\n# pass 1\n" in said, said
