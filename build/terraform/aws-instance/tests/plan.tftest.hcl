# What variables come to, planned against a mocked AWS: terraform test.
mock_provider "aws" {
  mock_data "aws_subnet" {
    defaults = {
      arn               = "arn:aws:ec2:eu-central-1:123456789012:subnet/subnet-1"
      availability_zone = "eu-central-1b"
      vpc_id            = "vpc-1"
    }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_ssm_parameter" {
    defaults = { value = "ami-1" }
  }
  mock_data "aws_ec2_instance_type" {
    defaults = { supported_architectures = ["x86_64"] }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
  mock_resource "aws_ebs_volume" {
    defaults = { id = "vol-0123456789abcdef0" }
  }
  mock_resource "aws_eip" {
    defaults = { public_ip = "192.0.2.7" }
  }
  mock_resource "aws_instance" {
    defaults = { id = "i-1", private_ip = "10.0.0.7" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/snapshots" }
  }
}

variables {
  program_url    = "https://example.com/ferroxd-0.1.0-linux-amd64"
  program_sha256 = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"
  subnet_id      = "subnet-1"
  client_cidrs   = ["192.0.2.0/24", "2001:db8::/32"]
}

run "by_itself" {
  assert {
    condition     = output.endpoint == "https://192.0.2.7:9443"
    error_message = "It is reached over TLS at its elastic address."
  }
  assert {
    condition     = aws_instance.this.metadata_options[0].http_tokens == "required" && aws_instance.this.root_block_device[0].encrypted
    error_message = "IMDSv2 only, and an encrypted drive."
  }
  assert {
    condition     = aws_ebs_volume.data.encrypted && aws_ebs_volume.data.final_snapshot && aws_ebs_volume.data.availability_zone == "eu-central-1b"
    error_message = "The volume is encrypted, beside the machine, and leaves a snapshot."
  }
  assert {
    condition     = toset(keys(aws_vpc_security_group_ingress_rule.client)) == toset(["9443 192.0.2.0/24", "9443 2001:db8::/32"])
    error_message = "Only the port of TLS is open, to clients only."
  }
  assert {
    condition     = aws_vpc_security_group_ingress_rule.client["9443 2001:db8::/32"].cidr_ipv6 == "2001:db8::/32"
    error_message = "Networks of IPv6 are told as such."
  }
  assert {
    condition     = strcontains(module.cloud_init.user_data, "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol0123456789abcdef0")
    error_message = "It mounts its own volume."
  }
  assert {
    condition     = strcontains(module.cloud_init.user_data, "bind = \"off\"") && strcontains(module.cloud_init.user_data, "region = \"eu-central-1\"")
    error_message = "The settings say so."
  }
  assert {
    condition     = length(aws_iam_role_policy.secrets) == 0 && length(aws_route53_record.this) == 0 && length(aws_dlm_lifecycle_policy.snapshots) == 1
    error_message = "Snapshots are made, and nothing is read that is not named."
  }
}

run "with_everything" {
  variables {
    host_name        = "s3.example.com"
    route53_zone_id  = "Z1"
    tls              = "secrets"
    allow_plain_http = true
    settings         = { log_format = "text" }
    secrets = {
      settings        = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:root-a1b2c3"
      sse_master_key  = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:sse-a1b2c3"
      tls_certificate = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:crt-a1b2c3"
      tls_key         = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:key-a1b2c3"
    }
  }

  assert {
    condition     = output.endpoint == "https://s3.example.com:9443"
    error_message = "It is reached by its name."
  }
  assert {
    condition     = toset([for record in aws_route53_record.this : record.name]) == toset(["s3.example.com", "*.s3.example.com"])
    error_message = "Buckets have names, too."
  }
  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.client) == 4 && !strcontains(module.cloud_init.user_data, "bind = \"off\"")
    error_message = "Both ports are open."
  }
  assert {
    condition     = strcontains(module.cloud_init.user_data, "--secret-id 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:sse-a1b2c3'")
    error_message = "Secrets are asked for on the machine."
  }
  assert {
    condition     = length(aws_iam_role_policy.secrets) == 1 && length(data.aws_iam_policy_document.secrets[0].statement[0].resources) == 4
    error_message = "It may read its four secrets."
  }
}

run "private_without_frills" {
  variables {
    public          = false
    tls             = "off"
    snapshots_kept  = 0
    session_manager = false
  }

  assert {
    condition     = output.endpoint == "http://10.0.0.7:9000" && length(aws_eip.this) == 0
    error_message = "It is reached inside only."
  }
  assert {
    condition     = length(aws_dlm_lifecycle_policy.snapshots) == 0 && length(aws_iam_role_policy_attachment.session_manager) == 0
    error_message = "What is not wanted is not there."
  }
}

run "another_machine" {
  command = plan

  variables {
    architecture = "arm64"
  }

  expect_failures = [aws_instance.this]
}

run "a_certificate_without_a_key" {
  command = plan

  variables {
    tls = "secrets"
  }

  expect_failures = [var.tls]
}

run "a_zone_without_a_name" {
  command = plan

  variables {
    route53_zone_id = "Z1"
  }

  expect_failures = [var.route53_zone_id]
}

run "what_is_no_network" {
  command = plan

  variables {
    client_cidrs = ["192.0.2.1"]
  }

  expect_failures = [var.client_cidrs]
}

run "what_is_no_secret" {
  command = plan

  variables {
    secrets = { settings = "hunter2" }
  }

  expect_failures = [var.secrets]
}
