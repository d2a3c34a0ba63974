"""What only the environment "deploy" can do: read the language of Terraform, know JSON Schema.

Standard input is a JSON document, the first argument says what is to be done with it, and standard
output is what came of it.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hcl2
import jsonschema


def terraform(paths: list[str]) -> dict[str, Any]:
    """The content of each file."""
    return {path: hcl2.loads(Path(path).read_text("utf-8")) for path in paths}


def complaints(asked: dict[str, Any]) -> list[str]:
    """What a JSON Schema has against a document."""
    found = jsonschema.Draft7Validator(asked["schema"]).iter_errors(asked["document"])
    return [f"{list(error.path)}: {error.message}" for error in found]


ACTS: dict[str, Callable[[Any], Any]] = {"terraform": terraform, "complaints": complaints}

if __name__ == "__main__":
    json.dump(ACTS[sys.argv[1]](json.load(sys.stdin)), sys.stdout)
