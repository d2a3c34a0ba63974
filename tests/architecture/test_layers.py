"""The dependency direction: a part imports only the parts it is allowed to know.

The layers are those of docs/decisions/0001: what is pure stays pure, and each kind of outside world
(sockets, disk, threads) is touched in one place.
"""

import ast
from pathlib import Path

import pytest

from tests.architecture.source import MODULES, PACKAGE, imports, name_of, tree_of

VOCABULARY = {
    "admin_roles",
    "decision",
    "document_errors",
    "encryption_settings",
    "ephemeral_settings",
    "fault_rules",
    "errors",
    "event_targets",
    "iam_errors",
    "lifecycle_records",
    "instruments",
    "kms_errors",
    "scrub_settings",
    "service_manager",
    "setting",
    "setting_kinds",
    "setting_sources",
    "slots",
    "tls_settings",
    "records",
    "client_environment",
    "clock",
    "ids",
    "identity",
    "config",
    "metrics",
    "metrics_settings",
    "package_parts",
    "quantities",
    "log",
    "frozen",
    "wildcards",
}
MAY_IMPORT: dict[str, set[str]] = {
    "protocol": set(),
    "iam": set(),
    "crypto": set(),
    "auth": {"protocol", "crypto"},
    "storage": {"crypto"},
    # Temporary credentials are given by operations, and verified by auth.
    "operations": {"protocol", "auth", "iam", "crypto", "storage", "outgoing", "accounting"},
    "outgoing": set(),
    "outgoing_connections": {"outgoing"},
    # A client of S3: it asks by the operations, and signs, as the server reads and verifies.
    "migration": {"protocol", "auth", "outgoing_connections"},
    # What a bucket is configured to have done is a shape.
    # What they write is sealed by keys that storage has.
    "jobs": {"storage", "protocol", "crypto", "outgoing"},
    "pipeline": {"protocol", "auth", "iam", "operations", "storage", "accounting"},
    "gateway": {"protocol", "pipeline", "crypto"},  # whose names a certificate has
    "workers": set(),
    "accounting": {"protocol", "workers"},
    "monitoring": {"storage"},
    "root_account": {"storage"},
    "admin": {"protocol", "iam", "crypto", "storage", "operations", "jobs", "accounting"},
} | {name: set() for name in VOCABULARY}
KNOW_EVERYTHING = {"announcement", "app", "operating", "prefork", "cli", "__init__"}
ONLY_IN = {
    "aiohttp": {"gateway"},
    "h2": {"gateway"},
    "hpack": {"gateway"},
    "hyperframe": {"gateway"},
    "sqlite3": {"storage"},
    "sqlitedict": {"storage"},
    "fcntl": {"storage", "frozen", "workers", "accounting"},
    # Threads count, too.
    "threading": {"storage", "workers", "instruments"},
    "concurrent": {"storage"},
    "multiprocessing": set[str](),
    "asn1crypto": {"crypto"},
    "prometheus_client": {"monitoring"},
    "Crypto": {"crypto"},
    "Cryptodome": {"crypto"},
    "xmltodict": {"protocol"},
    "uvloop": {"app"},
    "botocore": set[str](),
    "boto3": set[str](),
}
TOUCHES_EVERYTHING = PACKAGE / "cli" / "selftest_checks.py"
"""They try each kind of outside world by themselves: that is what they are for."""
THREAD_CALLS = {"to_thread", "run_in_executor"}
PURE = {"protocol", "auth", "iam", "crypto"}
IMPURE_MODULES = {"asyncio", "socket", "subprocess", "tempfile", "shutil"}
MEANINGLESS = {"utils", "util", "common", "helpers", "core", "base", "manager", "misc"}


def part_of(path: Path) -> str:
    """The layer a module belongs to: the first name below ferrox."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_point_down(path: Path) -> None:
    own = part_of(path)
    allowed = MAY_IMPORT[own] | VOCABULARY | {own} if own not in KNOW_EVERYTHING else None

    known = {name.split(".")[1] for name in imports(tree_of(path)) if name.startswith("ferrox.")}

    assert allowed is None or set() == known - allowed - {"__version__"}


@pytest.mark.parametrize(
    "path", [path for path in MODULES if path != TOUCHES_EVERYTHING], ids=name_of
)
def test_each_kind_of_outside_world_is_touched_in_one_place(path: Path) -> None:
    own = part_of(path)

    strangers = {
        name for name in imports(tree_of(path)) if own not in ONLY_IN.get(name.split(".")[0], {own})
    }

    assert set() == strangers


@pytest.mark.parametrize(
    "path", [path for path in MODULES if part_of(path) != "storage"], ids=name_of
)
def test_threads_are_the_business_of_storage(path: Path) -> None:
    calls = {
        node.attr
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute) and node.attr in THREAD_CALLS
    }

    assert set() == calls


@pytest.mark.parametrize("path", [path for path in MODULES if part_of(path) in PURE], ids=name_of)
def test_what_is_pure_does_no_input_or_output(path: Path) -> None:
    tree = tree_of(path)

    heads = {name.split(".")[0] for name in imports(tree)}
    opens = [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "open"
    ]

    assert set() == heads & IMPURE_MODULES
    assert [] == opens


def test_every_layer_is_known_here() -> None:
    parts = {part_of(path) for path in MODULES}

    assert set() == parts - set(MAY_IMPORT) - KNOW_EVERYTHING


def test_no_module_has_a_name_without_meaning() -> None:
    names = {part.removesuffix(".py") for path in MODULES for part in path.parts}

    assert set() == names & MEANINGLESS
