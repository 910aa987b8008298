"""One's own account: password, second factor, language, and where one is signed in."""

from datetime import datetime

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from msgspec import Struct

from kesto.core.refusals import NotFound, Refused
from kesto.core.staff import needs_second_factor
from kesto.flows.change_password import change_password
from kesto.flows.change_staff import change_language
from kesto.flows.end_visit import end_other_visits, end_visit
from kesto.store import staff as store
from kesto.store.session import reading
from kesto.web.clock import real_now
from kesto.web.office import words
from kesto.web.office.forms import ChangePasswordForm, LanguageForm
from kesto.web.office.gate import OfficeRequest, office, page
from kesto.web.ui.said import say
from kesto.web.ui.sessions import hashed, session_of

BROWSERS = ("Edg", "OPR", "Firefox", "Chrome", "Safari")
SYSTEMS = ("iPhone", "iPad", "Android", "Windows", "Mac OS", "Linux")


class Visit(Struct, frozen=True):
    """A place where somebody is signed in."""

    key: str
    device: str
    since: datetime | None
    is_this: bool


@office()
def own(request: OfficeRequest) -> HttpResponse:
    """Show one's own account."""
    staff = request.staff
    with reading(staff.desk.merchant_id) as session:
        member = store.member(session, staff.desk.staff_id)
        visits = store.visits(session, staff.desk.staff_id)
    if member is None:
        raise NotFound("there is no such user", code="unknown_staff", field="staff")
    this = hashed(session_of(request).session_key or "")
    return page(
        request,
        "own",
        "",
        member=member,
        role_name=staff.role_name,
        visits=[_visit(one, this) for one in visits],
        is_must=needs_second_factor(staff.desk.role, staff.desk.mode),
        language_form=LanguageForm(initial={"language": member.language}),
        language_name=words.said(words.LANGUAGES, member.language),
    )


@office(methods=("GET", "HEAD", "POST"))
def password(request: OfficeRequest) -> HttpResponse:
    """Change one's password."""
    staff = request.staff
    form = ChangePasswordForm(request.POST or None)
    if form.is_valid():
        asked = form.cleaned_data
        this = hashed(session_of(request).session_key or "")
        try:
            change_password(
                *(staff.desk.merchant_id, staff.desk.staff_id, asked["old"], asked["password"]),
                *(this, real_now()),
            )
        except Refused as refusal:
            form.refuse(refusal)
        else:
            text = gettext("Elsewhere you have been signed out.")
            say(request, "ok", gettext("Your password is changed."), text)
            return HttpResponseRedirect(reverse("office:own"))
    return page(request, "own_password", "", form=form)


@office(methods=("POST",))
def language(request: OfficeRequest) -> HttpResponse:
    """Change the language of one's pages."""
    staff = request.staff
    form = LanguageForm(request.POST)
    if form.is_valid():
        wanted = form.cleaned_data["language"]
        change_language(staff.desk.merchant_id, staff.desk.staff_id, wanted, real_now())
        say(request, "ok", gettext("The language is saved."))
    return HttpResponseRedirect(reverse("office:own"))


@office(methods=("POST",))
def end_visits(request: OfficeRequest) -> HttpResponse:
    """Sign out elsewhere: in one place, or in all others."""
    desk = request.staff.desk
    key = request.POST.get("visit", "")
    if key:
        end_visit(desk.merchant_id, desk.staff_id, _bytes(key))
    else:
        this = hashed(session_of(request).session_key or "")
        end_other_visits(desk.merchant_id, desk.staff_id, this)
    say(request, "ok", gettext("Signed out."))
    return HttpResponseRedirect(reverse("office:own"))


def _visit(one: store.Visit, this: bytes) -> Visit:
    since = one.data.get("since")
    return Visit(
        one.sha256.hex(),
        device(str(one.data.get("agent", ""))),
        datetime.fromisoformat(since) if isinstance(since, str) else None,
        one.sha256 == this,
    )


def device(agent: str) -> str:
    """A browser and its system, as far as it says."""
    browser = next((name for name in BROWSERS if name in agent), "")
    system = next((name for name in SYSTEMS if name in agent), "")
    names = {"Edg": "Edge", "OPR": "Opera", "Mac OS": "macOS"}
    found = [names.get(one, one) for one in (browser, system) if one]
    return ", ".join(found) or gettext("Unknown device")


def _bytes(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""
