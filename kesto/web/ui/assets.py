"""Style sheet, scripts and font, named by their content and compressed at their first sending.

Browsers keep them for ever: other content is another address. Third-party files come out of their
installed packages; nothing has to be collected or built by hand.
"""

import gzip
import hashlib
import mimetypes
import re
from functools import cache
from importlib.resources import files
from pathlib import Path, PurePosixPath

import brotli
from django.conf import settings
from msgspec import Struct

from kesto.web.ui import made

STATIC = files("kesto.web.ui") / "static"
HTMX = files("django_htmx") / "static/django_htmx/htmx-2.min.js"
SHEETS = (
    "tokens",
    "base",
    "layout",
    "components",
    "tables",
    "forms",
    "office",
    "buying",
    "narrow",
    "charts",
    "utilities",
    "print",
)
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
HASH_LENGTH = 12


class Asset(Struct, frozen=True):
    """A file as it is sent: the address's last part, its bytes, and how they may be coded."""

    name: str
    media_type: str
    content: bytes
    codings: tuple[str, ...] = ("br", "gzip")


def asset_url(name: str) -> str:
    """The address of an asset by its plain name, such as "kesto.css". Raises KeyError."""
    return f"/assets/{_assets()[name].name}"


def asset_at(name: str) -> Asset | None:
    """The asset at an address, or None; a hash of other days is not found."""
    return _by_hashed_name().get(name)


@cache
def coded(asset: Asset, coding: str) -> bytes:
    """The bytes of an asset in one of its codings, made once a process; without: as they are."""
    match coding:
        case "br":
            return bytes(brotli.compress(asset.content))
        case "gzip":
            return gzip.compress(asset.content, mtime=0)
    return asset.content


def prepare() -> None:
    """Read all assets now rather than at the first request."""
    _by_hashed_name()


@cache
def _by_hashed_name() -> dict[str, Asset]:
    return {asset.name: asset for asset in _assets().values()}


@cache
def _assets() -> dict[str, Asset]:
    font = _asset("inter.woff2", made.font(Path(settings.KESTO_MADE)))
    found = {
        "inter.woff2": font,
        "kesto.css": _asset("kesto.css", _style_sheet(font.name).encode()),
        "htmx.js": _asset("htmx.js", HTMX.read_bytes()),
    }
    others = [one for one in STATIC.iterdir() if one.name.endswith((".js", ".svg"))]
    return found | {one.name: _asset(one.name, one.read_bytes()) for one in others}


def _style_sheet(font_name: str) -> str:
    """All sheets as one, in the order of their layers."""
    parts = [(STATIC / f"{sheet}.css").read_text("utf-8") for sheet in SHEETS]
    whole = COMMENT.sub("", "\n".join(parts)).replace("FONT_URL", f"/assets/{font_name}")
    return "\n".join(filter(None, (line.strip() for line in whole.splitlines())))


def _asset(name: str, content: bytes) -> Asset:
    hashed = hashlib.sha256(content).hexdigest()[:HASH_LENGTH]
    path = PurePosixPath(name)
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    named = f"{path.stem}.{hashed}{path.suffix}"
    if media_type.startswith("font/"):
        return Asset(named, media_type, content, codings=())
    return Asset(named, f"{media_type}; charset=utf-8", content)
