"""Where the office and the portal lead: name of the address, icon, words, who may see it."""

from collections.abc import Iterator, Sequence

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext_lazy
from msgspec import Struct


class Place(Struct, frozen=True):
    """A page that the navigation leads to; no roles means everyone."""

    name: str
    icon: str
    words: str | Promise
    roles: tuple[str, ...] = ()


class Group(Struct, frozen=True):
    """Places under a heading; the first group has none."""

    heading: str | Promise
    places: Sequence[Place]


OFFICE: Sequence[Group] = (
    Group(
        "",
        (
            Place("office:today", "today", gettext_lazy("Today")),
            Place("office:customers", "customers", gettext_lazy("Customers")),
            Place("office:invoices", "invoice", gettext_lazy("Invoices")),
        ),
    ),
    Group(
        gettext_lazy("Money"),
        (
            Place("office:runs", "run", gettext_lazy("Billing runs")),
            Place("office:bank", "bank", gettext_lazy("Bank payments")),
            Place("office:close", "month", gettext_lazy("Month close")),
        ),
    ),
    Group(
        pgettext_lazy("navigation", "Set-up"),
        (
            Place("office:settings", "settings", gettext_lazy("Settings")),
            Place("office:users", "users", gettext_lazy("Users"), ("owner",)),
            Place("office:style", "style", gettext_lazy("Style"), ("developer",)),
        ),
    ),
)

PORTAL: Sequence[Place] = (
    Place("portal:home", "today", gettext_lazy("Subscription")),
    Place("portal:invoices", "invoice", gettext_lazy("Invoices")),
    Place("portal:messages", "mail", gettext_lazy("Messages")),
)


class Link(Struct, frozen=True):
    """A place as the page shows it."""

    href: str
    icon: str
    words: str
    is_here: bool
    count: int = 0


def links(places: Sequence[Place], here: str, role: str = "") -> Iterator[Link]:
    """The places that a role may see; `here` is the name of the one that the page belongs to."""
    for place in places:
        if place.roles and role not in place.roles:
            continue
        try:
            href = reverse(place.name)
        except NoReverseMatch:
            continue
        yield Link(href, place.icon, str(place.words), place.name == here)
