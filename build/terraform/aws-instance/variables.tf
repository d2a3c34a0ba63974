variable "name" {
  description = "What everything is called."
  type        = string
  default     = "ferrox"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,31}$", var.name))
    error_message = "name has up to 32 small letters, digits and hyphens, and begins with a letter."
  }
}

variable "tags" {
  description = "Tags of everything."
  type        = map(string)
  default     = {}
}

variable "program_url" {
  description = "Where the program of a release is fetched from, for the architecture: …/ferroxd-VERSION-linux-amd64 or -arm64."
  type        = string
}

variable "program_sha256" {
  description = "SHA-256 of the program, as SHA256SUMS of the release has it. Anything else is not installed."
  type        = string
}

variable "architecture" {
  description = "amd64 or arm64, as the program."
  type        = string
  default     = "amd64"

  validation {
    condition     = contains(["amd64", "arm64"], var.architecture)
    error_message = "architecture is amd64 or arm64."
  }
}

variable "instance_type" {
  description = "Type of the machine. Those whose credits run out (t3, t4g) are for trying things out."
  type        = string
  default     = "m7i.large"
}

variable "ami_id" {
  description = "Image of the system, with cloud-init, systemd 250 and curl. Without, it is Amazon Linux 2023 as of the first apply."
  type        = string
  default     = null
}

variable "subnet_id" {
  description = "Subnet of the machine. Its availability zone is that of the volume, for good."
  type        = string
}

variable "public" {
  description = "Whether the machine gets an elastic address, which stays when it is replaced."
  type        = bool
  default     = true
}

variable "client_cidrs" {
  description = "Networks that may send requests."
  type        = list(string)

  validation {
    condition     = alltrue([for cidr in var.client_cidrs : can(cidrhost(cidr, 0))])
    error_message = "client_cidrs are networks such as 192.0.2.0/24."
  }
}

variable "allow_plain_http" {
  description = "Whether requests come in the open (port 9000), too, when TLS is on."
  type        = bool
  default     = false
}

variable "volume_size" {
  description = "Size of the data volume in GiB. It can grow; the file system grows with it at the next start."
  type        = number
  default     = 100

  validation {
    condition     = var.volume_size >= 10 && var.volume_size <= 65536 && floor(var.volume_size) == var.volume_size
    error_message = "volume_size is a whole number of GiB from 10 to 65536."
  }
}

variable "volume_iops" {
  description = "Operations a second of the data volume (gp3). Every acknowledged small upload waits for one."
  type        = number
  default     = 3000

  validation {
    condition     = var.volume_iops >= 3000 && var.volume_iops <= 80000
    error_message = "volume_iops is between 3000 and 80000."
  }
}

variable "volume_throughput" {
  description = "MiB a second of the data volume (gp3)."
  type        = number
  default     = 250

  validation {
    condition     = var.volume_throughput >= 125 && var.volume_throughput <= 2000
    error_message = "volume_throughput is between 125 and 2000."
  }
}

variable "kms_key_arn" {
  description = "Key of KMS that volumes are encrypted under; that of the account for EBS if null. They are encrypted in any case."
  type        = string
  default     = null
}

variable "restore_snapshot_id" {
  description = "Snapshot that the data volume begins with, of a volume like it."
  type        = string
  default     = null
}

variable "snapshots_kept" {
  description = "How many daily snapshots of the data volume are kept; 0 makes none. One is as good as a power failure: always whole."
  type        = number
  default     = 7

  validation {
    condition     = var.snapshots_kept >= 0 && var.snapshots_kept <= 1000
    error_message = "snapshots_kept is between 0 and 1000."
  }
}

variable "settings" {
  description = "Settings of ferroxd by their plain names; see docs/configuration.md. No secrets."
  type        = map(string)
  default     = {}
}

variable "secrets" {
  description = "ARNs of secrets in Secrets Manager. settings: lines for the file of settings, such as access_key = \"…\" and secret_key = \"…\". The others are as they are, certificates as PEM. What they hold never comes into Terraform's state or the user data."
  type = object({
    settings          = optional(string)
    master_passphrase = optional(string)
    sse_master_key    = optional(string)
    tls_certificate   = optional(string)
    tls_key           = optional(string)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for arn in values(var.secrets) : arn == null || can(regex("^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+$", arn))])
    error_message = "secrets are ARNs of Secrets Manager."
  }
}

variable "tls" {
  description = "off, self-signed, or secrets: the certificate in secrets.tls_certificate with its key in secrets.tls_key."
  type        = string
  default     = "self-signed"

  validation {
    condition     = contains(["off", "self-signed", "secrets"], var.tls)
    error_message = "tls is off, self-signed or secrets."
  }

  validation {
    condition     = var.tls != "secrets" || (var.secrets.tls_certificate != null && var.secrets.tls_key != null)
    error_message = "tls = secrets needs secrets.tls_certificate and secrets.tls_key."
  }
}

variable "host_name" {
  description = "Name of the server in DNS. Buckets are addressed by names below it, too."
  type        = string
  default     = null

  validation {
    condition     = var.host_name == null || can(regex("^[a-z0-9-]+(\\.[a-z0-9-]+)+$", var.host_name))
    error_message = "host_name is a name such as s3.example.com."
  }
}

variable "route53_zone_id" {
  description = "Zone of Route 53 that gets records for host_name and *.host_name."
  type        = string
  default     = null

  validation {
    condition     = var.route53_zone_id == null || var.host_name != null
    error_message = "route53_zone_id needs host_name."
  }
}

variable "session_manager" {
  description = "Whether Session Manager leads to a shell of the machine. There is no SSH."
  type        = bool
  default     = true
}
