"""Who may open a page of the portal: a customer whose visit a link has opened.

@portal
def home(request: PortalRequest) -> HttpResponse: ...

@portal(methods=("POST",))
def keep(request: PortalRequest) -> HttpResponse: ...
"""

from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from msgspec import Struct

from kesto.core.calendar import local_date
from kesto.core.ids import shown
from kesto.store import portal as store
from kesto.store.portal import Visitor
from kesto.store.session import reading
from kesto.web.clock import real_now
from kesto.web.ui.language import speak
from kesto.web.ui.sessions import STAFF, session_of

READS = ("GET", "HEAD")
View = ParamSpec("View")


class Customer(Struct, frozen=True):
    """The customer who visits, the merchant's moment, and the seller's day.

    `staff` is who of the seller's staff acts for the customer, as the audit log names them.
    """

    merchant_id: UUID
    visitor: Visitor
    now: datetime
    today: date
    staff: str = ""

    @property
    def actor(self) -> str:
        """How the audit log names who acts."""
        return self.staff or shown("customer", self.id)

    @property
    def id(self) -> UUID:
        """The customer's id."""
        return self.visitor.id

    @property
    def name(self) -> str:
        """The customer's name."""
        return self.visitor.name

    @property
    def merchant_name(self) -> str:
        """Whose portal it is."""
        return self.visitor.merchant_name


class PortalRequest(HttpRequest):
    """A request whose customer is known."""

    customer: Customer


Answer = Callable[..., HttpResponseBase]


def portal(
    *, methods: tuple[str, ...] = READS
) -> Callable[[Callable[Concatenate[PortalRequest, View], HttpResponseBase]], Answer]:
    """Let a view answer a customer only, in their language and the seller's time zone."""

    def guard(view: Callable[Concatenate[PortalRequest, View], HttpResponseBase]) -> Answer:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method not in methods:
                return HttpResponseNotAllowed(methods)
            customer = customer_of(request)
            if customer is None:
                return render(request, "portal/no_visit.html", status=403)
            known = cast("PortalRequest", request)
            known.customer = customer
            speak(request, customer.visitor.language)
            with timezone.override(ZoneInfo(customer.visitor.zone)):
                return view(known, *args, **kwargs)

        return guarded

    return guard


def customer_of(request: HttpRequest) -> Customer | None:
    """Whose visit it is, or None."""
    visit = session_of(request)
    if visit.merchant_id is None or visit.subject_id is None:
        return None
    with reading(visit.merchant_id) as session:
        visitor = store.visitor(session, visit.subject_id)
    if visitor is None:
        return None
    now = visitor.clock_at or real_now()
    staff = visit.get(STAFF, "")
    return Customer(visit.merchant_id, visitor, now, local_date(now, visitor.zone), staff)


def page(request: PortalRequest, template: str, here: str, **context: object) -> HttpResponse:
    """Show a page; `here` is the tab that it belongs to."""
    customer = request.customer
    values = {
        "here": f"portal:{here}",
        "now": customer.now,
        "today": customer.today,
        "visitor": customer.visitor,
    }
    return render(request, f"portal/{template}.html", values | context)
