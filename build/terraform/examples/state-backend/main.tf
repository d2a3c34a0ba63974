# The state of Terraform in ferrox, with a lock file beside it: no DynamoDB. The key pair comes from the
# environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY), and the address, so that it is in no file:
#
#   aws s3api create-bucket --bucket states
#   aws s3api put-bucket-versioning --bucket states --versioning-configuration Status=Enabled
#   terraform init -backend-config='endpoints={s3="https://s3.example.com:9443"}'
#   terraform apply
terraform {
  required_version = ">= 1.10"

  backend "s3" {
    bucket       = "states"
    key          = "example/terraform.tfstate"
    region       = "us-east-1"
    use_lockfile = true
    # Unless the server has the setting domain.
    use_path_style = true
    # What AWS has and the server has not, or at another address.
    skip_credentials_validation = true
    skip_metadata_api_check     = true
    skip_requesting_account_id  = true
  }
}

resource "terraform_data" "greeting" {
  input = var.greeting
}

variable "greeting" {
  description = "What is kept in the state."
  type        = string
  default     = "hello"
}

output "greeting" {
  description = "What is kept in the state."
  value       = terraform_data.greeting.output
}
