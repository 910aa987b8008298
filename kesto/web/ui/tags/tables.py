"""Tables: plain HTML goes in; roles and labels, which stacked rows need, are put on it."""

import re
from collections.abc import Iterator
from html import unescape

from django import template
from django.utils.html import escape, format_html, strip_tags
from django.utils.safestring import SafeString

from kesto.web.ui.parts import Bill, Event

register = template.Library()

ROLES = {"thead": "rowgroup", "tbody": "rowgroup", "tfoot": "rowgroup", "tr": "row", "td": "cell"}
PART = re.compile(
    r"<(?P<close>/?)(?P<name>table|thead|tbody|tfoot|tr|th|td)\b(?P<rest>[^>]*)>", re.IGNORECASE
)
COLSPAN = re.compile(r'colspan="?(\d+)')


@register.simple_block_tag
def table(
    content: SafeString, caption: str, kind: str = "rows stack", show_caption: str = ""
) -> SafeString:
    """Wrap `<thead>`, `<tbody>`, `<tfoot>` into a table that stacks on phones.

    `{% table _("Invoices") %}<thead>…`: the caption is always there, shown where `show_caption`
    is set. Kinds: "rows" (a list), "stack" (up to 4 columns), "wide" (5 and more), "bill",
    "matrix".
    """
    first, *_ = kind.split()
    own = first in {"bill", "matrix"}
    classes = kind if own else " ".join(["table", *(f"table-{word}" for word in kind.split())])
    return format_html(
        '<table role="table" class="{}"><caption{}>{}</caption>{}</table>',
        classes,
        SafeString("" if show_caption else ' class="sr"'),
        caption,
        SafeString("".join(_with_roles(content))),
    )


@register.inclusion_tag("ui/parts/bill.html")
def bill(bill: Bill) -> dict[str, object]:
    """Show what makes up a sum: lines with their reckoning and reasons, totals below."""
    return {"bill": bill}


@register.inclusion_tag("ui/parts/timeline.html")
def timeline(events: list[Event]) -> dict[str, object]:
    """Show what happened, the newest first, under a heading for each `heading` of its events."""
    return {"events": events}


def _with_roles(html: str) -> Iterator[str]:
    """The HTML with a role on each part and its column's name on each cell.

    A table inside a cell is left as it is: it has been through this already.
    """
    labels: list[str] = []
    in_head, column, depth, at = False, 0, 0, 0
    for found in PART.finditer(html):
        name, rest = found["name"].lower(), found["rest"]
        yield html[at : found.start()]
        at = found.end()
        if name == "table":
            depth += -1 if found["close"] else 1
        if depth or found["close"] or name == "table":
            yield found[0]
            continue
        if name in {"thead", "tbody", "tfoot"}:
            in_head = name == "thead"
        if name == "tr":
            column = 0
        label = labels[column] if not in_head and column < len(labels) else ""
        if name in {"th", "td"}:
            if in_head:
                labels.append(_text(html, found.end()))
            span = COLSPAN.search(rest)
            column += int(span[1]) if span else 1
        yield f"<{name}{_role(name, rest, label)}{rest}>"
    yield html[at:]


def _role(name: str, rest: str, label: str) -> str:
    if name == "th":
        is_column = 'scope="col' in rest
        return f' role="{"columnheader" if is_column else "rowheader"}"'
    has_label = name == "td" and label and "data-label" not in rest and "colspan" not in rest
    return f' role="{ROLES[name]}"' + (f' data-label="{label}"' if has_label else "")


def _text(html: str, start: int) -> str:
    """The words of a heading cell; those that only screen readers hear are no label."""
    inside = html[start : html.index("</th>", start)]
    if 'class="sr"' in inside:
        return ""
    return str(escape(unescape(" ".join(strip_tags(inside).split()))))
