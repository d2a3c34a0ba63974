"""What recipes say, and whether ferroxd would understand it."""

import json
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from ferrox import config
from tests.clients.tool import python_of
from tests.server_process import ROOT

BUILD = ROOT / "build"
SETTINGS = {setting.environment: setting for setting in config.SETTINGS}
HERE = Path(__file__).parent


def documents(text: str) -> list[dict[str, Any]]:
    """Every document of a YAML stream that says something."""
    return [document for document in yaml.safe_load_all(text) if document]


def understood(environment: Mapping[str, str]) -> config.Config:
    """The settings that variables mean; none of them may be one that ferroxd does not look at."""
    ours = {name for name in environment if name.startswith("FERROX_")}
    assert set() == ours - SETTINGS.keys()
    return config.load({}, environment)


def in_environment(act: str, document: object) -> Any:
    """What tests/deploy/in_environment.py makes of a document."""
    done = subprocess.run(
        [python_of("deploy"), HERE / "in_environment.py", act],
        input=json.dumps(document), capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout)


def refused_by_kubernetes(versions: Iterable[str], manifests: Iterable[Any]) -> list[str]:
    """What the schemas of these versions of Kubernetes have against manifests."""
    asked = json.dumps({"versions": list(versions), "manifests": list(manifests)})
    done = subprocess.run(
        [python_of("deploy"), HERE / "kubernetes_schemas.py"],
        input=asked, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    return list(json.loads(done.stdout))
