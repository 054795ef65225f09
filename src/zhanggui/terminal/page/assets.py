"""The files that the page is made of, read once at start: a fixed set, so that no path from outside reaches the disk."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

MEDIA_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file: its bytes, media type, and entity tag."""

    body: bytes
    media_type: str
    etag: str


def load_assets() -> Mapping[str, Asset]:
    """All files of `static/` by name."""
    assets = {}
    for file in resources.files(__package__).joinpath("static").iterdir():
        suffix = "." + file.name.rpartition(".")[2]
        if suffix in MEDIA_TYPES:
            body = file.read_bytes()
            assets[file.name] = Asset(body, MEDIA_TYPES[suffix], f'"{hashlib.sha256(body).hexdigest()[:20]}"')
    return assets
