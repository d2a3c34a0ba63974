# A snapshot of the one volume is what a power failure would have left, and that is always whole.
data "aws_iam_policy_document" "snapshots" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["dlm.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "snapshots" {
  count = var.snapshots_kept > 0 ? 1 : 0

  name_prefix        = "${var.name}-snap-"
  assume_role_policy = data.aws_iam_policy_document.snapshots.json
  tags               = local.tags
}

resource "aws_iam_role_policy_attachment" "snapshots" {
  count = var.snapshots_kept > 0 ? 1 : 0

  role       = aws_iam_role.snapshots[0].name
  policy_arn = "arn:${data.aws_partition.this.partition}:iam::aws:policy/service-role/AWSDataLifecycleManagerServiceRole"
}

resource "aws_dlm_lifecycle_policy" "snapshots" {
  count = var.snapshots_kept > 0 ? 1 : 0

  description        = "Daily snapshots of the data of ${var.name}"
  execution_role_arn = aws_iam_role.snapshots[0].arn
  state              = "ENABLED"
  tags               = local.tags

  policy_details {
    resource_types = ["VOLUME"]
    target_tags    = { Name = "${var.name}-data" }

    schedule {
      name      = "daily"
      copy_tags = true

      create_rule {
        interval      = 24
        interval_unit = "HOURS"
        times         = ["02:30"]
      }

      retain_rule {
        count = var.snapshots_kept
      }
    }
  }
}
