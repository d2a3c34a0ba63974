{{/* A secret's keys as files that the group of the pod may read. */}}
{{- define "ferrox.secretVolume" -}}
- name: {{ .name }}
  secret:
    secretName: {{ .secret }}
    defaultMode: 0440
    items:
      {{- range .items }}
      - key: {{ .key }}
        path: {{ .path }}
      {{- end }}
{{- end }}

{{- define "ferrox.volumes" -}}
{{- if not .Values.persistence.enabled }}
- name: data
  emptyDir: {}
{{- else if .Values.persistence.existingClaim }}
- name: data
  persistentVolumeClaim:
    claimName: {{ .Values.persistence.existingClaim }}
{{- end }}
- name: tmp
  emptyDir:
    medium: Memory
    sizeLimit: {{ .Values.tmpSize }}
{{- if .Values.tls.enabled }}
{{ include "ferrox.secretVolume" (dict "name" "tls" "secret" (include "ferrox.tlsSecret" .)
  "items" (list (dict "key" "tls.crt" "path" "tls.crt") (dict "key" "tls.key" "path" "tls.key"))) }}
{{- with .Values.tls.clientCaSecret }}
{{ include "ferrox.secretVolume" (dict "name" "client-ca" "secret" .
  "items" (list (dict "key" "ca.crt" "path" "ca.crt"))) }}
{{- end }}
{{- end }}
{{- if .Values.admin.enabled }}
{{ include "ferrox.secretVolume" (dict "name" "admin" "secret" .Values.admin.existingSecret
  "items" (list (dict "key" "tls.crt" "path" "tls.crt") (dict "key" "tls.key" "path" "tls.key")
  (dict "key" "ca.crt" "path" "ca.crt"))) }}
{{- end }}
{{- if .Values.masterPassphrase.existingSecret }}
{{ include "ferrox.secretVolume" (dict "name" "master-passphrase"
  "secret" .Values.masterPassphrase.existingSecret
  "items" (list (dict "key" .Values.masterPassphrase.key "path" "master-passphrase"))) }}
{{- end }}
{{- if .Values.encryption.existingSecret }}
{{ include "ferrox.secretVolume" (dict "name" "encryption" "secret" .Values.encryption.existingSecret
  "items" (list (dict "key" .Values.encryption.key "path" "master-key"))) }}
{{- end }}
{{- if and .Values.metrics.enabled .Values.metrics.tokenSecret.name }}
{{ include "ferrox.secretVolume" (dict "name" "metrics" "secret" .Values.metrics.tokenSecret.name
  "items" (list (dict "key" .Values.metrics.tokenSecret.key "path" "token"))) }}
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end }}
