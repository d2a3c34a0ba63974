"""Who may bring versions that were made elsewhere, with their time, id and ETag: the operator.

That is the root of the first account, under a signature in the Authorization header: Version 4
covers all of a query, which no other does, and an address that is signed is handed on to others.
"""

from ferrox.errors import AccessDenied
from ferrox.operations.call import Call
from ferrox.protocol import provenance
from ferrox.protocol.provenance import HERE, PARAMETERS, Provenance


def claimed(call: Call) -> Provenance:
    """What the request says of the version that it brings, if it may say anything."""
    if not call.request.query_string or PARAMETERS.isdisjoint(call.request.query):
        return HERE
    facts = call.request.facts
    signed_by = facts.get("signature_version"), facts.get("auth_type")
    if signed_by != ("AWS4", "header") or not call.services.is_operator(call.principal):
        raise AccessDenied("Only the operator brings versions that were made elsewhere.")
    return provenance.read(call.request.query, call.services.clock.now_ms())
