"""The files that pages are made of, read once at start: a fixed set, so that no path from outside reaches the disk."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from importlib import resources
from typing import Any

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

MEDIA_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file: its bytes, media type, and entity tag."""

    body: bytes
    media_type: str
    etag: str


def load_assets(package: str) -> Mapping[str, Asset]:
    """All files of a package's `static/` by name; none where it has no such folder."""
    assets = {}
    folder = resources.files(package).joinpath("static")
    for file in folder.iterdir() if folder.is_dir() else ():
        suffix = "." + file.name.rpartition(".")[2]
        if suffix in MEDIA_TYPES:
            body = file.read_bytes()
            assets[file.name] = Asset(body, MEDIA_TYPES[suffix], f'"{hashlib.sha256(body).hexdigest()[:20]}"')
    return assets


def file_route(assets: Mapping[str, Asset]) -> HTTPRouteHandler:
    """`/static/NAME`: a file that the browser keeps as long as its tag is the same."""

    @get("/static/{name:str}")
    async def static(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
        asset = assets.get(name)
        if asset is None:
            raise NotFoundException(detail="no file of this name")
        headers = {"ETag": asset.etag, "Cache-Control": "no-cache"}
        if request.headers.get("if-none-match") == asset.etag:
            return Response(b"", status_code=HTTPStatus.NOT_MODIFIED, headers=headers, media_type=asset.media_type)
        return Response(asset.body, headers=headers, media_type=asset.media_type)

    return static
