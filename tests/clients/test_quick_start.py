"""The quick start of the README, run as it is written."""

import re
from pathlib import Path

from tests.clients.tool import Tool, executable
from tests.server_process import ROOT, ServerProcess


def test_the_quick_start_works_as_written(
    env: dict[str, str], server: ServerProcess, tmp_path: Path
) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    [story] = re.findall(r"```sh quick-start\n(.*?)```", readme, re.DOTALL)
    assert "serve --access-key quickstart --secret-key quickstart-secret" in readme
    for written, here in (
        ("http://127.0.0.1:9000", server.endpoint),
        ("KEY=quickstart-secret", f"KEY={server.secret_key}"),
        ("ID=quickstart", f"ID={server.access_key}"),
    ):
        assert written in story
        story = story.replace(written, here)
    env["PATH"] = f"{Path(executable('aws')).parent}:{env['PATH']}"

    output = Tool("bash", "-euo", "pipefail", "-c", env=env, cwd=tmp_path)(story)

    for line in (
        "make_bucket: photos",
        "upload: ./hello.txt to s3://photos/hello.txt",
        "upload: album/2.txt to s3://photos/album/2.txt",
        "delete: s3://photos/album/1.txt",
        "remove_bucket: photos",
    ):
        assert line in output
    assert 2 == output.split("\n").count("hello")
