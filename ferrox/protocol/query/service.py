"""Which requests on the S3 port are not S3's: a credential scope of another service, or its form.

S3 knows no POST of a form-encoded body at service level, and `Action` with `Version` is no
parameter of its own, so nothing that S3 answers is taken away from it.
"""

from enum import Enum

from ferrox.protocol.message import Request

FORM_TYPE = "application/x-www-form-urlencoded"


class QueryService(Enum):
    """A service that speaks the query protocol: its name in scopes and actions, and its version."""

    IAM = ("iam", "2010-05-08")
    STS = ("sts", "2011-06-15")

    def __init__(self, scope_name: str, version: str) -> None:
        self.scope_name = scope_name
        self.version = version

    @property
    def namespace(self) -> str:
        """Of its documents."""
        return f"https://{self.scope_name}.amazonaws.com/doc/{self.version}/"


_BY_SCOPE = {service.scope_name: service for service in QueryService}


def service_of(request: Request) -> QueryService | None:
    """The service that a request to `/` speaks to, None when that is S3.

    Who does not sign speaks to STS: it alone has an action for callers without credentials.
    """
    if authorization := request.headers.get("authorization"):
        return _scoped(_credential_in(authorization))
    query = request.query
    if credential := query.get("X-Amz-Credential"):
        return _scoped(credential)
    is_form = request.headers.get("content-type", "").partition(";")[0].strip() == FORM_TYPE
    if (request.method == "POST" and is_form) or {"Action", "Version"} <= query.keys():
        return QueryService.STS
    return None


def _credential_in(authorization: str) -> str:
    _, _, rest = authorization.partition("Credential=")
    return rest.partition(",")[0].strip()


def _scoped(credential: str) -> QueryService | None:
    pieces = credential.split("/")
    return _BY_SCOPE.get(pieces[-2]) if len(pieces) > 2 else None
