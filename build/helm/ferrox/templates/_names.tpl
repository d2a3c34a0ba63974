{{/* What things are called. */}}

{{- define "ferrox.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end }}

{{/* Ten characters are left for what is added to it, and for the number of the pod. */}}
{{- define "ferrox.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end }}

{{/* What is written into selectors never changes. */}}
{{- define "ferrox.selectorLabels" -}}
app.kubernetes.io/name: {{ include "ferrox.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "ferrox.labels" -}}
{{ include "ferrox.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "ferrox.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) -}}
{{- end -}}
{{- end }}

{{- define "ferrox.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "ferrox.fullname" .) -}}
{{- else -}}
{{- .Values.serviceAccount.name | default "default" -}}
{{- end -}}
{{- end }}

{{- define "ferrox.rootSecret" -}}
{{- .Values.rootCredentials.existingSecret | default (printf "%s-root" (include "ferrox.fullname" .)) -}}
{{- end }}

{{- define "ferrox.tlsSecret" -}}
{{- .Values.tls.existingSecret | default (printf "%s-tls" (include "ferrox.fullname" .)) -}}
{{- end }}

{{- define "ferrox.host" -}}
{{- printf "%s.%s.svc" (include "ferrox.fullname" .) .Release.Namespace -}}
{{- end }}
