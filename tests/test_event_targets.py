"""event_targets.py: the file of those who can be told of events."""

from pathlib import Path

import pytest

from ferrox import event_targets
from ferrox.event_targets import Target

WHOLE = """
[orders]
url = "https://orders.example.com:8443/hook?key=1"
format = "sns"
token = "token-of-orders"
signing_key = "key-of-orders"
timeout = 2
ca_file = "/etc/ours.pem"

[plain-one_2]
url = "http://[::1]:9"
"""


def written(tmp_path: Path, text: str) -> str:
    path = tmp_path / "targets.toml"
    path.write_text(text)
    return str(path)


def test_a_file_is_read(tmp_path: Path) -> None:
    orders, plain = event_targets.read(written(tmp_path, WHOLE))

    url = "https://orders.example.com:8443/hook?key=1"
    expected = ("orders", url, "sns", "token-of-orders", "key-of-orders", 2.0, "/etc/ours.pem")
    assert expected == tuple(orders)
    assert Target("plain-one_2", "http://[::1]:9") == plain


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    (orders, _) = event_targets.read(written(tmp_path, WHOLE))

    assert "Target('orders')" == repr(orders)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[a", "not a TOML file"),
        pytest.param("a = " + "[" * 5000, "not a TOML file", id="nested"),
        ("a = 1", "a is no table"),
        ('["a b"]', "name has letters"),
        ("[a]", "no http or https address"),
        ('[a]\nurl = "ftp://x"', "no http or https address"),
        ('[a]\nurl = "http://"', "no http or https address"),
        ('[a]\nurl = "http://x:99999"', "no http or https address"),
        (f'[a]\nurl = "http://{"x" * 64}"', "no http or https address"),
        ('[a]\nurl = "http://user:word@x"', "no http or https address"),
        ('[a]\nurl = "http://x/#part"', "no http or https address"),
        ('[a]\nurl = "http://x/a b"', "no http or https address"),
        ('[a]\nurl = "http://x/a\\r\\nb"', "no http or https address"),
        ('[a]\nurl = "http://x"\nformat = "kafka"', "format is one of"),
        ('[a]\nurl = "http://x"\ntoken = "a b"', "visible ASCII"),
        ('[a]\nurl = "http://x"\nsigning_key = "a\\n"', "visible ASCII"),
        ('[a]\nurl = "http://x"\ntoken = 1', "are texts"),
        ('[a]\nurl = "http://x"\ntimeout = 0', "timeout"),
        ('[a]\nurl = "http://x"\ntimeout = "1"', "timeout"),
        ('[a]\nurl = "http://x"\nretries = 1', "unknown setting 'retries'"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        event_targets.read(written(tmp_path, text))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="No such file"):
        event_targets.read(str(tmp_path / "none"))
