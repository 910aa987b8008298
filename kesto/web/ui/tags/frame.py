"""The frame around pages: navigation, the current place, the switches."""

from collections.abc import Mapping

from django import template
from django.http import HttpRequest
from django.template import RequestContext
from django.urls import NoReverseMatch, reverse

from kesto.web.ui.navigation import OFFICE, PORTAL, links
from kesto.web.ui.said import said as take_said

register = template.Library()


@register.inclusion_tag("ui/parts/office_nav.html")
def office_nav(here: str, role: str = "", counts: object = None) -> dict[str, object]:
    """The side bar's links; `here` is "office:today" and so on, `counts` what waits behind each."""
    waiting = counts if isinstance(counts, Mapping) else {}
    groups = [(group.heading, [*links(group.places, here, role, waiting)]) for group in OFFICE]
    return {"groups": [(heading, found) for heading, found in groups if found]}


@register.inclusion_tag("ui/parts/portal_tabs.html")
def portal_tabs(here: str) -> dict[str, object]:
    """The portal's tabs; `here` is "portal:home" and so on."""
    return {"links": [*links(PORTAL, here)]}


@register.inclusion_tag("ui/parts/switches.html", takes_context=True)
def switches(context: RequestContext) -> dict[str, object]:
    """Language and colours, as small forms that work without scripts."""
    names = ("other_languages", "theme", "this_page", "csrf_token")
    return {name: context.get(name, "") for name in names}


@register.inclusion_tag("ui/parts/languages.html", takes_context=True)
def languages(context: RequestContext) -> dict[str, object]:
    """The other languages, for the head of a page."""
    return switches(context)


@register.inclusion_tag("ui/parts/said.html")
def said(request: HttpRequest) -> dict[str, object]:
    """What the last deed came to (`ui.said.say`), above the page's content."""
    return {"said": [*take_said(request)] if hasattr(request, "session") else []}


@register.simple_tag
def address(name: str, *parts: object) -> str:
    """Like `url`, but empty where there is no such page yet."""
    try:
        return reverse(name, args=parts)
    except NoReverseMatch:
        return ""
