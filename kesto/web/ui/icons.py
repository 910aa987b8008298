"""The icons in use: our word for each, and what the icon package calls it."""

from functools import cache
from xml.etree import ElementTree as ET

from django.utils.html import format_html
from django.utils.safestring import SafeString
from lucide.templatetags.lucide import lucide

NAMES = {
    "add": "plus",
    "alert": "triangle-alert",
    "back": "arrow-left",
    "bank": "landmark",
    "bell": "bell",
    "calendar": "calendar-days",
    "card": "credit-card",
    "chart": "chart-column",
    "chat": "message-square",
    "check": "check",
    "clock": "clock",
    "close": "x",
    "code": "code-xml",
    "copy": "copy",
    "customers": "users",
    "dark": "moon",
    "download": "download",
    "edit": "pencil",
    "error": "circle-x",
    "eye": "eye",
    "file": "file-text",
    "gift": "gift",
    "inbox": "inbox",
    "info": "info",
    "invoice": "receipt-text",
    "key": "key-round",
    "language": "languages",
    "letter": "mailbox",
    "light": "sun",
    "link": "link",
    "lock": "lock",
    "log": "list",
    "mail": "mail",
    "menu": "menu",
    "minus": "minus",
    "month": "calendar-check",
    "next": "chevron-right",
    "package": "package",
    "pause": "pause",
    "person": "user",
    "phone": "smartphone",
    "price": "tag",
    "print": "printer",
    "run": "refresh-cw",
    "search": "search",
    "settings": "settings",
    "sign_out": "log-out",
    "style": "swatch-book",
    "swap": "arrow-left-right",
    "today": "house",
    "undo": "undo-2",
    "upload": "upload",
    "usage": "zap",
    "users": "user-cog",
    "wait": "hourglass",
}


def icon(name: str, label: str = "", classes: str = "") -> SafeString:
    """Draw an icon; without a label it is hidden from those who listen. Raises KeyError."""
    hidden = format_html(' role="img" aria-label="{}"', label) if label else ' aria-hidden="true"'
    return format_html(
        '<svg class="{}" viewBox="0 0 24 24"{}>{}</svg>',
        f"icon {classes}".strip(),
        SafeString(hidden),
        _strokes(NAMES[name]),
    )


@cache
def _strokes(name: str) -> SafeString:
    """The drawing inside the svg element, as the icon package has it."""
    drawn = ET.fromstring(lucide(name))  # noqa: S314 - out of a package of ours
    inside = "".join(ET.tostring(part, encoding="unicode") for part in drawn)
    return SafeString(inside.replace(" />", "/>").replace("\n ", "").strip())
