"""Holds manifests against the schemas of Kubernetes; runs in the environment "deploy".

Standard input: {"versions": […], "manifests": […]}; standard output: a list of complaints. What is
of no Kubernetes by itself (custom resources) is not looked at.
"""

import json
import sys

import kubernetes_validate as kubernetes

asked = json.load(sys.stdin)
complaints = []
for manifest in asked["manifests"]:
    for version in asked["versions"]:
        try:
            kubernetes.validate(manifest, version, strict=True)
        except kubernetes.ValidationError as error:
            name = f"{manifest['kind']} {manifest['metadata']['name']} ({version})"
            complaints.append(f"{name}: {list(error.path)}: {error.message}")
json.dump(complaints, sys.stdout)
