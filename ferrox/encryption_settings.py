"""The settings of server-side encryption: a part of the table of settings in config.py."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from ferrox import setting_kinds as kinds
from ferrox.setting import Row


@dataclass(frozen=True, kw_only=True)
class EncryptionSettings:
    """What Config has of them."""

    sse_master_key: Annotated[
        str | None,
        Row(
            kinds.Kind("text", kinds.master_key),
            "Key that the keys of encrypted objects are sealed under: 32 bytes in base64 or "
            "hexadecimal. It is stored nowhere; without it these objects are lost. See "
            "docs/encryption.md.",
            is_secret=True,
        ),
    ] = field(default=None, repr=False)
    sse_master_key_file: Annotated[
        Path | None,
        Row(kinds.Kind("path", kinds.path), "File that holds this key as its only line."),
    ] = None
    sse_passphrase_file: Annotated[
        Path | None,
        Row(
            kinds.Kind("path", kinds.path),
            "File that holds, as its only line, a passphrase to make this key of.",
        ),
    ] = None
    sse_mode: Annotated[
        Literal["optional", "default", "required"],
        Row(
            kinds.one_of("optional", "default", "required"),
            "What becomes of an object when neither its request nor its bucket asks for "
            "encryption: it is stored as it is, or encrypted with SSE-S3 as on AWS, or refused.",
        ),
    ] = "optional"
    sse_customer_keys_in_the_open: Annotated[
        bool,
        Row(
            kinds.ON_OFF,
            "Whether keys of customers (SSE-C) are taken over plain HTTP: only where something "
            "in front of the server takes TLS off.",
        ),
    ] = False
