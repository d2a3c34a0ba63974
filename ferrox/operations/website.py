"""Websites: buckets as browsers see them, without signatures, queries or XML.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteEndpoints.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteAccessPermissionsReqd.html

Who visits is anonymous, whatever the request carries: the authorizer decides by what is public. A
visitor who may not list the bucket gets 403 for a page that is not there, as from the API. Pages
are sent by GetObject and HeadObject themselves, so ranges and conditions work as they do there.
"""

import dataclasses
import logging
from http import HTTPStatus
from typing import NamedTuple, Protocol

from ferrox import ids
from ferrox.document_errors import NoSuchWebsiteConfiguration
from ferrox.errors import (
    AccessDenied,
    InternalError,
    MethodNotAllowed,
    NoSuchBucket,
    NotModified,
    S3Error,
)
from ferrox.identity import ANONYMOUS
from ferrox.operations import request_payment, sharing
from ferrox.operations.call import Call, Services
from ferrox.operations.objects import find_version, get_object, head_object
from ferrox.operations.payload import Payload
from ferrox.protocol import address, cors, decode, encode, website
from ferrox.protocol.address import Object
from ferrox.protocol.message import Request, Response, decode_component
from ferrox.protocol.operations import GetObject, HeadObject, OptionsObject
from ferrox.protocol.shapes.website import WebsiteConfiguration
from ferrox.protocol.website import Moved, Visit
from ferrox.records import BucketRecord

OPERATION = "GetWebsite"
"""What the log calls a visit."""

HTML = "text/html; charset=utf-8"
METHODS = ("GET", "HEAD")
REDIRECT_HEADER = "x-amz-website-redirect-location"

_CONDITIONS = ("range", "if-match", "if-none-match", "if-modified-since", "if-unmodified-since")
"""Headers that speak of the page that was asked for, not of one that is shown instead."""

log = logging.getLogger("ferrox.website")


class Answering(Protocol):
    """Whoever answers the requests that are not for a website."""

    async def answer(self, request: Request) -> Response:
        """Answer one request, whatever happens."""
        ...


class _Site(NamedTuple):
    """A bucket that is a website, and what it is configured to do."""

    bucket: BucketRecord
    configuration: WebsiteConfiguration


