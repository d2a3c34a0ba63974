"""boto3 of former years, each in an environment of its own; both send Content-MD5, and no CRC."""

import pytest

from tests.clients.boto3_story import CHAPTERS
from tests.clients.tool import old_boto3
from tests.server_process import ServerProcess


@pytest.mark.parametrize("chapter", CHAPTERS)
@pytest.mark.parametrize("version", ["1.26", "1.35"])
def test_the_story(env: dict[str, str], server: ServerProcess, version: str, chapter: str) -> None:
    boto3 = old_boto3(version, env)

    said = boto3(chapter, server.endpoint, server.access_key, server.secret_key)

    assert said.startswith(f"{version}.")
