{{/* What the server is told, and what of it others have to know. */}}

{{- define "ferrox.isPlain" -}}
{{- if or (not .Values.tls.enabled) .Values.tls.keepPlain }}true{{ end -}}
{{- end }}

{{/* The port that probes, Prometheus and proxies ask: the one in the open, if there is one. */}}
{{- define "ferrox.portName" -}}
{{- if include "ferrox.isPlain" . }}s3{{ else }}s3-tls{{ end -}}
{{- end }}

{{- define "ferrox.scheme" -}}
{{- if include "ferrox.isPlain" . }}http{{ else }}https{{ end -}}
{{- end }}

{{- define "ferrox.containerPort" -}}
{{- if include "ferrox.isPlain" . }}9000{{ else }}9443{{ end -}}
{{- end }}

{{- define "ferrox.servicePort" -}}
{{- if include "ferrox.isPlain" . }}{{ .Values.service.port }}{{ else }}{{ .Values.service.tlsPort }}{{ end -}}
{{- end }}

{{/* Text of a value as ferroxd reads it: no 1e+06, no true. */}}
{{- define "ferrox.text" -}}
{{- if kindIs "bool" . -}}
{{- ternary "on" "off" . -}}
{{- else if kindIs "slice" . -}}
{{- join "," . -}}
{{- else if and (kindIs "float64" .) (eq (floor .) .) -}}
{{- int64 . -}}
{{- else -}}
{{- . -}}
{{- end -}}
{{- end }}

{{/* Requests under way, and 10 s for what the server does after them. */}}
{{- define "ferrox.terminationGracePeriod" -}}
{{- $grace := .Values.settings.shutdown_grace | default 30 | float64 | ceil | int64 -}}
{{- $least := add $grace 10 (include "ferrox.preStop" .) -}}
{{- $said := .Values.terminationGracePeriodSeconds -}}
{{- if kindIs "invalid" $said -}}
{{- $least -}}
{{- else if lt (int64 $said) $least -}}
{{- fail (printf "terminationGracePeriodSeconds: %d cuts requests that settings.shutdown_grace lets go on: say %d or more" (int64 $said) $least) -}}
{{- else -}}
{{- int64 $said -}}
{{- end -}}
{{- end }}

{{- define "ferrox.preStop" -}}
{{- if semverCompare ">=1.30.0-0" .Capabilities.KubeVersion.Version }}{{ .Values.preStopSeconds | int64 }}{{ else }}0{{ end -}}
{{- end }}

{{- define "ferrox.environment" -}}
- name: FERROX_DATA_DIR
  value: /data
- name: FERROX_BIND
  value: {{ if include "ferrox.isPlain" . }}":9000"{{ else }}"off"{{ end }}
{{- if .Values.tls.enabled }}
- name: FERROX_TLS_BIND
  value: ":9443"
- name: FERROX_TLS_CERTIFICATE
  value: /etc/ferrox/tls/tls.crt
- name: FERROX_TLS_KEY
  value: /etc/ferrox/tls/tls.key
{{- if .Values.tls.clientCaSecret }}
- name: FERROX_TLS_CLIENT_CA
  value: /etc/ferrox/client-ca/ca.crt
{{- end }}
{{- end }}
{{- if .Values.admin.enabled }}
- name: FERROX_ADMIN_BIND
  value: ":9444"
- name: FERROX_ADMIN_CERTIFICATE
  value: /etc/ferrox/admin/tls.crt
- name: FERROX_ADMIN_KEY
  value: /etc/ferrox/admin/tls.key
- name: FERROX_ADMIN_CLIENT_CA
  value: /etc/ferrox/admin/ca.crt
{{- with .Values.admin.subjects }}
- name: FERROX_ADMIN_SUBJECT
  value: {{ join "," . | quote }}
{{- end }}
{{- end }}
- name: FERROX_ACCESS_KEY
  valueFrom:
    secretKeyRef:
      name: {{ include "ferrox.rootSecret" . }}
      key: {{ .Values.rootCredentials.accessKeyKey }}
