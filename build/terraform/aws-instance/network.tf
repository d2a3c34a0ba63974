resource "aws_security_group" "this" {
  name_prefix = "${var.name}-"
  description = "Requests to ${var.name}"
  vpc_id      = data.aws_subnet.this.vpc_id
  tags        = local.tags

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "client" {
  for_each = { for pair in setproduct(local.ports, toset(var.client_cidrs)) : "${pair[0]} ${pair[1]}" => pair }

  security_group_id = aws_security_group.this.id
  description       = "S3"
  ip_protocol       = "tcp"
  from_port         = tonumber(each.value[0])
  to_port           = tonumber(each.value[0])
  cidr_ipv4         = strcontains(each.value[1], ":") ? null : each.value[1]
  cidr_ipv6         = strcontains(each.value[1], ":") ? each.value[1] : null
  tags              = local.tags
}

# To the release, to packages, to Secrets Manager and Session Manager, and to targets of events.
resource "aws_vpc_security_group_egress_rule" "any" {
  security_group_id = aws_security_group.this.id
  description       = "Anywhere"
  ip_protocol       = "-1"
  cidr_ipv4         = "0.0.0.0/0"
  tags              = local.tags
}

resource "aws_eip" "this" {
  count = var.public ? 1 : 0

  domain = "vpc"
  tags   = local.tags
}

resource "aws_eip_association" "this" {
  count = var.public ? 1 : 0

  allocation_id = aws_eip.this[0].id
  instance_id   = aws_instance.this.id
}

resource "aws_route53_record" "this" {
  for_each = var.route53_zone_id == null ? toset([]) : toset(["", "*."])

  zone_id = var.route53_zone_id
  name    = "${each.key}${var.host_name}"
  type    = "A"
  ttl     = 60
  records = [local.address]
}
