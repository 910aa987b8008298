"""Users: who works in the office, invited by a one-time link."""

import secrets
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext

from kesto.core.refusals import Refused
from kesto.core.staff import known_role
from kesto.flows.change_staff import change_role, disable_staff, enable_staff
from kesto.flows.invite_staff import invite_staff, renew_staff_link
from kesto.store import staff as store
from kesto.store.session import reading
from kesto.web.clock import real_now
from kesto.web.office import words
from kesto.web.office.forms import InviteForm, RoleForm
from kesto.web.office.gate import OfficeRequest, office, page
from kesto.web.office.refusals import refusal_text
from kesto.web.ui.said import say
from kesto.web.ui.sessions import session_of

LINK = "new_link"
TOKEN_BYTES = 32
TONES = {"active": "ok", "invited": "info", "disabled": ""}


@office("users")
def users(request: OfficeRequest) -> HttpResponse:
    """List the users; a link that was just made is shown once."""
    staff = request.staff
    with reading(staff.desk.merchant_id) as session:
        members = store.members(session)
    visit = session_of(request)
    new_link = visit.pop(LINK, None) if LINK in visit else None
    return page(
        request,
        "users",
        "users",
        members=[
            (
                member,
                words.said(words.STAFF_STATES, member.state),
                TONES[member.state],
                words.role(member.role),
                RoleForm(initial={"role": member.role}, auto_id=f"role-{member.id.hex}"),
                member.id == staff.desk.staff_id,
            )
            for member in members
        ],
        new_link=new_link,
    )


@office("users", methods=("GET", "HEAD", "POST"))
def invite(request: OfficeRequest) -> HttpResponse:
    """Invite somebody."""
    staff = request.staff
    form = InviteForm(request.POST or None, initial={"language": staff.desk.language})
    if form.is_valid():
        asked, token = form.cleaned_data, secrets.token_urlsafe(TOKEN_BYTES)
        try:
            invite_staff(
                staff.desk.merchant_id,
                asked["name"],
                asked["email"],
                known_role(asked["role"]),
                asked["language"],
                token,
                real_now(),
                staff.actor,
            )
        except Refused as refusal:
            form.refuse(refusal)
        else:
            _show_link(request, asked["name"], token)
            return HttpResponseRedirect(reverse("office:users"))
    notes = [(words.ROLES[role], words.ROLE_NOTES[role]) for role in words.ROLES]
    return page(request, "invite", "users", form=form, notes=notes)


@office("users", methods=("POST",))
def change_role_of(request: OfficeRequest, staff_id: UUID) -> HttpResponse:
    """Give a user another role."""
    staff = request.staff
    try:
        role = known_role(request.POST.get("role", ""))
        change_role(staff.desk.merchant_id, staff_id, role, real_now(), staff.actor)
    except Refused as refusal:
        say(request, "bad", refusal_text(refusal))
    else:
        say(request, "ok", gettext("The role is now: %(role)s.") % {"role": words.role(role)})
    return HttpResponseRedirect(reverse("office:users"))


@office("users", methods=("POST",))
def renew_link(request: OfficeRequest, staff_id: UUID) -> HttpResponse:
    """Make a new one-time link; for a lost phone, forget the second factor too."""
    staff = request.staff
    token = secrets.token_urlsafe(TOKEN_BYTES)
    try:
        member = renew_staff_link(
            *(staff.desk.merchant_id, staff_id, token, real_now(), staff.actor),
            forgets_codes=request.POST.get("forget", "") == "codes",
        )
    except Refused as refusal:
        say(request, "bad", refusal_text(refusal))
    else:
        _show_link(request, member.name, token)
    return HttpResponseRedirect(reverse("office:users"))


@office("users", methods=("POST",))
def change_state(request: OfficeRequest, staff_id: UUID) -> HttpResponse:
    """Disable a user, or enable them again."""
    staff = request.staff
    is_disabling = request.POST.get("state", "") == "disabled"
    change = disable_staff if is_disabling else enable_staff
    try:
        change(staff.desk.merchant_id, staff_id, real_now(), staff.actor)
    except Refused as refusal:
        say(request, "bad", refusal_text(refusal))
    else:
        disabled = gettext("The user is disabled and signed out everywhere.")
        say(request, "ok", disabled if is_disabling else gettext("The user can sign in again."))
    return HttpResponseRedirect(reverse("office:users"))


def _show_link(request: OfficeRequest, name: str, token: str) -> None:
    path = reverse("office:welcome", args=[token])
    session_of(request)[LINK] = [name, f"{settings.KESTO_PUBLIC_URL}{path}"]
