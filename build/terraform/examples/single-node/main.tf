# A server for requests of one network, in the default VPC, with its keys in Secrets Manager:
#
#   terraform init
#   terraform apply -var program_sha256=$(grep linux-amd64 SHA256SUMS | cut -d' ' -f1)
#
# The key pair is made here, without coming into the state (Terraform 1.11).
terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.88"
    }
  }
}

provider "aws" {
  region = var.region
}

variable "region" {
  description = "Region of AWS."
  type        = string
  default     = "eu-central-1"
}

variable "release" {
  description = "Where the files of a release are."
  type        = string
  default     = "https://example.com/ferrox/0.1.0"
}

variable "program_sha256" {
  description = "The line of ferroxd-VERSION-linux-amd64 in SHA256SUMS of the release, once its signature is verified."
  type        = string
}

variable "client_cidrs" {
  description = "Networks that may send requests."
  type        = list(string)
  default     = ["192.0.2.0/24"]
}

data "aws_vpc" "default" {
  default = true
}

data "aws_subnets" "default" {
  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.default.id]
  }
}

ephemeral "aws_secretsmanager_random_password" "secret_key" {
  password_length     = 40
  exclude_punctuation = true
}

resource "aws_secretsmanager_secret" "settings" {
  name_prefix = "ferrox-settings-"
  description = "Lines for the file of settings of ferroxd"
}

resource "aws_secretsmanager_secret_version" "settings" {
  secret_id                = aws_secretsmanager_secret.settings.id
  secret_string_wo         = <<-E
    access_key = "FERROXROOT"
    secret_key = "${ephemeral.aws_secretsmanager_random_password.secret_key.random_password}"
  E
  secret_string_wo_version = 1
}

module "ferrox" {
  source = "../../aws-instance"

  subnet_id      = sort(data.aws_subnets.default.ids)[0]
  client_cidrs   = var.client_cidrs
  instance_type  = "m7i.large"
  program_url    = "${var.release}/ferroxd-0.1.0-linux-amd64"
  program_sha256 = var.program_sha256
  # The version, so that the secret is there before the machine asks for it.
  secrets     = { settings = aws_secretsmanager_secret_version.settings.arn }
  volume_size = 200
  settings    = { rate_limit_requests = "500" }
}

output "endpoint" {
  description = "What clients are told."
  value       = module.ferrox.endpoint
}

output "key_pair" {
  description = "How to see the key pair of the root account."
  value       = "aws secretsmanager get-secret-value --query SecretString --output text --secret-id ${aws_secretsmanager_secret.settings.arn}"
}
