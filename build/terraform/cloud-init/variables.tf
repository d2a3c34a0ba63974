variable "program_url" {
  description = "Where the program of a release is fetched from: …/ferroxd-VERSION-linux-amd64 or -arm64."
  type        = string

  validation {
    condition     = can(regex("^https://[^\\s'\"]+$", var.program_url))
    error_message = "program_url begins with https:// and holds no white space or quotes."
  }
}

variable "program_sha256" {
  description = "SHA-256 of the program, 64 hexadecimal digits as SHA256SUMS of the release has them. Anything else is not installed."
  type        = string

  validation {
    condition     = can(regex("^[0-9A-Fa-f]{64}$", var.program_sha256))
    error_message = "program_sha256 is 64 hexadecimal digits."
  }
}

variable "data_device" {
  description = "Block device of the data, best below /dev/disk/by-id. A device without a file system gets one (XFS); one that has some keeps it. Without a device the data are on the drive of the system."
  type        = string
  default     = null

  validation {
    condition     = var.data_device == null || can(regex("^/dev/[A-Za-z0-9/_.:+-]+$", var.data_device))
    error_message = "data_device is a path below /dev."
  }
}

variable "settings" {
  description = "Settings of ferroxd by their plain names, such as region or log_format; docs/configuration.md has them. No secrets: who can describe the machine can read this."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.settings) : can(regex("^[a-z][a-z0-9_]*$", name))])
    error_message = "settings are named as in the file of settings, such as log_format."
  }

  validation {
    condition = length(setintersection(keys(var.settings), [
      "access_key", "secret_key", "master_passphrase", "sse_master_key", "metrics_token",
    ])) == 0
    error_message = "secrets do not belong into settings: see secret_commands."
  }

  validation {
    condition = length(setintersection(keys(var.settings), [
      "data_dir", "tls_bind", "tls_certificate", "tls_key", "master_passphrase_file", "sse_master_key_file",
    ])) == 0
    error_message = "where data, certificates and secrets are is decided here."
  }
}

variable "secret_commands" {
  description = "Commands whose output is a secret, run on the machine at each start and once a day, as root. settings: more lines for the file of settings, such as access_key and secret_key. Without such lines the first start makes a key pair and prints it to the journal."
  type = object({
    settings          = optional(string)
    master_passphrase = optional(string)
    sse_master_key    = optional(string)
    tls_certificate   = optional(string)
    tls_key           = optional(string)
  })
  default  = {}
  nullable = false
}

variable "tls" {
  description = "off; self-signed, a certificate that the machine makes for itself; or files, what secret_commands.tls_certificate and .tls_key print."
  type        = string
  default     = "off"

  validation {
    condition     = contains(["off", "self-signed", "files"], var.tls)
    error_message = "tls is off, self-signed or files."
  }

  validation {
    condition     = var.tls != "files" || (var.secret_commands.tls_certificate != null && var.secret_commands.tls_key != null)
    error_message = "tls = files needs secret_commands.tls_certificate and secret_commands.tls_key."
  }
}

variable "tls_names" {
  description = "Names and addresses in the certificate that the machine makes, beside localhost and settings.domain."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for name in var.tls_names : can(regex("^[A-Za-z0-9.*:-]+$", name))])
    error_message = "tls_names are host names and addresses."
  }
}
