"""What MinIO's clients ask beside S3, refused in words that lead on.

https://github.com/minio/madmin-go and https://github.com/minio/minio-go have both ends of it.

Their administration is below `/minio/`. It would be taken for a bucket that cannot be, signed for
no region. Who listens to events asks for a bucket, or for the server, with `events`; it would be
taken for a listing, in which no event ever comes, and so asked for again and again. Both are
refused before anybody looks at the signature: it is made in a way of MinIO's own, and what its user
was told of it would lead nowhere.
"""

from ferrox import errors
from ferrox.protocol.address import Object, Target
from ferrox.protocol.message import Request

_BUCKET = "minio"
_ADMINISTRATION = ("admin/", "kms/")
_METRICS = ("metrics/", "prometheus/metrics", "v2/metrics/")
_LISTENING = ("events", "suffix")
"""Parameters that come together there, and nowhere in S3."""


def refuse(request: Request, target: Target) -> None:
    """Raise NotImplemented if this is one of them."""
    if isinstance(target, Object):
        if target.bucket == _BUCKET:
            _refuse_page(request, target.key)
    elif "events=" in request.query_string and _is_listening(request):
        request.facts["operation"] = "ListenNotification"
        raise errors.NotImplemented(
            "Listening to events is an API of MinIO's own, and not of this server. Programs "
            "are told of events by the notification configuration of a bucket."
        )


def _is_listening(request: Request) -> bool:
    return request.method == "GET" and all(name in request.query for name in _LISTENING)


def _refuse_page(request: Request, page: str) -> None:
    if page.startswith(_ADMINISTRATION):
        request.facts["operation"] = "MinIOAdministration"
        raise errors.NotImplemented(
            "This is no MinIO, and has nothing for its administrative commands. ferroxd has its "
            "own: ferroxd user, ferroxd policy, ferroxd bucket, ferroxd status and others."
        )
    if page.startswith(_METRICS):
        request.facts["operation"] = "MinIOMetrics"
        raise errors.NotImplemented("Metrics for Prometheus are at /metrics here.")
