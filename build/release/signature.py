"""The signature over SHA256SUMS, made and verified by OpenSSH's ssh-keygen.

Everybody who has ssh can verify it, on Linux, macOS and Windows; an Ed25519 signature is the same
each time, so a release stays reproducible. The key is a file named by FERROX_SIGNING_KEY_FILE, or
the text of one in FERROX_SIGNING_KEY, as automation keeps secrets.

Verify: ssh-keygen -Y verify -f allowed_signers -I ferrox -n file -s SHA256SUMS.sig < SHA256SUMS
"""

import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

IDENTITY = "ferrox"
NAMESPACE = "file"


def sign(path: Path, environ: Mapping[str, str]) -> list[Path]:
    """Write the signature and the public key beside the file; without a key write nothing."""
    if text := environ.get("FERROX_SIGNING_KEY"):
        with tempfile.TemporaryDirectory() as folder:
            key = Path(folder, "key")
            key.touch(0o600)
            key.write_text(text.strip() + "\n", "utf-8")
            return _sign(path, key)
    if name := environ.get("FERROX_SIGNING_KEY_FILE"):
        return _sign(path, Path(name))
    return []


def _sign(path: Path, key: Path) -> list[Path]:
    signature = path.with_name(path.name + ".sig")
    signature.unlink(missing_ok=True)
    _run("ssh-keygen", "-q", "-Y", "sign", "-f", str(key), "-n", NAMESPACE, str(path))
    public = " ".join(_run("ssh-keygen", "-y", "-f", str(key)).split()[:2])
    signers = path.with_name("allowed_signers")
    signers.write_text(f'{IDENTITY} namespaces="{NAMESPACE}" {public}\n', "utf-8")
    return [signature, signers]


def _run(*command: str) -> str:
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise ValueError(f"{command[0]} could not sign: {done.stderr.strip()}")
    return done.stdout
