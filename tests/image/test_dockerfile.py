"""The part of a Dockerfile that an image's configuration is read from."""

import json
from pathlib import Path

import pytest

from build.image.dockerfile import configuration

ROOT = Path(__file__).parents[2]


def test_only_the_last_stage_counts() -> None:
    text = 'FROM a AS b\nUSER 1\nCMD ["x"]\nFROM scratch\nUSER 2\n'

    assert {"User": "2"} == configuration(text, {})


def test_a_line_is_continued_by_a_backslash_and_a_comment_is_no_part_of_it() -> None:
    text = 'FROM scratch\nLABEL a="one" \\\n# between\n  b="two words"\n'

    assert {"Labels": {"a": "one", "b": "two words"}} == configuration(text, {})


def test_build_arguments_are_filled_in_and_have_defaults() -> None:
    text = 'FROM scratch\nARG A=dev\nARG B=\nLABEL a="${A}" b="${B}"\n'

    assert {"Labels": {"a": "dev", "b": ""}} == configuration(text, {})
    assert {"Labels": {"a": "1.2", "b": "x"}} == configuration(text, {"A": "1.2", "B": "x"})


def test_a_health_check_is_told_in_nanoseconds() -> None:
    text = (
        "FROM scratch\n"
        'HEALTHCHECK --interval=1m --timeout=500ms --start-period=2s --retries=3 CMD ["/x", "y"]\n'
    )

    assert {
        "Healthcheck": {
            "Test": ["CMD", "/x", "y"],
            "Interval": 60_000_000_000,
            "Timeout": 500_000_000,
            "StartPeriod": 2_000_000_000,
            "Retries": 3,
        }
    } == configuration(text, {})


@pytest.mark.parametrize(
    "line", ["ENV A b", "HEALTHCHECK --interval=soon CMD []", "CMD x", "RUN x"]
)
def test_what_is_not_understood_is_refused(line: str) -> None:
    with pytest.raises((ValueError, KeyError, json.JSONDecodeError)):
        configuration(f"FROM scratch\n{line}\n", {})


def test_the_image_runs_the_server_as_an_ordinary_user_and_asks_it_how_it_is() -> None:
    text = (ROOT / "Dockerfile.scratch").read_text("utf-8")

    config = configuration(text, {"VERSION": "1.2.3", "REVISION": "abc"})

    assert ("65532:65532", ["/ferroxd"], ["serve"]) == (
        config["User"], config["Entrypoint"], config["Cmd"],
    )  # fmt: skip
    assert ["/ferroxd", "health"] == config["Healthcheck"]["Test"][1:]
    assert ({"/data": {}}, {"9000/tcp": {}}) == (config["Volumes"], config["ExposedPorts"])
    assert "FERROX_DATA_DIR=/data" in config["Env"]
    assert "FERROX_EPHEMERAL_BIND=0.0.0.0:9000" in config["Env"], "other containers are to reach it"
    assert "1.2.3" == config["Labels"]["org.opencontainers.image.version"]
