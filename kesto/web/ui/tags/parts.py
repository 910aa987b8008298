"""The parts of a page: cards, facts, badges, alerts, what explains and what is empty."""

from collections.abc import Mapping, Sequence

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext

from kesto.web.ui import icons
from kesto.web.ui.assets import asset_url

register = template.Library()
EMPTY = SafeString("")
TONES: Mapping[str, str] = {
    "ok": "check",
    "warn": "alert",
    "bad": "error",
    "info": "info",
    "accent": "info",
    "": "",
}


@register.simple_tag
def asset(name: str) -> str:
    """The address of a style sheet, script or font, with its content's hash in it."""
    return asset_url(name)


@register.simple_tag
def icon(name: str, label: str = "", classes: str = "") -> SafeString:
    """Draw an icon of `ui/icons.py`: `{% icon "mail" %}`; a label only where no word is beside."""
    return icons.icon(name, label, classes)


@register.simple_tag
def badge(tone: str, word: str, icon: str | None = None) -> SafeString:
    """Show a state by icon and word: `{% badge "ok" _("Paid") %}`; tone "" is neutral."""
    name = TONES[tone] if icon is None else icon
    classes = " ".join(
        ["badge", *([f"badge-{tone}"] if tone else []), *([] if name else ["badge-plain"])]
    )
    drawn = icons.icon(name) if name else EMPTY
    return format_html('<span class="{}">{}{}</span>', classes, drawn, word)


@register.simple_block_tag
def alert(content: SafeString, tone: str, title: str = "", icon: str | None = None) -> SafeString:
    """Say what needs attention and put the way out beside it.

    `{% alert "warn" _("Invoice 1042 is due in 4 days.") %}<p>…</p>{% endalert %}`; buttons in a
    `<div class="row">` after the text stand at the right.
    """
    text, row, buttons = content.partition('<div class="row">')
    return format_html(
        '<div class="alert alert-{}" role="{}">{}<div>{}{}</div>{}</div>',
        tone,
        "alert" if tone == "bad" else "status",
        icons.icon(icon or TONES[tone] or "info"),
        format_html("<p><strong>{}</strong></p>", title) if title else EMPTY,
        SafeString(text),
        SafeString(row + buttons),
    )


@register.simple_block_tag
def card(
    content: SafeString, title: str = "", anchor: str = "", note: str = "", kind: str = ""
) -> SafeString:
    """Put a part of the page into its box: `{% card _("Contract") "contract" %}…{% endcard %}`.

    `kind` adds classes: "flush" (tables and lists to the edge), "slim", "quiet".
    """
    classes = " ".join(["card", *(f"card-{word}" for word in kind.split())])
    if not title:
        return format_html('<section class="{}">{}</section>', classes, content)
    head = format_html(
        '<div class="card-head"><h2 id="{}">{}</h2>{}</div>',
        f"{anchor}-title",
        title,
        format_html("<p>{}</p>", note) if note else EMPTY,
    )
    return format_html(
        '<section class="{}" id="{}" aria-labelledby="{}">{}{}</section>',
        *(classes, anchor, f"{anchor}-title", head, content),
    )


@register.simple_tag
def figure(label: str, value: str, note: str = "", size: str = "") -> SafeString:
    """Show the one big number of a page: `{% figure _("To pay") sum note=… size="m" %}`."""
    return format_html(
        '<div class="figure"><p class="figure-label">{}</p>'
        '<p class="figure-value{}">{}</p>{}</div>',
        label,
        f" is-{size}" if size else "",
        value,
        format_html('<p class="figure-note">{}</p>', note) if note else EMPTY,
    )


@register.simple_block_tag
def facts(content: SafeString, kind: str = "") -> SafeString:
    """List facts, each by `{% fact %}`; kind "right" for numbers, "line" for one row."""
    classes = "facts-line" if kind == "line" else "facts facts-right" if kind else "facts"
    return format_html('<dl class="{}">{}</dl>', classes, content)


@register.simple_tag
def fact(name: str, value: str, note: str = "", classes: str = "") -> SafeString:
    """Name a fact: `{% fact _("Started") subscription.starts_on|day note=_("…") %}`."""
    return format_html(
        "<div><dt>{}</dt><dd{}>{}{}</dd></div>",
        name,
        format_html(' class="{}"', classes) if classes else EMPTY,
        value,
        format_html("<small>{}</small>", note) if note else EMPTY,
    )


@register.simple_block_tag
def why(content: SafeString, title: str = "", *, is_open: bool = False) -> SafeString:
    """Fold away an explanation: `{% why %}<p>…</p>{% endwhy %}` asks "Why this amount?"."""
    return format_html(
        '<details class="why"{}><summary>{}</summary><div class="why-body">{}</div></details>',
        SafeString(" open") if is_open else EMPTY,
        title or gettext("Why this amount?"),
        content,
    )


@register.simple_tag
def sentences(said: Sequence[str]) -> SafeString:
    """Each sentence as a paragraph of its own."""
    return format_html_join("", "<p>{}</p>", ((sentence,) for sentence in said))


@register.simple_block_tag
def empty(content: SafeString, title: str, icon: str = "inbox") -> SafeString:
    """Say why there is nothing and what comes next: `{% empty _("No invoices yet") %}…`."""
    return format_html(
        '<div class="empty">{}<p><b>{}</b></p><div class="small">{}</div></div>',
        icons.icon(icon),
        title,
        content,
    )


@register.simple_tag
def kpi(
    label: str, value: str, change: str = "", spark: SafeString = EMPTY, href: str = ""
) -> SafeString:
    """One of the numbers in a row of `<div class="kpis">`, with a link to what it counts."""
    inside = format_html(
        '<span class="kpi-label">{}</span><span class="kpi-value">{}</span>'
        '<span class="kpi-change">{}</span>{}',
        *(label, value, change, spark),
    )
    if href:
        return format_html('<a class="kpi" href="{}">{}</a>', href, inside)
    return format_html('<div class="kpi">{}</div>', inside)


@register.simple_block_tag
def sheet(content: SafeString, anchor: str, title: str) -> SafeString:
    """A side sheet, opened by `<button popovertarget="ID">`; works without scripts.

    Inside: a `<form class="sheet-body">` with the preview, then `<div class="sheet-foot">`.
    """
    shut = format_html(
        '<button class="btn btn-icon" type="button" popovertarget="{}"'
        ' popovertargetaction="hide" aria-label="{}">{}</button>',
        *(anchor, pgettext("a side sheet", "Close"), icons.icon("close")),
    )
    return format_html(
        '<section class="sheet" id="{}" popover aria-labelledby="{}-title">'
        '<div class="sheet-head"><h2 id="{}-title">{}</h2>{}</div>{}</section>',
        *(anchor, anchor, anchor, title, shut, content),
    )
