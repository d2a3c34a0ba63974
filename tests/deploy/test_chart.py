"""The Helm chart, rendered by helm: what every set of values comes to.

Manifests are held against the schemas of Kubernetes, and what ferroxd is told against its own
settings: https://helm.sh/docs/topics/charts/
"""

import base64
import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
import yaml

from ferrox.config import Config
from ferrox.setting_kinds import Address
from tests.deploy.cluster import cluster
from tests.deploy.recipes import BUILD, documents, refused_by_kubernetes, understood
from tests.server_process import ROOT

CHART = BUILD / "helm" / "ferrox"
HELM = ROOT / ".helm" / "helm"
OLDEST, NEWEST = "1.27.0", "1.37.0"
EVERYTHING: dict[str, Any] = {
    "commonLabels": {"team": "storage"},
    "image": {"repository": "registry.example.com/ferroxd", "digest": f"sha256:{'0' * 64}"},
    "imagePullSecrets": [{"name": "registry"}],
    "buckets": ["photos", "archive:object-lock"],
    "settings": {
        "region": "eu-central-1",
        "domain": ["s3.example.com", "s3.example.org"],
        "audit_log_max_size": 104857600,
        "access_log": False,
        "lifecycle_interval": 0.5,
        "shutdown_grace": 60.5,
        "max_header_bytes": "32KiB",
    },
    "rootCredentials": {"accessKey": "root", "secretKey": "root-secret"},
    "masterPassphrase": {"existingSecret": "passphrase"},
    "encryption": {"existingSecret": "encryption", "mode": "default"},
    "persistence": {
        "storageClass": "fast",
        "selector": {"matchLabels": {"disk": "fast"}},
        "annotations": {"a": "b"},
    },
    "backup": {"enabled": True, "existingClaim": "backups", "timeZone": "Europe/Berlin"},
    "tls": {
        "enabled": True,
        "clientCaSecret": "clients",
        "certManager": {
            "enabled": True,
            "issuerRef": {"name": "ca", "kind": "ClusterIssuer"},
            "dnsNames": ["s3.example.com", "*.s3.example.com"],
        },
    },
    "admin": {"enabled": True, "existingSecret": "admin", "subjects": ["CN=ops:admin"]},
    "service": {
        "type": "LoadBalancer",
        "loadBalancerClass": "internal",
        "loadBalancerSourceRanges": ["192.0.2.0/24"],
        "externalTrafficPolicy": "Local",
        "ipFamilyPolicy": "PreferDualStack",
        "tlsNodePort": 30443,
        "annotations": {"a": "b"},
    },
    "ingress": {
        "enabled": True,
        "className": "nginx",
        "controller": "ingress-nginx",
        "hosts": ["s3.example.com", "*.s3.example.com"],
        "tls": [{"secretName": "s3", "hosts": ["s3.example.com"]}],
        "annotations": {"a": "b"},
    },
    "httpRoute": {
        "enabled": True,
        "parentRefs": [{"name": "public"}],
        "hostnames": ["s3.example.com"],
        "annotations": {"a": "b"},
        "filters": [{"type": "RequestHeaderModifier", "requestHeaderModifier": {"remove": ["x"]}}],
    },
    "metrics": {
        "tokenSecret": {"name": "metrics"},
        "serviceMonitor": {
            "enabled": True,
            "labels": {"release": "prometheus"},
            "relabelings": [{"action": "labeldrop", "regex": "pod"}],
            "metricRelabelings": [{"action": "labeldrop", "regex": "x"}],
        },
        "prometheusRule": {"enabled": True, "labels": {"release": "prometheus"}},
        "dashboard": {"enabled": True, "annotations": {"grafana_folder": "storage"}},
    },
    "networkPolicy": {
        "enabled": True,
        "from": [{"namespaceSelector": {}}],
        "adminFrom": [{"podSelector": {}}],
        "egress": [{"ports": [{"port": 53, "protocol": "UDP"}]}],
    },
    "podDisruptionBudget": {"enabled": True},
    "serviceAccount": {"annotations": {"a": "b"}},
    "extraEnv": [{"name": "FERROX_LOG_LEVEL", "value": "debug"}],
    "extraEnvFrom": [{"configMapRef": {"name": "more", "optional": True}}],
    "extraArgs": ["--log-format", "json"],
    "extraVolumes": [{"name": "targets", "configMap": {"name": "targets"}}],
    "extraVolumeMounts": [{"name": "targets", "mountPath": "/etc/ferrox/targets"}],
    "initContainers": [{"name": "before", "image": "before:1"}],
    "extraContainers": [{"name": "beside", "image": "beside:1"}],
    "extraObjects": [
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "{{ .Release.Name }}-more"},
            "data": {"a": "b"},
        }
    ],
    "podAnnotations": {"a": "b"},
    "podLabels": {"a": "b"},
    "annotations": {"a": "b"},
    "nodeSelector": {"disk": "fast"},
    "tolerations": [{"key": "storage", "operator": "Exists"}],
    "affinity": {
        "nodeAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": {
                "nodeSelectorTerms": [
                    {"matchExpressions": [{"key": "disk", "operator": "In", "values": ["fast"]}]}
                ]
            }
        }
    },
    "topologySpreadConstraints": [
        {
            "maxSkew": 1,
            "topologyKey": "topology.kubernetes.io/zone",
            "whenUnsatisfiable": "ScheduleAnyway",
        }
    ],
    "priorityClassName": "storage",
    "runtimeClassName": "gvisor",
    "hostAliases": [{"ip": "192.0.2.1", "hostnames": ["events"]}],
}
TLS = {"tls": {"enabled": True, "existingSecret": "tls"}}
SETS: dict[str, dict[str, Any]] = {
    "default": {},
    "everything": EVERYTHING,
    "given secrets": {"rootCredentials": {"existingSecret": "root"}},
    "no volume": {"persistence": {"enabled": False}},
    "a claim": {"persistence": {"existingClaim": "old"}},
    "a backup of a claim": {
        "persistence": {"existingClaim": "old"},
        "backup": {"enabled": True, "existingClaim": "backups", "keep": 3, "verifySchedule": ""},
    },
    "a static volume": {"persistence": {"storageClass": "-"}},
    "TLS of a secret": TLS,
    "both ports": {"tls": {"enabled": True, "existingSecret": "tls", "keepPlain": True}},
    "a passphrase": {"encryption": {"existingSecret": "encryption", "isPassphrase": True}},
    "stopped": {"replicas": 0, "serviceAccount": {"create": False}},
    "no metrics": {
        "metrics": {
            "enabled": False,
            "serviceMonitor": {"enabled": True},
            "prometheusRule": {"enabled": True},
            "dashboard": {"enabled": True},
        }
    },
    "open policy": {"networkPolicy": {"enabled": True}},
    "closed policy": {"networkPolicy": {"enabled": True, "egress": []}},
    "node port": {"service": {"type": "NodePort", "nodePort": 30900}},
    "nothing tight": {"podSecurityContext": None, "securityContext": None, "resources": None},
}


