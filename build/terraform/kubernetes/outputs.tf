output "endpoint" {
  description = "What clients in the cluster are told."
  value       = local.is_tls ? "https://${var.name}.${var.namespace}.svc:9443" : "http://${var.name}.${var.namespace}.svc:9000"
}

output "root_secret" {
  description = "Secret with the key pair of the root account, as access-key and secret-key."
  value       = local.root_secret
}

output "release" {
  description = "Name of the release."
  value       = helm_release.this.name
}
