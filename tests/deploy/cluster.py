"""As much of the API of Kubernetes as helm asks in a dry run: what there is, and which secrets.

https://kubernetes.io/docs/reference/using-api/api-concepts/
"""

import http.server
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

VERSION = {"major": "1", "minor": "34", "gitVersion": "v1.34.0"}
RESOURCES = {
    "v1": {
        "ConfigMap": "configmaps",
        "Pod": "pods",
        "Secret": "secrets",
        "Service": "services",
        "ServiceAccount": "serviceaccounts",
    },
    "apps/v1": {"StatefulSet": "statefulsets"},
    "batch/v1": {"CronJob": "cronjobs"},
    "networking.k8s.io/v1": {"Ingress": "ingresses", "NetworkPolicy": "networkpolicies"},
    "policy/v1": {"PodDisruptionBudget": "poddisruptionbudgets"},
    "cert-manager.io/v1": {"Certificate": "certificates"},
    "gateway.networking.k8s.io/v1": {"HTTPRoute": "httproutes"},
    "monitoring.coreos.com/v1": {
        "PrometheusRule": "prometheusrules",
        "ServiceMonitor": "servicemonitors",
    },
}
OF_A_RELEASE = {
    "labels": {"app.kubernetes.io/managed-by": "Helm"},
    "annotations": {
        "meta.helm.sh/release-name": "store",
        "meta.helm.sh/release-namespace": "storage",
    },
}


@contextmanager
def cluster(home: Path, secrets: Mapping[str, dict[str, str]]) -> Iterator[Path]:
    """A cluster that holds these secrets and nothing else, as the kubeconfig that leads to it."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler(secrets))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield kubeconfig(home, server.server_port)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def kubeconfig(home: Path, port: int) -> Path:
    path = home / "kubeconfig"
    path.write_text(
        json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "current-context": "test",
                "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
                "clusters": [{"name": "test", "cluster": {"server": f"http://127.0.0.1:{port}"}}],
                "users": [{"name": "test", "user": {}}],
            }
        )
    )
    path.chmod(0o600)
    return path


def handler(secrets: Mapping[str, dict[str, str]]) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = document(self.path.partition("?")[0], secrets)
            absent = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 404}
            body = json.dumps(answer or absent | {"reason": "NotFound"}).encode()
            self.send_response(200 if answer else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def document(path: str, secrets: Mapping[str, dict[str, str]]) -> dict[str, Any] | None:
    """What is there, or None."""
    head, _, name = path.rpartition("/")
    if path == "/version":
        return VERSION
    if path == "/api":
        return {"kind": "APIVersions", "versions": ["v1"]}
    if path == "/apis":
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": list(groups())}
    group = path.removeprefix("/apis/").removeprefix("/api/")
    if group in RESOURCES:
        return resources(group)
    if head.endswith("/secrets") and name in secrets:
        metadata = {"name": name, "namespace": "storage", **OF_A_RELEASE}
        return {"kind": "Secret", "apiVersion": "v1", "metadata": metadata, "data": secrets[name]}
    if name == "secrets":  # those of releases: there is none
        return {"kind": "SecretList", "apiVersion": "v1", "metadata": {}, "items": []}
    return None


def groups() -> Iterator[dict[str, Any]]:
    for version in RESOURCES:
        if "/" in version:
            of = {"groupVersion": version, "version": version.partition("/")[2]}
            yield {"name": version.partition("/")[0], "versions": [of], "preferredVersion": of}


def resources(version: str) -> dict[str, Any]:
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": version,
        "resources": [
            {"name": name, "singularName": "", "namespaced": True, "kind": kind, "verbs": ["get"]}
            for kind, name in RESOURCES[version].items()
        ],
    }
