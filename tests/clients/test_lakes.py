"""Programs that keep tables in S3, in an environment of their own because they are large."""

import pytest

from tests.clients.lake_story import CHAPTERS
from tests.clients.tool import Tool, python_of
from tests.server_process import ROOT, ServerProcess


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_story(env: dict[str, str], server: ServerProcess, bucket: str, chapter: str) -> None:
    env |= {"AWS_ENDPOINT_URL": server.endpoint, "PYTHONPATH": str(ROOT)}
    python = Tool(str(python_of("clients")), "-m", "tests.clients.lake_story", env=env, cwd=ROOT)

    assert "to its end" == python(chapter, bucket)