- name: FERROX_SECRET_KEY
  valueFrom:
    secretKeyRef:
      name: {{ include "ferrox.rootSecret" . }}
      key: {{ .Values.rootCredentials.secretKeyKey }}
{{- if .Values.masterPassphrase.existingSecret }}
- name: FERROX_MASTER_PASSPHRASE_FILE
  value: /etc/ferrox/master-passphrase/master-passphrase
{{- end }}
{{- if .Values.encryption.existingSecret }}
- name: {{ ternary "FERROX_SSE_PASSPHRASE_FILE" "FERROX_SSE_MASTER_KEY_FILE" .Values.encryption.isPassphrase }}
  value: /etc/ferrox/encryption/master-key
{{- end }}
- name: FERROX_SSE_MODE
  value: {{ .Values.encryption.mode }}
- name: FERROX_METRICS
  value: {{ ternary "on" "off" .Values.metrics.enabled | quote }}
{{- if and .Values.metrics.enabled .Values.metrics.tokenSecret.name }}
- name: FERROX_METRICS_TOKEN_FILE
  value: /etc/ferrox/metrics/token
{{- end }}
{{- with .Values.buckets }}
- name: FERROX_SEED_BUCKET
  value: {{ join "," . | quote }}
{{- end }}
{{- range $name, $value := .Values.settings }}
- name: FERROX_{{ upper $name }}
  value: {{ include "ferrox.text" $value | quote }}
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* What cannot be said in values.schema.json. */}}
{{- define "ferrox.check" -}}
{{- if and .Values.tls.enabled (not .Values.tls.existingSecret) (not .Values.tls.certManager.enabled) -}}
{{- fail "tls.enabled: name tls.existingSecret, or enable tls.certManager" -}}
{{- end -}}
{{- if and .Values.tls.certManager.enabled (not .Values.tls.enabled) -}}
{{- fail "tls.certManager.enabled: enable tls, too" -}}
{{- end -}}
{{- if and .Values.tls.certManager.enabled (not .Values.tls.certManager.issuerRef.name) -}}
{{- fail "tls.certManager.issuerRef.name: who issues the certificate?" -}}
{{- end -}}
{{- if and .Values.tls.clientCaSecret (not .Values.tls.enabled) -}}
{{- fail "tls.clientCaSecret: certificates of clients need TLS: enable tls" -}}
{{- end -}}
{{- if and .Values.admin.enabled (not .Values.admin.existingSecret) -}}
{{- fail "admin.enabled: name admin.existingSecret; ferroxd admin init-pki makes what it holds" -}}
{{- end -}}
{{- if and (eq .Values.encryption.mode "default") (not .Values.encryption.existingSecret) -}}
{{- fail "encryption.mode default needs a master key: name encryption.existingSecret" -}}
{{- end -}}
{{- if and .Values.backup.enabled (not .Values.backup.existingClaim) -}}
{{- fail "backup.enabled: name backup.existingClaim, where backups go to" -}}
{{- end -}}
{{- if and .Values.backup.enabled (not .Values.persistence.enabled) -}}
{{- fail "backup.enabled: there is no volume to back up; enable persistence" -}}
{{- end -}}
{{- if and .Values.backup.enabled (has "ReadWriteOncePod" .Values.persistence.accessModes) -}}
{{- fail "backup.enabled: the pod that makes a backup mounts the volume, too, which ReadWriteOncePod forbids" -}}
{{- end -}}
{{- if and .Values.ingress.enabled (not .Values.ingress.hosts) -}}
{{- fail "ingress.enabled: name ingress.hosts" -}}
{{- end -}}
{{- if and .Values.httpRoute.enabled (not .Values.httpRoute.parentRefs) -}}
{{- fail "httpRoute.enabled: name httpRoute.parentRefs" -}}
{{- end -}}
{{- $credentials := .Values.rootCredentials -}}
{{- if ne (empty $credentials.accessKey) (empty $credentials.secretKey) -}}
{{- fail "rootCredentials: give both accessKey and secretKey, or neither" -}}
{{- end -}}
{{- end }}
