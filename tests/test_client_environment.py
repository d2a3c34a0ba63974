"""Variables for clients, in spellings that give back what was put in."""

import json
import subprocess

import pytest

from ferrox import client_environment

VALUES = {"URL": "http://127.0.0.1:9000", "EMPTY": "", "KEY": "a'b\"c$d`e\\f#g!h*"}


def test_the_variables_are_those_of_the_sdks() -> None:
    values = client_environment.variables("http://x:1", "AKIA", "secret", "eu-west-1")

    assert {
        "AWS_ENDPOINT_URL": "http://x:1",
        "AWS_ACCESS_KEY_ID": "AKIA",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_SESSION_TOKEN": "",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_REGION": "eu-west-1",
    } == values


def test_a_shell_reads_them_as_they_are() -> None:
    script = client_environment.text("shell", VALUES) + 'printf "%s\\n" "$URL" "$EMPTY" "$KEY"'

    printed = subprocess.run(["sh", "-euc", script], capture_output=True, text=True, check=True)

    assert list(VALUES.values()) == printed.stdout.split("\n")[:-1]


def test_json_is_one_line() -> None:
    text = client_environment.text("json", VALUES)

    assert VALUES == json.loads(text)
    assert 1 == text.count("\n")


def test_what_is_for_a_file_of_docker_or_github_is_not_quoted() -> None:
    text = client_environment.text("github", VALUES)

    assert [f"{name}={value}" for name, value in VALUES.items()] == text.splitlines()


@pytest.mark.parametrize(
    ("value", "spelled"),
    [
        ("http://127.0.0.1:9000", "http://127.0.0.1:9000"),
        ("", ""),
        ("a$b#c", "'a$b#c'"),
        ("a'b\"c$d\\e", '"a\'b\\"c\\$d\\\\e"'),
    ],
)
def test_a_file_of_variables_is_quoted_where_readers_would_see_more(
    value: str, spelled: str
) -> None:
    assert f"NAME={spelled}\n" == client_environment.text("dotenv", {"NAME": value})
