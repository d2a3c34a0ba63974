"""The context keys that a policy refers to, spelt as it spells them.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetContextKeysForCustomPolicy.html

They stand in conditions, and as variables in resources and in the values of conditions.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from ferrox.iam.document import WITH_VARIABLES
from ferrox.iam.patterns import variables


def context_keys(texts: Iterable[str]) -> dict[str, str]:
    """Of policies, which have been parsed before: each key by its name in lower case."""
    found: dict[str, str] = {}
    for text in texts:
        for key in _keys(json.loads(text)):
            found.setdefault(key.lower(), key)
    return found


def _keys(policy: dict[str, Any]) -> Iterator[str]:
    has_variables = policy.get("Version") == WITH_VARIABLES
    for statement in _listed(policy["Statement"]):
        values = [*_listed(statement.get("Resource")), *_listed(statement.get("NotResource"))]
        for keys in statement.get("Condition", {}).values():
            yield from keys
            values += [value for wanted in keys.values() for value in _listed(wanted)]
        if has_variables:
            for value in values:
                yield from variables(str(value))


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
