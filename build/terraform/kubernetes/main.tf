# The chart of build/helm/ferrox as a release. A StatefulSet of one: the store is one node's.
resource "helm_release" "this" {
  name             = var.name
  namespace        = var.namespace
  create_namespace = var.create_namespace
  chart            = coalesce(var.chart, "${path.module}/../../helm/ferrox")
  version          = var.chart_version
  values           = [yamlencode(local.values), yamlencode(var.values)]
  wait             = true
  timeout          = var.timeout
  # No way back by itself: a newer server may have brought the index to a format that the one before
  # refuses. See docs/deploy.md.
  atomic = false
}
