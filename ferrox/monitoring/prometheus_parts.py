"""The parts of prometheus-client that write metrics down, without the rest of it.

Running the package would load servers and clients of HTTP, and hook collectors of its own into this
process. What counts here are instruments of this program's own, which prometheus-client has no part
in: it knows the formats.
"""

from ferrox import package_parts

with package_parts.not_run("prometheus_client"):
    from prometheus_client.openmetrics.exposition import generate_latest
    from prometheus_client.utils import floatToGoString

__all__ = ["floatToGoString", "generate_latest"]
