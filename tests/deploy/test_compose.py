"""The Compose files: every file, option and variable in them is there and understood.

https://docs.docker.com/reference/compose-file/
"""

import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from build.image import dockerfile
from ferrox import __version__
from ferrox.cli import tls
from ferrox.config import Config
from ferrox.setting_kinds import Address
from tests.deploy.recipes import BUILD, understood
from tests.server_process import ROOT

HERE = BUILD / "compose"
MADE_BY_ITS_READER = {"metrics-token", "backup"}
ENVIRONMENT = {"FERROX_ACCESS_KEY": "root", "FERROX_SECRET_KEY": "secret", "GRAFANA_PASSWORD": "g"}
HARDENED = {"cap_drop": ["ALL"], "security_opt": ["no-new-privileges:true"]}
PROMTOOL = shutil.which("promtool")


class Replaced(list[Any]):
    """A list that comes in place of the one before, where others are added to it."""


class Loader(yaml.SafeLoader):  # type: ignore[misc]  # yaml brings no types
    """YAML with the one tag that Compose adds here."""


def replaced(loader: Loader, node: yaml.SequenceNode) -> Replaced:
    return Replaced(loader.construct_sequence(node, deep=True))


Loader.add_constructor("!override", replaced)


def interpolated(value: Any, variables: Mapping[str, str]) -> Any:
    """As Compose does it: ${NAME}, ${NAME:-default}, ${NAME:?complaint}."""
    if isinstance(value, dict):
        return {key: interpolated(one, variables) for key, one in value.items()}
    if isinstance(value, list):
        return type(value)(interpolated(one, variables) for one in value)
    if not isinstance(value, str):
        return value
    return re.sub(
        r"\$\{(\w+)(?::([-?])([^}]*))?\}",
        lambda found: (
            variables.get(found[1]) or (found[3] if found[2] == "-" else missing(found[1]))
        ),
        value,
    )


def missing(name: str) -> str:
    raise KeyError(name)


def merged(first: Any, second: Any) -> Any:
    if isinstance(first, dict) and isinstance(second, dict):
        return first | {key: merged(first.get(key), value) for key, value in second.items()}
    if isinstance(first, list) and isinstance(second, list) and not isinstance(second, Replaced):
        return first + second
    return second


def project(*names: str, **variables: str) -> Any:
    """What these files come to."""
    found: Any = {}
    for name in names or ("compose.yaml",):
        document = yaml.load((HERE / name).read_text("utf-8"), Loader)
        found = merged(found, document)
    return interpolated(found, ENVIRONMENT | variables)


def config_of(found: Any) -> Config:
    """What the server makes of its environment."""
    return understood(found["services"]["ferroxd"]["environment"])


def mounted(service: Any) -> dict[str, str]:
    """Path in the container to what is mounted there."""
    pairs = [volume.split(":") for volume in service.get("volumes", [])]
    secrets = {f"/run/secrets/{name}": f"secret {name}" for name in service.get("secrets", [])}
    return {pair[1]: pair[0] for pair in pairs} | secrets


BOTH = ("compose.yaml", "compose.tls.yaml")


def test_what_is_mounted_is_there() -> None:
    found = project(*BOTH)
    sources = [source for one in found["services"].values() for source in mounted(one).values()]

    files = {source for source in sources if source.startswith(".")}
    assert 6 == len(files)
    for source in files:
        assert (HERE / source).resolve().exists() or Path(source).name in MADE_BY_ITS_READER
    volumes = {source for source in sources if not source.startswith((".", "secret "))}
    assert volumes == found["volumes"].keys()
    secrets = {source.removeprefix("secret ") for source in sources if source.startswith("secret ")}
    assert secrets == found["secrets"].keys()


def test_every_variable_that_files_look_for_is_in_the_example() -> None:
    example = (HERE / "example.env").read_text("utf-8")
    offered = set(re.findall(r"(?m)^(?:# )?([A-Z_]+)=", example))
    wanted = set(re.findall(r"\$\{(\w+)", "".join((HERE / name).read_text() for name in BOTH)))

    readme = (HERE / "README.md").read_text("utf-8")
    assert set() == {name for name in wanted - offered if f"`{name}`" not in readme}
    assert set() == offered - wanted


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_what_has_no_default_has_to_be_said(name: str) -> None:
    with pytest.raises(KeyError, match=name):
        project(**{name: ""})


def test_the_server_understands_what_it_is_told() -> None:
    plain, secured = config_of(project()), config_of(project(*BOTH))

    assert (Address("0.0.0.0", 9000), None) == (plain.bind, plain.tls_bind)
    assert ("root", "json", "us-east-1") == (plain.access_key, plain.log_format, plain.region)
    assert (9000, 9443) == tuple(one.port for one in (secured.bind, secured.tls_bind) if one)
    assert (Path("/data/tls/server.crt"),) == secured.tls_certificate


