"""What clients need to know of a server, as variables of their environment, in several spellings.

https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html
"""

import json
import re
from collections.abc import Mapping


def variables(
    endpoint_url: str, access_key_id: str, secret_access_key: str, region: str
) -> dict[str, str]:
    """What the SDKs of AWS and its command line read."""
    return {
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_ACCESS_KEY_ID": access_key_id,
        "AWS_SECRET_ACCESS_KEY": secret_access_key,
        "AWS_SESSION_TOKEN": "",  # one of other keys would be sent with these
        "AWS_DEFAULT_REGION": region,
        "AWS_REGION": region,
    }


def text(form: str, values: Mapping[str, str]) -> str:
    """Variables as lines.

    form  shell (to be evaluated by one), dotenv (files of that name), json (one object on one
          line), github (what $GITHUB_ENV and `docker run --env-file` take)
    """
    if form == "json":
        return json.dumps(values) + "\n"
    spell = {"shell": _shell, "dotenv": _dotenv}.get(form, "{}={}\n".format)
    return "".join(spell(name, value) for name, value in values.items())


def _shell(name: str, value: str) -> str:
    import shlex

    return f"export {name}={shlex.quote(value)}\n"


def _dotenv(name: str, value: str) -> str:
    """A line whose value all readers of such files take as it is."""
    if re.fullmatch(r"[A-Za-z0-9_./:@%+-]*", value):
        return f"{name}={value}\n"
    if "'" not in value:
        return f"{name}='{value}'\n"
    escaped = re.sub(r'(["\\$`])', r"\\\1", value)
    return f'{name}="{escaped}"\n'
