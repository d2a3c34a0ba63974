# A ferrox server on one EC2 instance, its data on a volume that outlives it: a new program, image or setting
# replaces the instance, and the new one mounts the volume. Meanwhile, for a minute or two, there is no server.

data "aws_subnet" "this" {
  id = var.subnet_id
}

data "aws_partition" "this" {}

data "aws_ssm_parameter" "amazon_linux" {
  name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-${local.aws_architecture}"
}

data "aws_ec2_instance_type" "this" {
  instance_type = var.instance_type
}

locals {
  aws_architecture = { amd64 = "x86_64", arm64 = "arm64" }[var.architecture]
  # As every version of the provider tells it.
  region      = split(":", data.aws_subnet.this.arn)[3]
  is_tls      = var.tls != "off"
  ports       = toset(concat(local.is_tls ? ["9443"] : [], !local.is_tls || var.allow_plain_http ? ["9000"] : []))
  secret_arns = [for arn in values(var.secrets) : arn if arn != null]
  tags        = merge({ Name = var.name }, var.tags)
  address     = one(concat(aws_eip.this[*].public_ip, var.public ? [] : [aws_instance.this.private_ip]))
  host        = coalesce(var.host_name, local.address)

  settings = merge(
    { region = local.region, log_format = "json" },
    local.is_tls && !var.allow_plain_http ? { bind = "off" } : {},
    var.host_name == null ? {} : { domain = var.host_name },
    var.settings,
  )
  # Amazon Linux has the command line of AWS; it asks with the role of the instance.
  secret_commands = { for name, arn in var.secrets : name =>
    arn == null ? null : "aws secretsmanager get-secret-value --region ${local.region} --secret-id '${arn}' --query SecretString --output text"
  }
}

module "cloud_init" {
  source = "../cloud-init"

  program_url     = var.program_url
  program_sha256  = var.program_sha256
  data_device     = "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${replace(aws_ebs_volume.data.id, "-", "")}"
  settings        = local.settings
  secret_commands = local.secret_commands
  tls             = var.tls == "secrets" ? "files" : var.tls
  tls_names       = concat(var.host_name == null ? [] : [var.host_name, "*.${var.host_name}"], aws_eip.this[*].public_ip)
}

resource "aws_instance" "this" {
  ami                         = coalesce(var.ami_id, nonsensitive(data.aws_ssm_parameter.amazon_linux.value))
  instance_type               = var.instance_type
  subnet_id                   = var.subnet_id
  vpc_security_group_ids      = [aws_security_group.this.id]
  iam_instance_profile        = aws_iam_instance_profile.this.name
  user_data_base64            = module.cloud_init.user_data_base64gzip
  user_data_replace_on_change = true
  # On the way to its first start it has to reach the release; the elastic address comes after it.
  associate_public_ip_address = var.public
  ebs_optimized               = true
  tags                        = local.tags

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  root_block_device {
    volume_type = "gp3"
    encrypted   = true
    kms_key_id  = var.kms_key_arn
    tags        = local.tags
  }

  lifecycle {
    # A newer image of the system is no reason to replace a server that works.
    ignore_changes = [ami]

    precondition {
      condition     = contains(data.aws_ec2_instance_type.this.supported_architectures, local.aws_architecture)
      error_message = "An instance of type ${var.instance_type} is no machine for a program for ${var.architecture}."
    }
  }
}

resource "aws_ebs_volume" "data" {
  availability_zone = data.aws_subnet.this.availability_zone
  type              = "gp3"
  size              = var.volume_size
  iops              = var.volume_iops
  throughput        = var.volume_throughput
  encrypted         = true
  kms_key_id        = var.kms_key_arn
  snapshot_id       = var.restore_snapshot_id
  # Whoever destroys it finds a snapshot of what was there.
  final_snapshot = true
  tags           = merge(local.tags, { Name = "${var.name}-data" })

  lifecycle {
    # A volume that began with a snapshot is none the less the volume.
    ignore_changes = [snapshot_id]
  }
}

resource "aws_volume_attachment" "data" {
  device_name = "/dev/sdf"
  volume_id   = aws_ebs_volume.data.id
  instance_id = aws_instance.this.id
  # Requests come to their end, and nothing writes any more, before the volume goes.
  stop_instance_before_detaching = true
}
