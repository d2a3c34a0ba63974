# Values of the chart. What nobody said is left to the chart.
locals {
  values = { for name, value in {
    fullnameOverride = var.name
    image = { for name, value in {
      repository = var.image_repository
      tag        = var.image_tag
      digest     = var.image_digest
    } : name => value if value != null }
    persistence = { for name, value in {
      size         = var.storage_size
      storageClass = var.storage_class
    } : name => value if value != null }
    settings         = var.settings
    buckets          = var.buckets
    rootCredentials  = var.secrets.root_credentials == null ? null : { existingSecret = var.secrets.root_credentials }
    masterPassphrase = var.secrets.master_passphrase == null ? null : { existingSecret = var.secrets.master_passphrase }
    encryption = { for name, value in {
      existingSecret = var.secrets.encryption
      mode           = var.encryption_mode
    } : name => value if value != null }
    tls = var.secrets.tls == null ? null : { enabled = true, existingSecret = var.secrets.tls }
    ingress = var.ingress == null ? null : {
      enabled    = true
      className  = var.ingress.class_name
      controller = var.ingress.controller
      hosts      = var.ingress.hosts
      tls        = [for name in compact([var.ingress.tls_secret]) : { secretName = name, hosts = var.ingress.hosts }]
    }
    metrics = merge(
      { serviceMonitor = { enabled = var.service_monitor }, prometheusRule = { enabled = var.service_monitor } },
      var.secrets.metrics_token == null ? {} : { tokenSecret = { name = var.secrets.metrics_token } },
    )
  } : name => value if value != null }
  root_secret = coalesce(var.secrets.root_credentials, "${var.name}-root")
  is_tls      = var.secrets.tls != null
}
