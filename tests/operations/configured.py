"""Documents of a bucket, put and got through the whole pipeline."""

import base64
import hashlib
from typing import Any

from tests.in_process import Answer, InProcess

BUCKET = "/bucket"


async def put(
    s3: InProcess,
    document: str,
    content: str,
    *,
    path: str = BUCKET,
    headers: dict[str, str] | None = None,
    is_protected: bool = True,
    **more: Any,
) -> Answer:
    """Put a document: `document` is "selector" or "selector&id=1", content has its root."""
    body = content.encode()
    sent = dict(headers or {})
    if is_protected:
        md5 = hashlib.md5(body, usedforsecurity=False).digest()
        sent["content-md5"] = base64.b64encode(md5).decode()
    return await s3.ask("PUT", path, query(document), body=body, headers=sent, **more)


async def get(s3: InProcess, document: str, path: str = BUCKET, **more: Any) -> Answer:
    """Get a document."""
    return await s3.ask("GET", path, query(document), **more)


async def delete(s3: InProcess, document: str, path: str = BUCKET, **more: Any) -> Answer:
    """Delete a document."""
    return await s3.ask("DELETE", path, query(document), **more)


def query(document: str) -> dict[str, str]:
    """The query that picks a document."""
    pieces = [piece.partition("=") for piece in document.split("&")]
    return {name: value for name, _, value in pieces}


def refusal(answer: Answer) -> tuple[int, str]:
    """Status and code."""
    return answer.status, answer.code


def content_of(answer: Answer) -> str:
    """What is inside the root of the document that was answered."""
    text = answer.body.decode()
    return text[text.index(">", text.index("<", 5)) + 1 : text.rindex("<")]
