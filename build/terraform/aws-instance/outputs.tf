output "endpoint" {
  description = "What clients are told."
  value       = local.is_tls ? "https://${local.host}:9443" : "http://${local.host}:9000"
}

output "address" {
  description = "Address of the machine, for DNS that is not Route 53's."
  value       = local.address
}

output "instance_id" {
  description = "The machine: aws ssm start-session --target ID."
  value       = aws_instance.this.id
}

output "data_volume_id" {
  description = "The volume that holds everything stored."
  value       = aws_ebs_volume.data.id
}

output "security_group_id" {
  description = "Its security group, for more rules."
  value       = aws_security_group.this.id
}

output "role_name" {
  description = "Its role, for more permissions."
  value       = aws_iam_role.instance.name
}

output "ferroxd_command" {
  description = "How to ask the server, and find the key pair that its first start has made where none was given."
  value       = "aws ssm start-session --target ${aws_instance.this.id}, then: sudo journalctl -u ferroxd; sudo -u ferrox ferroxd status --data-dir /var/lib/ferrox"
}
