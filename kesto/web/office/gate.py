"""Who may open a page of the office: who is signed in, has given all factors, and has the right.

@office("money")
def runs(request: OfficeRequest) -> HttpResponse: ...

@office("bill", methods=("POST",))
def start(request: OfficeRequest) -> HttpResponse: ...
"""

from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, cast
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from msgspec import Struct

from kesto.core.calendar import local_date
from kesto.core.ids import shown
from kesto.core.refusals import NotFound, Refused
from kesto.core.staff import Right, may
from kesto.store.office.desk import Desk, desk_of
from kesto.store.session import reading
from kesto.web.clock import real_now
from kesto.web.office import words
from kesto.web.office.refusals import refusal_text
from kesto.web.ui.language import speak
from kesto.web.ui.sessions import SessionStore, session_of

READS = ("GET", "HEAD")
STAGE = "stage"
STAGES = {
    "choose": "office:choose_merchant",
    "code": "office:give_code",
    "set_up": "office:set_up_codes",
}
"""Pages that stand between the password and the office."""

View = ParamSpec("View")


class Staff(Struct, frozen=True):
    """The member of staff at work, the merchant's moment, and its day."""

    desk: Desk
    now: datetime
    today: date

    @property
    def name(self) -> str:
        """The member's name."""
        return self.desk.name

    @property
    def role(self) -> str:
        """The member's role."""
        return self.desk.role

    @property
    def role_name(self) -> str:
        """The role in words."""
        return words.role(self.desk.role)

    @property
    def merchant_name(self) -> str:
        """Whom the office belongs to."""
        return self.desk.merchant_name

    @property
    def currency(self) -> str:
        """The currency of sums over many invoices."""
        return self.desk.currency

    @property
    def actor(self) -> str:
        """How the audit log names the member."""
        return shown("staff", self.desk.staff_id)

    @property
    def counts(self) -> dict[str, int]:
        """What waits behind the places of the navigation."""
        return {
            "office:runs": self.desk.parked + self.desk.waiting_runs,
            "office:bank": self.desk.unmatched,
        }

    def may(self, right: Right) -> bool:
        """Whether the member has a right."""
        return may(self.desk.role, right)

    @property
    def rights(self) -> dict[Right, bool]:
        """The rights for templates: `{% if request.staff.rights.credit %}`."""
        return dict.fromkeys(words.rights_of(self.desk.role), True)


class OfficeRequest(HttpRequest):
    """A request whose member of staff is known."""

    staff: Staff


class Guarded(Protocol):
    """A view behind the gate; `right` is what it takes, None: only to be signed in."""

    right: Right | None

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer."""


def office(
    right: Right | None = None, *, methods: tuple[str, ...] = READS
) -> Callable[[Callable[Concatenate[OfficeRequest, View], HttpResponseBase]], Guarded]:
    """Let a view answer only who is in and has the right; refusals become a page that says why."""

    def guard(view: Callable[Concatenate[OfficeRequest, View], HttpResponseBase]) -> Guarded:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method not in methods:
                return HttpResponseNotAllowed(methods)
            let_in = _let_in(request)
            if isinstance(let_in, HttpResponse):
                return let_in
            with timezone.override(ZoneInfo(let_in.staff.desk.zone)):
                if right is not None and not let_in.staff.may(right):
                    return refused(let_in, 403, words.no_right())
                try:
                    return view(let_in, *args, **kwargs)
                except NotFound as refusal:
                    return refused(let_in, 404, refusal_text(refusal))
                except Refused as refusal:
                    return refused(let_in, 409, refusal_text(refusal))

        answering = cast("Guarded", guarded)
        answering.right = right
        return answering

    return guard


def staff_at(desk: Desk) -> Staff:
    """The member of staff at a desk, now."""
    now = desk.clock_at or real_now()
    return Staff(desk, now, local_date(now, desk.zone))


def page(
    request: OfficeRequest, template: str, here: str, status: int = 200, **context: object
) -> HttpResponse:
    """Show a page; `here` is the place of the navigation that it belongs to."""
    values = {"here": f"office:{here}", "now": request.staff.now, "today": request.staff.today}
    return render(request, f"office/{template}.html", values | context, status=status)


def refused(request: OfficeRequest, status: int, text: str) -> HttpResponse:
    """Say why something is not shown or done."""
    return page(request, "refused", "", status, text=text, is_missing=status == 404)  # noqa: PLR2004 - the status itself


def _let_in(request: HttpRequest) -> OfficeRequest | HttpResponse:
    """The request with who makes it, or where to go to become somebody."""
    visit = session_of(request)
    desk = _desk(visit)
    if desk is None:
        return _to_sign_in(request, visit)
    if visit.get(STAGE) in STAGES:
        return HttpResponseRedirect(reverse(STAGES[visit[STAGE]]))
    at_work = cast("OfficeRequest", request)
    at_work.staff = staff_at(desk)
    speak(request, desk.language)
    return at_work


def _desk(visit: SessionStore) -> Desk | None:
    if visit.merchant_id is None or visit.subject_id is None:
        return None
    with reading(visit.merchant_id) as session:
        return desk_of(session, visit.subject_id)


def _to_sign_in(request: HttpRequest, visit: SessionStore) -> HttpResponse:
    """The way in; a page that was to be read is come back to."""
    if visit.session_key:
        visit.flush()
    address = reverse("office:sign_in")
    if request.method in READS and request.path != reverse("office:today"):
        address += f"?{urlencode({'next': request.get_full_path()})}"
    return HttpResponseRedirect(address)
