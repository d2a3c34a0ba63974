"""boto3 1.35, the last that sends Content-MD5 instead of a CRC, in an environment of its own."""

import pytest

from tests.clients.boto3_story import CHAPTERS
from tests.clients.tool import Tool
from tests.server_process import ServerProcess


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_story(old_boto3: Tool, server: ServerProcess, chapter: str) -> None:
    version = old_boto3(chapter, server.endpoint, server.access_key, server.secret_key)

    assert version.startswith("1.35.")
