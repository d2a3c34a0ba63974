# A server in a cluster that ~/.kube/config leads to, behind ingress-nginx.
terraform {
  required_version = ">= 1.9"

  required_providers {
    helm = {
      source  = "hashicorp/helm"
      version = ">= 3.0"
    }
  }
}

provider "helm" {
  kubernetes = {
    config_path = "~/.kube/config"
  }
}

module "ferrox" {
  source = "../../kubernetes"

  image_repository = "registry.example.com/ferroxd"
  storage_size     = "200Gi"
  buckets          = ["backups:versioned", "photos"]
  settings         = { region = "eu-central-1", domain = "s3.example.com", log_format = "json" }
  ingress = {
    hosts      = ["s3.example.com", "*.s3.example.com"]
    class_name = "nginx"
    controller = "ingress-nginx"
    tls_secret = "s3-example-com"
  }
  service_monitor = true
  values          = { resources = { limits = { memory = "2Gi" } } }
}

output "endpoint" {
  description = "What clients in the cluster are told."
  value       = module.ferrox.endpoint
}

output "root_secret" {
  description = "Secret with the key pair of the root account."
  value       = module.ferrox.root_secret
}