def test_files_that_the_server_is_told_of_are_mounted() -> None:
    found = project(*BOTH)
    server = found["services"]["ferroxd"]
    places = mounted(server)

    for name, value in server["environment"].items():
        if str(value).startswith("/"):
            assert any(value.startswith(place) for place in places), name


@pytest.mark.parametrize(("files", "port"), [(BOTH[:1], 9000), (BOTH, 9443)], ids=["plain", "tls"])
def test_only_the_port_that_is_meant_is_reached_from_outside(
    files: tuple[str, ...], port: int
) -> None:
    services = project(*files)["services"]

    assert [f"0.0.0.0:{port}:{port}"] == services["ferroxd"]["ports"]
    others = [
        port for name in services if name != "ferroxd" for port in services[name].get("ports", [])
    ]
    assert others
    assert all(one.startswith("127.0.0.1:") for one in others)


def test_containers_may_do_little() -> None:
    services = project(*BOTH)["services"]

    for name, service in services.items():
        assert HARDENED.items() <= service.items(), name
        assert service.get("read_only", False) is (name != "grafana")  # its plugins want to write
        assert "privileged" not in service
    server = services["ferroxd"]
    assert 45 == int(server["stop_grace_period"].removesuffix("s"))
    assert "65532:65532" == image()["User"]  # so that nobody has to say it


def image() -> dict[str, Any]:
    text = (ROOT / "Dockerfile.scratch").read_text("utf-8")
    return dockerfile.configuration(text, {"VERSION": __version__, "REVISION": ""})


def test_the_server_is_asked_how_it_is_as_the_image_says() -> None:
    services = project()["services"]

    assert image()["Healthcheck"]["Test"] == services["ferroxd"]["healthcheck"]["test"]
    assert {"backup"} == {name for name, one in services.items() if "healthcheck" not in one}


def test_commands_are_such_as_ferroxd_knows() -> None:
    services = project(*BOTH)["services"]
    ours = {name: one for name, one in services.items() if "ferroxd" in one["image"]}

    assert {"ferroxd", "backup", "certificate"} == ours.keys()
    assert {f"ferroxd:{__version__}"} == {one["image"] for one in ours.values()}
    assert ["serve"] == ours["ferroxd"]["command"]
    word, act, *rest = ours["certificate"]["command"]
    assert ("tls", "self-signed") == (word, act)
    folder, names, _ = tls.parse([act, *rest])
    assert (Path("/data/tls"), ["localhost"]) == (folder, list(names))
    assert ["backup", "/backup", "--keep", "14", "--data-dir", "/data"] == ours["backup"]["command"]


def test_prometheus_finds_server_token_and_alerts() -> None:
    services = project()["services"]
    written = yaml.safe_load((HERE / "prometheus.yaml").read_text("utf-8"))
    places = mounted(services["prometheus"])

    [job] = written["scrape_configs"]
    [target] = job["static_configs"][0]["targets"]
    bind = config_of(project()).bind
    assert bind is not None
    assert f"ferroxd:{bind.port}" == target
    assert job["authorization"]["credentials_file"] in places
    assert set(written["rule_files"]) <= places.keys()
    assert f"--config.file={next(iter(places))}" == services["prometheus"]["command"][0]
    assert set(services["prometheus"]["networks"]) <= set(services["ferroxd"]["networks"])


@pytest.mark.skipif(not PROMTOOL, reason="there is no promtool here")
def test_prometheus_understands_its_configuration(tmp_path: Path) -> None:
    text = (HERE / "prometheus.yaml").read_text("utf-8")
    text = text.replace("/etc/prometheus/", f"{BUILD}/grafana/").replace(
        "/run/secrets", f"{tmp_path}"
    )
    (tmp_path / "metrics-token").write_text("token")
    (tmp_path / "prometheus.yaml").write_text(text)

    done = subprocess.run(
        [PROMTOOL or "", "check", "config", tmp_path / "prometheus.yaml"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr


def test_grafana_finds_prometheus_and_the_dashboard() -> None:
    services = project()["services"]
    places = mounted(services["grafana"])
    [source] = yaml.safe_load((HERE / "grafana/datasource.yaml").read_text("utf-8"))["datasources"]
    [provider] = yaml.safe_load((HERE / "grafana/dashboards.yaml").read_text("utf-8"))["providers"]

    assert ("http://prometheus:9090", True) == (source["url"], source["isDefault"])
    [shown] = [place for place in places if place.startswith(provider["options"]["path"])]
    home = services["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert (home, "../grafana/dashboard.json") == (shown, places[shown])
