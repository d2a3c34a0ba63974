"""How cases send a document: with the digest that AWS demands for it."""

import base64
import hashlib

from tests.in_process import Answer, InProcess


async def put_document(
    s3: InProcess, path: str, query: dict[str, str], document: str, **headers: str
) -> Answer:
    """PUT a document with its Content-MD5; `x_amz_y` stands for the header x-amz-y."""
    body = document.encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    md5 = base64.b64encode(hashlib.md5(body).digest()).decode()
    return await s3.ask("PUT", path, query, body=body, headers={"content-md5": md5, **named})
