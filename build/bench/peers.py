"""Other servers to be measured beside ferroxd, out of an environment of their own (.venv-bench).

Whether they sync was looked at with strace, counting fsync over 300 writes of 4 KiB: rclone none,
SeaweedFS as delivered only when it makes a volume, with fsync configured one for each write.
"""

import json
import subprocess
from pathlib import Path

from build.bench.figures import MeasurementFailed
from build.bench.servers import ACCESS_KEY, ROOT, SECRET_KEY, Kind, RunningServer, says

PROGRAMS = ROOT / ".venv-bench" / "bin"
WEED = str(PROGRAMS / "weed")
RCLONE = str(PROGRAMS / "rclone")
WEED_PORTS = 8
SHELL_LIMIT_S = 60.0


def _weed_command(folder: Path, ports: list[int]) -> list[str]:
    s3, master, master_grpc, volume, volume_grpc, filer, filer_grpc, s3_grpc = ports
    pair = {"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}
    identity = {"name": "bench", "credentials": [pair], "actions": ["Admin", "Read", "Write"]}
    identities = folder / "s3.json"
    identities.write_text(json.dumps({"identities": [identity]}))
    return [
        WEED, "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
        "-master.telemetry=false",  # it would call home
        f"-master.port={master}", f"-master.port.grpc={master_grpc}",
        f"-volume.port={volume}", f"-volume.port.grpc={volume_grpc}", "-volume.preStopSeconds=1",
        "-filer", f"-filer.port={filer}", f"-filer.port.grpc={filer_grpc}",
        "-s3", f"-s3.port={s3}", f"-s3.port.grpc={s3_grpc}", f"-s3.config={identities}",
        "-s3.port.iceberg=0", "-s3.port.lance=0",
    ]  # fmt: skip


def _weed_syncs(server: RunningServer) -> None:
    """Have each write to a volume synced."""
    _, master, master_grpc, _, _, filer, filer_grpc, _ = server.ports
    command = [
        WEED, "shell",
        f"-master=127.0.0.1:{master}.{master_grpc}", f"-filer=127.0.0.1:{filer}.{filer_grpc}",
    ]  # fmt: skip
    done = subprocess.run(
        command, input="fs.configure -locationPrefix=/buckets/ -fsync -apply\n",
        capture_output=True, text=True, check=False, timeout=SHELL_LIMIT_S,
    )  # fmt: skip
    if '"fsync":  true' not in done.stdout:
        raise MeasurementFailed(f"weed shell: {done.stdout[-500:]} {done.stderr[-500:]}")


def _rclone_command(folder: Path, ports: list[int]) -> list[str]:
    address, keys = f"127.0.0.1:{ports[0]}", f"{ACCESS_KEY},{SECRET_KEY}"
    return [
        RCLONE, "serve", "s3", str(folder), f"--addr={address}", f"--auth-key={keys}",
        f"--config={folder.with_name('rclone.conf')}",
    ]  # fmt: skip


PEERS = {
    kind.name: kind
    for kind in (
        Kind(
            "weed", "no: nothing is synced", _weed_command, lambda: says(WEED, "version"),
            ports=WEED_PORTS,
        ),
        Kind(
            "weed-fsync", "data yes (fs.configure -fsync), names no: the filer's index is not "
            "synced", _weed_command, lambda: says(WEED, "version"),
            ports=WEED_PORTS, prepare=_weed_syncs,
        ),
        Kind(
            "rclone", "no: nothing is synced, and there is no option for it", _rclone_command,
            lambda: says(RCLONE, "version"),
        ),
    )
}  # fmt: skip