class Websites:
    """Answers requests for website domains, and hands on all others."""

    def __init__(
        self,
        services: Services,
        domains: tuple[str, ...],
        others: Answering,
        other_domains: tuple[str, ...] = (),
    ) -> None:
        self._services = services
        self._domains = domains
        self._others = others
        self._other_domains = other_domains
        self._host_id = ids.host_id()

    async def answer(self, request: Request) -> Response:
        """Answer one request, whatever happens; only a cancelled task is not answered."""
        host = request.headers.get("host", "")
        name = address.website_bucket(host, self._domains, self._other_domains)
        if not name:
            return await self._others.answer(request)
        request.request_id = request.request_id or ids.request_id()
        request.facts |= {"operation": OPERATION, "bucket": name}
        request.principal = ANONYMOUS
        try:
            self._services.ledger.admit(request)
            response = await self._visited(name, request)
        except S3Error as error:
            response = self._page_about(request, error)
        except Exception:
            log.exception("%s: request failed", request.request_id)
            response = self._page_about(request, InternalError())
        if cors.ORIGIN in request.headers:
            sharing.share(self._services, request, response)
        response.headers["x-amz-request-id"] = request.request_id
        response.headers["x-amz-id-2"] = self._host_id
        return response

    async def _visited(self, name: str, request: Request) -> Response:
        key = decode_component(request.path[1:])
        request.facts["key"] = key
        if request.method == "OPTIONS":
            return await self._preflight(Object(name, key), request)
        if request.method not in METHODS:
            raise MethodNotAllowed(
                Method=request.method, ResourceType="OBJECT", headers={"allow": ", ".join(METHODS)}
            )
        site = self._site(name, request)
        visit = Visit(key, request.headers["host"], request.is_secure)
        moved = website.before_look_up(site.configuration, visit)
        if moved is not None:
            return _moved(moved)
        try:
            return await self._page(site, request, website.page_key(site.configuration, key))
        except NotModified:
            raise
        except S3Error as error:
            return await self._instead(site, request, visit, error)

    async def _preflight(self, target: Object, request: Request) -> Response:
        call = self._call(self._bucket(target.bucket, request), request)
        args = decode.parameters(OptionsObject, call.request, target)
        return encode.response(OptionsObject, await sharing.options_object(call, args))

    def _call(self, bucket: BucketRecord, request: Request) -> Call:
        # A query is the page's own business; to S3 it would be a version or a header to override.
        asked = dataclasses.replace(request, query_string="")
        payload = Payload(asked, None, None, None)
        return Call(self._services, ANONYMOUS, asked, bucket, payload)

    def _bucket(self, name: str, request: Request) -> BucketRecord:
        bucket = self._services.store.bucket(name)
        if bucket is None:
            raise NoSuchBucket(BucketName=name)
        request.bucket = bucket
        return bucket

    def _site(self, name: str, request: Request) -> _Site:
        bucket = self._bucket(name, request)
        configuration = self._services.configuration(bucket, WebsiteConfiguration)
        if configuration is None:
            raise NoSuchWebsiteConfiguration(BucketName=name)
        if request_payment.pays(self._services, bucket):
            raise AccessDenied().because("requester pays, and visitors have no name")
        return _Site(bucket, configuration)

    async def _page(self, site: _Site, request: Request, key: str) -> Response:
        """What a key holds, or where its object sends the visitor."""
        call = self._call(site.bucket, request)
        call.require("s3:GetObject", site.bucket, key)
        location = find_version(call, key, None).headers.get(REDIRECT_HEADER)
        if location is not None:
            return _moved(Moved(website.MOVED_PERMANENTLY, location))
        target = Object(site.bucket.name, key)
        if request.method == "HEAD":
            head = await head_object(call, decode.parameters(HeadObject, call.request, target))
            return encode.response(HeadObject, head)
        page = await get_object(call, decode.parameters(GetObject, call.request, target))
        return encode.response(GetObject, page)

    async def _instead(
        self, site: _Site, request: Request, visit: Visit, error: S3Error
    ) -> Response:
        """What a visitor gets whose page cannot be had."""
        if error.status in {403, 404} and self._is_folder(site, request, visit.key):
            return _moved(website.to_folder(visit))
        moved = website.after_error(site.configuration, visit, error.status)
        if moved is not None:
            return _moved(moved)
        document = site.configuration.error_document
        if document is None or error.status >= 500:
            raise error
        headers = {name: text for name, text in request.headers.items() if name not in _CONDITIONS}
        try:
            page = await self._page(
                site, dataclasses.replace(request, headers=headers), document.key
            )
        except S3Error as failed:
            return self._page_about(request, error, failed, document.key)
        request.facts["error_code"] = error.code
        if page.status != 200:  # it sends the visitor elsewhere
            return page
        return Response(error.status, page.headers | _said(error), page.body)

    def _is_folder(self, site: _Site, request: Request, key: str) -> bool:
        """Whether the key is that of a folder with an index document, but for its last slash."""
        if not key or key.endswith("/"):
            return False
        index = website.page_key(site.configuration, key + "/")
        try:
            self._call(site.bucket, request).require("s3:GetObject", site.bucket, index)
        except AccessDenied:
            return False
        version = self._services.store.version(site.bucket, index)
        return version is not None and not version.is_delete_marker

    def _page_about(
        self,
        request: Request,
        error: S3Error,
        failed: S3Error | None = None,
        failed_key: str = "",
    ) -> Response:
        """The page that tells of an error, and of the one that the error document gave."""
        request.facts["error_code"] = error.code
        if error.status == HTTPStatus.NOT_MODIFIED:
            return Response(error.status, dict(error.headers))
        headers = {"content-type": HTML} | error.headers | _said(error)
        if request.method == "HEAD":
            return Response(error.status, headers)
        ids_shown = {"RequestId": request.request_id, "HostId": self._host_id}
        page = website.error_page(
            error.status,
            HTTPStatus(error.status).phrase,
            _shown(error) | ids_shown,
            None if failed is None else {**_shown(failed), "Key": failed_key},
        )
        return Response(error.status, headers, page)


def _shown(error: S3Error) -> dict[str, str]:
    details = {name: str(value) for name, value in error.details.items()}
    return {"Code": error.code, "Message": error.message, **details}


def _said(error: S3Error) -> dict[str, str]:
    """What went wrong, in headers: for who asks with HEAD, or sees the site's own error page."""
    return {"x-amz-error-code": error.code, "x-amz-error-message": error.message}


def _moved(moved: Moved) -> Response:
    return Response(moved.status, {"location": moved.location, "content-length": "0"})
