{{/*
What makes an ingress controller pass on bodies of any size as they come. Nobody is to collect an
upload of 5 GiB on a disk first, or refuse it as too large.
  https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/
  https://docs.nginx.com/nginx-ingress-controller/configuration/ingress-resources/advanced-configuration-with-annotations/
  https://www.haproxy.com/documentation/kubernetes-ingress/ingress-configuration-reference/annotations/
  https://doc.traefik.io/traefik/reference/routing-configuration/kubernetes/ingress/
*/}}
{{- define "ferrox.passingAnnotations" -}}
{{- $overTls := not (include "ferrox.isPlain" .) -}}
{{- $transfer := "300" -}}
{{- if eq .Values.ingress.controller "ingress-nginx" }}
nginx.ingress.kubernetes.io/proxy-body-size: "0"
nginx.ingress.kubernetes.io/proxy-request-buffering: "off"
nginx.ingress.kubernetes.io/proxy-buffering: "off"
nginx.ingress.kubernetes.io/proxy-http-version: "1.1"
nginx.ingress.kubernetes.io/proxy-read-timeout: {{ $transfer | quote }}
nginx.ingress.kubernetes.io/proxy-send-timeout: {{ $transfer | quote }}
{{- if $overTls }}
nginx.ingress.kubernetes.io/backend-protocol: HTTPS
{{- end }}
{{- else if eq .Values.ingress.controller "nginx" }}
nginx.org/client-max-body-size: "0"
nginx.org/proxy-buffering: "False"
nginx.org/proxy-read-timeout: {{ printf "%ss" $transfer }}
nginx.org/proxy-send-timeout: {{ printf "%ss" $transfer }}
nginx.org/location-snippets: |
  proxy_request_buffering off;
{{- if $overTls }}
nginx.org/ssl-services: {{ include "ferrox.fullname" . }}
{{- end }}
{{- else if eq .Values.ingress.controller "haproxy" }}
haproxy.org/timeout-server: {{ printf "%ss" $transfer }}
{{- if $overTls }}
haproxy.org/server-ssl: "true"
{{- end }}
{{- else if eq .Values.ingress.controller "traefik" }}
{{- if $overTls }}
traefik.ingress.kubernetes.io/service.serversscheme: https
{{- end }}
{{- end }}
{{- end }}
