output "user_data" {
  description = "User data for cloud-init. Holds no secrets."
  value       = local.user_data
}

output "user_data_base64gzip" {
  description = "The same, compressed: some clouds take no more than 16 KiB."
  value       = base64gzip(local.user_data)
}
