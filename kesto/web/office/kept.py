"""Drafts that somebody has begun: kept with their visit until published or thrown away."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from msgspec import Struct

from kesto.web.ui.sessions import session_of

KEY = "drafts"
MOST = 8
LONGEST = 100_000
"""A draft with more characters is carried by its page alone."""


class Kept(Struct, frozen=True):
    """A draft: the page it is of, how it was called, which version it makes, what was typed."""

    path: str
    name: str
    version: int
    at: datetime
    values: Mapping[str, str]


def keep(request: HttpRequest, one: Kept) -> None:
    """Keep a draft in the place of the one that its page had; the oldest give way."""
    if len(json.dumps(dict(one.values))) > LONGEST:
        return
    others = [found for found in kept_drafts(request) if found.path != one.path]
    _write(request, [*others, one][-MOST:])


def kept_draft(request: HttpRequest, version: int) -> Kept | None:
    """The draft of a page, if what it began from is still the newest."""
    mine = (one for one in kept_drafts(request) if one.path == request.path)
    return next((one for one in mine if one.version == version), None)


def kept_drafts(request: HttpRequest) -> list[Kept]:
    """All drafts of the visit, the oldest first."""
    return [
        Kept(*(one["path"], one["name"], one["version"]), _moment(one), one["values"])
        for one in session_of(request).get(KEY, [])
    ]


def forget(request: HttpRequest) -> None:
    """Throw the draft of a page away."""
    found = kept_drafts(request)
    left = [one for one in found if one.path != request.path]
    if len(left) < len(found):
        _write(request, left)


def _moment(one: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(one["at"])


def _write(request: HttpRequest, drafts: list[Kept]) -> None:
    session_of(request)[KEY] = [
        {
            "path": one.path,
            "name": one.name,
            "version": one.version,
            "at": one.at.isoformat(),
            "values": dict(one.values),
        }
        for one in drafts
    ]
