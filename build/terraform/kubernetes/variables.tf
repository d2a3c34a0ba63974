variable "name" {
  description = "Name of the release, and of all its objects."
  type        = string
  default     = "ferrox"

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,50}[a-z0-9])?$", var.name))
    error_message = "name is one of DNS, with up to 52 small letters, digits and hyphens."
  }
}

variable "namespace" {
  description = "Namespace of the release."
  type        = string
  default     = "ferrox"
}

variable "create_namespace" {
  description = "Whether the namespace is made."
  type        = bool
  default     = true
}

variable "chart" {
  description = "The chart: a folder, an archive, or an address of an OCI registry. That beside this module if null."
  type        = string
  default     = null
}

variable "chart_version" {
  description = "Version of a chart that comes from a registry."
  type        = string
  default     = null
}

variable "image_repository" {
  description = "Registry and repository of the image."
  type        = string
}

variable "image_tag" {
  description = "Tag of the image; the version of the chart if null."
  type        = string
  default     = null
}

variable "image_digest" {
  description = "Digest of the image (sha256:…); counts instead of the tag."
  type        = string
  default     = null

  validation {
    condition     = var.image_digest == null || can(regex("^sha256:[0-9a-f]{64}$", var.image_digest))
    error_message = "image_digest is sha256: and 64 hexadecimal digits."
  }
}

variable "storage_size" {
  description = "Size of the volume."
  type        = string
  default     = "50Gi"
}

variable "storage_class" {
  description = "Class of the volume, one of block devices; that of the cluster if null."
  type        = string
  default     = null
}

variable "settings" {
  description = "Settings of ferroxd by their plain names; see docs/configuration.md. The chart refuses those it decides itself."
  type        = any
  default     = {}

  validation {
    condition     = can(keys(var.settings))
    error_message = "settings are names with values."
  }
}

variable "buckets" {
  description = "Buckets that are made: NAME, NAME:versioned, NAME:object-lock, NAME:public-read."
  type        = list(string)
  default     = []
}

variable "secrets" {
  description = "Names of secrets in the namespace, which do not come into Terraform's state: root_credentials (access-key, secret-key), master_passphrase (master-passphrase), encryption (master-key), tls (kubernetes.io/tls), metrics_token (metrics-token)."
  type = object({
    root_credentials  = optional(string)
    master_passphrase = optional(string)
    encryption        = optional(string)
    tls               = optional(string)
    metrics_token     = optional(string)
  })
  default  = {}
  nullable = false
}

variable "encryption_mode" {
  description = "What becomes of objects for which nobody asks for encryption: optional, default or required."
  type        = string
  default     = "optional"

  validation {
    condition     = contains(["optional", "default", "required"], var.encryption_mode)
    error_message = "encryption_mode is optional, default or required."
  }

  validation {
    condition     = var.encryption_mode != "default" || var.secrets.encryption != null
    error_message = "encryption_mode default needs secrets.encryption."
  }
}

variable "ingress" {
  description = "Host names of an Ingress, its class and controller (ingress-nginx, nginx, haproxy, traefik), and the secret of its certificate; none if null."
  type = object({
    hosts      = list(string)
    class_name = string
    controller = string
    tls_secret = optional(string)
  })
  default = null
}

variable "service_monitor" {
  description = "Whether the operator of Prometheus is told of the metrics, and of the alerts."
  type        = bool
  default     = false
}

variable "values" {
  description = "More values of the chart, which count before all that is said here; build/helm/ferrox/README.md has them."
  type        = any
  default     = {}
}

variable "timeout" {
  description = "Seconds that an installation or upgrade may take."
  type        = number
  default     = 600
}
