"""Where the office and the portal lead: names of addresses, icons, words, rights."""

from collections.abc import Iterator, Mapping, Sequence

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext_lazy
from msgspec import Struct

from kesto.core.staff import RIGHTS, ROLES, Right

NOTHING: Mapping[str, int] = {}


class Place(Struct, frozen=True):
    """A page that the navigation leads to; without a right it is for everyone."""

    name: str
    icon: str
    words: str | Promise
    right: Right | None = None


class Group(Struct, frozen=True):
    """Places under a heading; the first group has none."""

    heading: str | Promise
    places: Sequence[Place]


OFFICE: Sequence[Group] = (
    Group(
        "",
        (
            Place("office:today", "today", gettext_lazy("Today")),
            Place("office:customers", "customers", gettext_lazy("Customers"), "customers"),
            Place("office:invoices", "invoice", gettext_lazy("Invoices"), "customers"),
            Place("office:drafts", "clock", gettext_lazy("Drafts"), "customers"),
            Place("office:deliveries", "package", gettext_lazy("Deliveries"), "customers"),
            Place("office:messages", "mail", gettext_lazy("Messages"), "customers"),
            Place("office:catalogue", "price", gettext_lazy("Catalogue"), "catalogue"),
        ),
    ),
    Group(
        gettext_lazy("Money"),
        (
            Place("office:runs", "run", gettext_lazy("Billing runs"), "money"),
            Place("office:bank", "bank", gettext_lazy("Bank payments"), "money"),
            Place("office:close", "month", gettext_lazy("Month close"), "money"),
        ),
    ),
    Group(
        pgettext_lazy("navigation", "Administration"),
        (
            Place("office:settings", "settings", gettext_lazy("Settings"), "settings"),
            Place("office:users", "users", gettext_lazy("Users"), "users"),
            Place("office:style", "style", gettext_lazy("Style"), "style"),
        ),
    ),
)

PORTAL: Sequence[Place] = (
    Place("portal:home", "today", gettext_lazy("Subscription")),
    Place("portal:invoices", "invoice", gettext_lazy("Invoices")),
    Place("portal:messages", "mail", gettext_lazy("Messages")),
)


class Link(Struct, frozen=True):
    """A place as the page shows it; `count` is how many things wait there."""

    href: str
    icon: str
    words: str
    is_here: bool
    count: int = 0


def links(
    places: Sequence[Place], here: str, role: str = "", counts: Mapping[str, int] = NOTHING
) -> Iterator[Link]:
    """The places that a role may see; `here` is the name of the one that the page belongs to."""
    rights = next((RIGHTS[known] for known in ROLES if known == role), frozenset())
    for place in places:
        if place.right is not None and place.right not in rights:
            continue
        is_here, count = place.name == here, counts.get(place.name, 0)
        yield Link(reverse(place.name), place.icon, str(place.words), is_here, count)