def helm(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [HELM, *arguments], capture_output=True, text=True, timeout=60, check=False
    )


def run(
    home: Path, values: dict[str, Any], version: str = NEWEST
) -> subprocess.CompletedProcess[str]:
    """`helm template` with these values."""
    file = home / "values.json"
    file.write_text(json.dumps(values))
    return helm(
        "template", "store", CHART, "--namespace", "storage", "--values", file,
        "--kube-version", version,
    )  # fmt: skip


def install(
    home: Path, values: dict[str, Any], secrets: Mapping[str, dict[str, str]] = MappingProxyType({})
) -> str:
    """What `helm install` would do in a cluster, and say."""
    file = home / "values.json"
    file.write_text(json.dumps(values))
    with cluster(home, secrets) as kubeconfig:
        done = helm(
            "install", "store", CHART, "--namespace", "storage", "--values", file,
            "--dry-run=server", "--disable-openapi-validation", "--kubeconfig", kubeconfig,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


class Rendered:
    """The manifests that values come to."""

    def __init__(self, home: Path, values: dict[str, Any], version: str = NEWEST) -> None:
        done = run(home, values, version)
        assert done.returncode == 0, done.stderr
        self.manifests = documents(done.stdout)

    def one(self, kind: str, suffix: str = "") -> Any:
        """The one of a kind whose name ends so."""
        [found] = [
            manifest
            for manifest in self.manifests
            if manifest["kind"] == kind and manifest["metadata"]["name"] == f"store-ferrox{suffix}"
        ]
        return found

    def kinds(self) -> set[str]:
        return {manifest["kind"] for manifest in self.manifests}

    @property
    def pod(self) -> Any:
        return self.one("StatefulSet")["spec"]["template"]["spec"]

    @property
    def container(self) -> Any:
        return next(one for one in self.pod["containers"] if one["name"] == "ferroxd")

    @property
    def config(self) -> Config:
        """What ferroxd makes of its environment."""
        return understood(
            {item["name"]: item.get("value", "from-a-secret") for item in self.container["env"]}
        )


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
def test_kubernetes_takes_what_values_come_to(version: str, tmp_path: Path) -> None:
    manifests = [
        manifest
        for values in SETS.values()
        for manifest in Rendered(tmp_path, values, version).manifests
        if not is_custom(manifest)
    ]

    assert [] == refused_by_kubernetes([version.rpartition(".")[0]], manifests)


def is_custom(manifest: dict[str, Any]) -> bool:
    group = str(manifest["apiVersion"]).partition("/")[0]
    return group in ("cert-manager.io", "gateway.networking.k8s.io", "monitoring.coreos.com")


@pytest.mark.parametrize("name", SETS)
def test_helm_has_nothing_against_the_chart(name: str, tmp_path: Path) -> None:
    file = tmp_path / "values.json"
    file.write_text(json.dumps(SETS[name]))

    done = helm("lint", "--strict", "--kube-version", NEWEST, "--values", file, CHART)

    assert (0, []) == (
        done.returncode,
        [line for line in done.stdout.splitlines() if "[WARNING]" in line or "[ERROR]" in line],
    )


@pytest.mark.parametrize("name", SETS)
def test_ferroxd_understands_what_it_is_told(name: str, tmp_path: Path) -> None:
    rendered = Rendered(tmp_path, SETS[name])

    assert Path("/data") == rendered.config.data_dir


def test_settings_arrive_as_they_were_meant(tmp_path: Path) -> None:
    config = Rendered(tmp_path, EVERYTHING).config

    assert "eu-central-1" == config.region
    assert ("s3.example.com", "s3.example.org") == config.domain
    assert 104857600 == config.audit_log_max_size
    assert config.access_log is False
    assert (0.5, 60.5) == (config.lifecycle_interval, config.shutdown_grace)
    assert 32768 == config.max_header_bytes
    assert "debug" == config.log_level
    assert ["photos", "archive:object-lock"] == [str(one) for one in config.seed_bucket]
    assert (None, Address("0.0.0.0", 9443)) == (config.bind, config.tls_bind)
    assert ("default", "on") == (config.sse_mode, "on" if config.metrics else "off")


def test_files_that_ferroxd_is_told_of_are_mounted(tmp_path: Path) -> None:
    rendered = Rendered(tmp_path, EVERYTHING)
    mounted = {
        f"{mount['mountPath']}/{item['path']}"
        for mount in rendered.container["volumeMounts"]
        for volume in rendered.pod["volumes"]
        if volume["name"] == mount["name"]
        for item in volume.get("secret", {}).get("items", [])
    }

    named = {
        item["value"]
        for item in rendered.container["env"]
        if str(item.get("value")).startswith("/etc/")
    }

    assert named == mounted


def test_the_pod_is_as_tight_as_it_goes(tmp_path: Path) -> None:
    rendered = Rendered(tmp_path, {})

    pod, container = rendered.pod, rendered.container
    assert (True, 65532, 65532) == tuple(
        pod["securityContext"][name] for name in ("runAsNonRoot", "runAsUser", "fsGroup")
    )
    assert {"type": "RuntimeDefault"} == pod["securityContext"]["seccompProfile"]
    assert {
        "allowPrivilegeEscalation": False,
        "privileged": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    } == container["securityContext"]
    assert (False, False) == (pod["automountServiceAccountToken"], pod["enableServiceLinks"])
    assert rendered.one("ServiceAccount")["automountServiceAccountToken"] is False


@pytest.mark.parametrize(
    ("values", "port", "scheme"),
    [({}, "s3", "HTTP"), (SETS["both ports"], "s3", "HTTP"), (TLS, "s3-tls", "HTTPS")],
)
def test_probes_ask_where_the_server_listens(
    values: dict[str, Any], port: str, scheme: str, tmp_path: Path
) -> None:
    rendered = Rendered(tmp_path, values)

    for probe, path in (("startup", "live"), ("liveness", "live"), ("readiness", "ready")):
        assert {"path": f"/health/{path}", "port": port, "scheme": scheme} == rendered.container[
            f"{probe}Probe"
        ]["httpGet"]
    assert port in {one["name"] for one in rendered.container["ports"]}


def test_a_pod_is_given_the_time_that_requests_may_take(tmp_path: Path) -> None:
    default = Rendered(tmp_path, {}).pod
    long = Rendered(tmp_path, {"settings": {"shutdown_grace": 600}, "preStopSeconds": 0}).pod
    old = Rendered(tmp_path, {}, OLDEST).pod
    refused = run(tmp_path, {"terminationGracePeriodSeconds": 30})

    assert 45 == default["terminationGracePeriodSeconds"]
    assert {"preStop": {"sleep": {"seconds": 5}}} == default["containers"][0]["lifecycle"]
    assert 610 == long["terminationGracePeriodSeconds"]
    assert (40, False) == (
        old["terminationGracePeriodSeconds"],
        "lifecycle" in old["containers"][0],
    )
    assert "say 45 or more" in refused.stderr


def test_a_key_pair_is_made_and_kept(tmp_path: Path) -> None:
    secret = Rendered(tmp_path, {}).one("Secret", "-root")
    another = Rendered(tmp_path, {}).one("Secret", "-root")

    assert {"helm.sh/resource-policy": "keep"} == secret["metadata"]["annotations"]
    assert secret["data"] != another["data"]
    pair = {name: base64.b64decode(text).decode() for name, text in secret["data"].items()}
    config = understood(
        {"FERROX_ACCESS_KEY": pair["access-key"], "FERROX_SECRET_KEY": pair["secret-key"]}
    )
    assert (20, 40) == (len(config.access_key or ""), len(config.secret_key or ""))


def test_a_key_pair_that_is_given_is_used(tmp_path: Path) -> None:
    given = Rendered(tmp_path, {"rootCredentials": {"accessKey": "me12", "secretKey": "secret"}})
    existing = Rendered(tmp_path, SETS["given secrets"])

    assert b"secret" == base64.b64decode(given.one("Secret", "-root")["data"]["secret-key"])
    assert "Secret" not in existing.kinds()
    reference = existing.container["env"]
    assert {"name": "root", "key": "secret-key"} == next(
        item["valueFrom"]["secretKeyRef"]
        for item in reference
        if item["name"].endswith("SECRET_KEY")
    )


def test_no_secret_stands_anywhere_but_in_the_secret(tmp_path: Path) -> None:
    values = {"rootCredentials": {"accessKey": "me12", "secretKey": "not-to-be-seen"}}

    rendered = Rendered(tmp_path, values)

    others = [one for one in rendered.manifests if one["kind"] != "Secret"]
    assert "not-to-be-seen" not in json.dumps(others)


@pytest.mark.parametrize("controller", ["ingress-nginx", "nginx", "haproxy", "traefik", ""])
@pytest.mark.parametrize("values", [{}, TLS], ids=["plain", "tls"])
def test_an_ingress_passes_bodies_on(
    controller: str, values: dict[str, Any], tmp_path: Path
) -> None:
    ingress = {"enabled": True, "controller": controller, "hosts": ["s3.example.com"]}

    rendered = Rendered(tmp_path, {**values, "ingress": ingress})

    made = rendered.one("Ingress")
    annotations = made["metadata"].get("annotations", {})
    assert all(isinstance(value, str) for value in annotations.values())
    if controller == "ingress-nginx":
        assert "0" == annotations["nginx.ingress.kubernetes.io/proxy-body-size"]
        assert "off" == annotations["nginx.ingress.kubernetes.io/proxy-request-buffering"]
    if controller:
        assert bool(values) == any(
            "HTTPS" in value or "https" in value or "ssl" in name
            for name, value in annotations.items()
        )
    backend = made["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]
    assert backend["port"]["name"] in {
        port["name"] for port in rendered.one("Service")["spec"]["ports"]
    }
    assert [] == refused_by_kubernetes(["1.34"], [made])


def test_an_annotation_that_is_given_counts_instead_of_the_usual(tmp_path: Path) -> None:
    name = "nginx.ingress.kubernetes.io/proxy-body-size"
    ingress = {
        "enabled": True,
        "controller": "ingress-nginx",
        "hosts": ["s3.example.com"],
        "annotations": {name: "1g"},
    }

    assert (
        "1g"
        == Rendered(tmp_path, {"ingress": ingress}).one("Ingress")["metadata"]["annotations"][name]
    )


def test_a_route_of_the_gateway_leads_to_the_service(tmp_path: Path) -> None:
    route = Rendered(tmp_path, EVERYTHING).one("HTTPRoute")

    [rule] = route["spec"]["rules"]
    assert [{"name": "store-ferrox", "port": 9443}] == rule["backendRefs"]
    assert {"request": "0s"} == rule["timeouts"]


def test_cert_manager_is_asked_for_the_names_of_the_services(tmp_path: Path) -> None:
    rendered = Rendered(tmp_path, EVERYTHING)

    certificate = rendered.one("Certificate")["spec"]
    assert {"store-ferrox.storage.svc", "s3.example.com"} < set(certificate["dnsNames"])
    [volume] = [one for one in rendered.pod["volumes"] if one["name"] == "tls"]
    assert certificate["secretName"] == volume["secret"]["secretName"]


def test_prometheus_finds_the_metrics(tmp_path: Path) -> None:
    plain = Rendered(tmp_path, {"metrics": {"serviceMonitor": {"enabled": True}}})
    full = Rendered(tmp_path, EVERYTHING)

    annotations = plain.one("StatefulSet")["spec"]["template"]["metadata"]["annotations"]
    assert ("true", "9000", "http") == tuple(
        annotations[f"prometheus.io/{name}"] for name in ("scrape", "port", "scheme")
    )
    [endpoint] = plain.one("ServiceMonitor")["spec"]["endpoints"]
    assert ("s3", "/metrics", "http") == tuple(
        endpoint[name] for name in ("port", "path", "scheme")
    )
    [secured] = full.one("ServiceMonitor")["spec"]["endpoints"]
    assert {"name": "metrics", "key": "metrics-token"} == secured["authorization"]["credentials"]
    assert "store-ferrox.storage.svc" == secured["tlsConfig"]["serverName"]
    labels = full.one("ServiceMonitor")["spec"]["selector"]["matchLabels"]
    assert labels.items() <= full.one("Service")["metadata"]["labels"].items()


def test_the_alerts_and_the_dashboard_arrive_as_they_are_written(tmp_path: Path) -> None:
    rendered = Rendered(tmp_path, EVERYTHING)

    rule, [board] = (
        rendered.one("PrometheusRule"),
        rendered.one("ConfigMap", "-dashboard")["data"].items(),
    )
    written = yaml.safe_load((BUILD / "grafana" / "alerts.yaml").read_text("utf-8"))
    assert written == rule["spec"]
    assert ("ferrox.json", json.loads((BUILD / "grafana" / "dashboard.json").read_text())) == (
        board[0],
        json.loads(board[1]),
    )
    labels = rendered.one("ConfigMap", "-dashboard")["metadata"]["labels"]
    assert ("1", "prometheus") == (
        labels["grafana_dashboard"],
        rule["metadata"]["labels"]["release"],
    )


def test_prometheus_calls_the_job_as_alerts_look_for_it(tmp_path: Path) -> None:
    rendered = Rendered(tmp_path, {"metrics": {"serviceMonitor": {"enabled": True}}})

    label = rendered.one("ServiceMonitor")["spec"]["jobLabel"]

    assert "ferrox" == rendered.one("Service")["metadata"]["labels"][label]


def test_who_needs_a_token_is_not_sent_by_annotations(tmp_path: Path) -> None:
    rendered = Rendered(tmp_path, {"metrics": {"tokenSecret": {"name": "token"}}})

    metadata = rendered.one("StatefulSet")["spec"]["template"]["metadata"]
    assert "annotations" not in metadata


def test_without_metrics_there_is_nothing_about_them(tmp_path: Path) -> None:
    rendered = Rendered(tmp_path, SETS["no metrics"])

    assert set() == rendered.kinds() & {"ServiceMonitor", "PrometheusRule", "ConfigMap"}
    assert rendered.config.metrics is False


@pytest.mark.parametrize(
    ("values", "claim"),
    [(EVERYTHING, "data-store-ferrox-0"), (SETS["a backup of a claim"], "old")],
    ids=["own", "given"],
)
def test_a_backup_is_made_beside_the_server(
    values: dict[str, Any], claim: str, tmp_path: Path
) -> None:
    rendered = Rendered(tmp_path, values)

    job = rendered.one("CronJob", "-backup")["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    [container] = job["containers"]
    keep = str(values["backup"].get("keep", 14))
    assert ["backup", "/backup", "--keep", keep, "--data-dir", "/data"] == container["args"]
    claims = {
        volume["name"]: volume["persistentVolumeClaim"]["claimName"]
        for volume in job["volumes"]
        if "persistentVolumeClaim" in volume
    }
    assert {"data": claim, "backup": "backups"} == claims
    [near] = job["affinity"]["podAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    labels = rendered.one("StatefulSet")["spec"]["template"]["metadata"]["labels"]
    assert near["labelSelector"]["matchLabels"].items() <= labels.items()
    assert (rendered.pod["securityContext"], rendered.container["securityContext"]) == (
        job["securityContext"],
        container["securityContext"],
    )


def test_names_of_jobs_are_no_longer_than_kubernetes_takes(tmp_path: Path) -> None:
    rendered = Rendered(tmp_path, {**EVERYTHING, "fullnameOverride": "n" * 60})

    names = [one["metadata"]["name"] for one in rendered.manifests if one["kind"] == "CronJob"]
    assert [52, 52] == [len(name) for name in names]


def test_backups_are_verified_unless_nobody_wants_it(tmp_path: Path) -> None:
    wanted = Rendered(tmp_path, EVERYTHING).one("CronJob", "-verify")
    jobs = [
        one
        for one in Rendered(tmp_path, SETS["a backup of a claim"]).manifests
        if one["kind"] == "CronJob"
    ]

    pod = wanted["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert ["backup", "verify", "/backup"] == pod["containers"][0]["args"]
    assert ["store-ferrox-backup"] == [one["metadata"]["name"] for one in jobs]


def test_selectors_find_the_pod_and_not_that_of_others(tmp_path: Path) -> None:
    rendered = Rendered(tmp_path, EVERYTHING)
    labels = rendered.one("StatefulSet")["spec"]["template"]["metadata"]["labels"]
    others = [
        rendered.one("Pod", "-test")["metadata"]["labels"],
        *(
            job["spec"]["jobTemplate"]["spec"]["template"]["metadata"]["labels"]
            for job in rendered.manifests
            if job["kind"] == "CronJob"
        ),
    ]

    selectors = [
        *(one["spec"]["selector"] for one in rendered.manifests if one["kind"] == "Service"),
        rendered.one("StatefulSet")["spec"]["selector"]["matchLabels"],
        rendered.one("NetworkPolicy")["spec"]["podSelector"]["matchLabels"],
        rendered.one("PodDisruptionBudget")["spec"]["selector"]["matchLabels"],
    ]

    assert 6 == len(selectors)
    for selector in selectors:
        assert selector.items() <= labels.items()
        assert not any(selector.items() <= labels.items() for labels in others)
    assert 3 == len(others)


@pytest.mark.parametrize("values", [{}, TLS], ids=["plain", "tls"])
def test_helm_test_asks_the_service(values: dict[str, Any], tmp_path: Path) -> None:
    rendered = Rendered(tmp_path, values)
    pod = rendered.one("Pod", "-test")
    [ready, selftest] = pod["spec"]["containers"]
    config = understood({item["name"]: item["value"] for item in ready["env"]})

    address = config.bind or config.tls_bind
    assert address is not None
    assert "store-ferrox.storage.svc" == address.host
    assert address.port in {one["port"] for one in rendered.one("Service")["spec"]["ports"]}
    assert (["health"], ["selftest"]) == (ready["args"], selftest["args"])
    assert rendered.container["image"] == ready["image"] == selftest["image"]


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"replicas": 2}, "replicas"),
        ({"replica": 1}, "replica"),
        ({"settings": {"log_formt": "json"}}, "log_formt"),
        ({"settings": {"log_format": "xml"}}, "log_format"),
        ({"settings": {"data_dir": "/else"}}, "data_dir"),
        ({"settings": {"ephemeral": True}}, "ephemeral"),
        ({"persistence": {"size": "much"}}, "size"),
        ({"persistence": {"accessModes": ["ReadWriteMany"]}}, "accessModes"),
        ({"rootCredentials": {"accessKey": "a/b", "secretKey": "secret"}}, "accessKey"),
        ({"rootCredentials": {"accessKey": "root"}}, "both accessKey and secretKey"),
        ({"ingress": {"enabled": True}}, "ingress.hosts"),
        ({"ingress": {"controller": "apache"}}, "controller"),
        ({"httpRoute": {"enabled": True}}, "parentRefs"),
        ({"tls": {"enabled": True}}, "tls.existingSecret"),
        ({"tls": {"certManager": {"enabled": True}}}, "enable tls, too"),
        ({"tls": {"enabled": True, "certManager": {"enabled": True}}}, "issuerRef"),
        ({"tls": {"clientCaSecret": "clients"}}, "enable tls"),
        ({"admin": {"enabled": True}}, "admin.existingSecret"),
        ({"encryption": {"mode": "default"}}, "encryption.existingSecret"),
        ({"buckets": ["No"]}, "buckets"),
        ({"backup": {"enabled": True}}, "backup.existingClaim"),
        ({"backup": {"schedule": "at night"}}, "schedule"),
        (
            {**SETS["a backup of a claim"], "persistence": {"enabled": False}},
            "no volume to back up",
        ),
        (
            {**SETS["a backup of a claim"], "persistence": {"accessModes": ["ReadWriteOncePod"]}},
            "ReadWriteOncePod forbids",
        ),
    ],
    ids=str,
)
def test_nonsense_is_refused(values: dict[str, Any], complaint: str, tmp_path: Path) -> None:
    done = run(tmp_path, values)

    assert 0 != done.returncode
    assert complaint in done.stderr


def test_kubernetes_that_is_too_old_is_refused(tmp_path: Path) -> None:
    done = run(tmp_path, {}, "1.26.0")

    assert "kubeVersion" in done.stderr


@pytest.mark.parametrize("name", SETS)
def test_notes_are_for_people(name: str, tmp_path: Path) -> None:
    notes = install(tmp_path, SETS[name]).partition("\nNOTES:\n")[2]

    assert "://store-ferrox.storage.svc:9" in notes
    assert "<no value>" not in notes
    assert ("all data are gone" in notes) == (name == "no volume")


def test_a_key_pair_that_is_there_is_kept(tmp_path: Path) -> None:
    kept = {"access-key": "b2xk", "secret-key": "b2xkLXNlY3JldA=="}

    manifests = install(tmp_path, {}, {"store-ferrox-root": kept}).partition("MANIFEST:\n")[2]

    [secret] = [
        one for one in documents(manifests.partition("\nNOTES:")[0]) if one["kind"] == "Secret"
    ]
    assert kept == secret["data"]
