# What a machine with cloud-init and systemd does at its first start to be a ferrox server: mount its data
# volume, fetch ferroxd and verify it, install the units of build/systemd, start. Uses no provider, so it
# serves any cloud: hand the output to whatever makes the machine.

locals {
  systemd = "${path.module}/../../systemd"
  scripts = "/usr/local/sbin"

  # Text of the settings as ferroxd reads it: every value may stand between quotes, and a string of JSON
  # is one of TOML.
  settings = join("", [for name, value in var.settings : "${name} = ${jsonencode(value)}\n"])

  names  = concat(var.tls_names, [for name in split(",", lookup(var.settings, "domain", "")) : name if name != ""])
  is_tls = var.tls != "off"

  secrets = { for file, command in {
    "secret-settings.toml" = var.secret_commands.settings
    "master-passphrase"    = var.secret_commands.master_passphrase
    "sse-master-key"       = var.secret_commands.sse_master_key
    "tls/server.crt"       = var.tls == "files" ? var.secret_commands.tls_certificate : null
    "tls/server.key"       = var.tls == "files" ? var.secret_commands.tls_key : null
  } : file => command if command != null }

  # What the unit is told beside what stands in it; each piece only where it is asked for.
  drop_ins = merge(
    {
      "static-user.conf" = file("${local.systemd}/ferroxd.service.d/static-user.conf")
      "cloud.conf"       = file("${path.module}/templates/cloud.conf")
    },
    local.is_tls ? {
      "tls.conf" = file("${local.systemd}/ferroxd.service.d/tls.conf")
    } : {},
    { for name in ["master-passphrase", "sse-master-key"] :
      "${name}.conf" => templatefile("${path.module}/templates/credential.conf.tftpl", {
        name     = name
        variable = "FERROX_${upper(replace(name, "-", "_"))}_FILE"
      }) if contains(keys(local.secrets), name)
    },
  )

  files = concat(
    [
      { path = "/etc/ferrox/settings.toml", permissions = "0600", content = local.settings },
      { path = "/etc/sysusers.d/ferroxd.conf", permissions = "0644", content = file("${local.systemd}/ferroxd.sysusers") },
      { path = "/etc/systemd/system/ferroxd.service", permissions = "0644", content = file("${local.systemd}/ferroxd.service") },
      { path = "${local.scripts}/ferrox-program", permissions = "0755", content = file("${path.module}/templates/ferrox-program") },
      { path = "${local.scripts}/ferrox-secrets", permissions = "0755", content = templatefile("${path.module}/templates/ferrox-secrets.tftpl", {
        secrets = local.secrets
      }) },
      { path = "${local.scripts}/ferrox-install", permissions = "0755", content = templatefile("${path.module}/templates/ferrox-install.tftpl", {
        device         = var.data_device
        program_url    = var.program_url
        program_sha256 = lower(var.program_sha256)
        tls            = var.tls
        tls_names      = join(",", distinct(local.names))
      }) },
      { path = "/etc/systemd/system/ferrox-secrets.service", permissions = "0644", content = file("${path.module}/templates/ferrox-secrets.service") },
      { path = "/etc/systemd/system/ferrox-secrets.timer", permissions = "0644", content = file("${path.module}/templates/ferrox-secrets.timer") },
    ],
    [for name, content in local.drop_ins : {
      path = "/etc/systemd/system/ferroxd.service.d/${name}", permissions = "0644", content = content
    }],
  )

  user_data = join("\n", ["#cloud-config", yamlencode({
    write_files = local.files
    runcmd      = [["${local.scripts}/ferrox-install"]]
  })])
}
