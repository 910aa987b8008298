"""The way in: e-mail and password, the merchant, the second factor; and the way out."""

import base64
import secrets
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from typing import Concatenate, ParamSpec, cast
from uuid import UUID

import pyotp
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import rotate_token
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from kesto.core.refusals import NotFound, Refused
from kesto.core.staff import needs_second_factor
from kesto.flows.accept_staff_link import accept_staff_link, look_at_staff_link
from kesto.flows.confirm_code import confirm_code
from kesto.flows.confirm_code import set_up_codes as keep_codes
from kesto.flows.sign_in import arrive
from kesto.flows.sign_in import sign_in as check_password
from kesto.store import merchants
from kesto.store.office.desk import Desk, desk_of
from kesto.store.session import reading
from kesto.store.staff import Door
from kesto.web.clock import real_now
from kesto.web.office.forms import CodeForm, NewPasswordForm, SignInForm
from kesto.web.office.gate import STAGE, STAGES
from kesto.web.office.refusals import refusal_text
from kesto.web.ui.language import speak
from kesto.web.ui.sessions import SessionStore, session_of

RECOVERY_CODES = 8
RECOVERY_BYTES = 10
LONGEST_AGENT = 200

Rest = ParamSpec("Rest")
Visiting = Callable[Concatenate[HttpRequest, SessionStore, Desk, Rest], HttpResponse]


@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for e-mail and password."""
    visit = session_of(request)
    if request.method != "POST" and visit.subject_id is not None:
        return HttpResponseRedirect(reverse("office:today"))
    form = SignInForm(request.POST or None)
    if form.is_valid():
        try:
            doors = check_password(
                form.cleaned_data["email"], form.cleaned_data["password"], address_of(request)
            )
        except Refused as refusal:
            form.refuse(refusal)
        else:
            enter(request, doors[0])
            visit["next"] = request.POST.get("next", "")
            if len(doors) > 1:
                visit["choices"] = [[one.merchant_id.hex, one.staff_id.hex] for one in doors]
                visit[STAGE] = "choose"
            return HttpResponseRedirect(onward(visit))
    wanted = request.POST.get("next", request.GET.get("next", ""))
    return render(request, "office/sign_in.html", {"form": form, "next": wanted})


def enter(request: HttpRequest, door: Door) -> None:
    """Begin a visit under a new key; what is still to be given stands as its stage."""
    visit = session_of(request)
    visit.sign_in(door.merchant_id, door.staff_id)
    rotate_token(request)
    with reading(door.merchant_id) as session:
        desk = desk_of(session, door.staff_id)
    visit["since"] = real_now().isoformat()
    visit["agent"] = request.headers.get("user-agent", "")[:LONGEST_AGENT]
    if desk is None:
        visit.flush()
    elif desk.has_codes:
        visit[STAGE] = "code"
    elif needs_second_factor(desk.role, desk.mode):
        visit[STAGE] = "set_up"
    else:
        arrive(door, real_now())


def onward(visit: SessionStore) -> str:
    """Where a visit goes on: what is still to be given, then the page that was asked for."""
    if visit.get(STAGE) in STAGES:
        return reverse(STAGES[visit[STAGE]])
    page = visit.pop("next", "")
    is_ours = url_has_allowed_host_and_scheme(page, allowed_hosts=None)
    return page if is_ours and page.startswith("/office/") else reverse("office:today")


def address_of(request: HttpRequest) -> str:
    """Where a request comes from; behind a proxy, what the proxy says."""
    forwarded = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    own = str(request.META.get("REMOTE_ADDR", ""))
    return forwarded if forwarded and settings.SECURE_PROXY_SSL_HEADER else own


def visiting(view: Visiting[Rest]) -> Callable[Concatenate[HttpRequest, Rest], HttpResponse]:
    """Let a view answer only for a visit that has begun, in its member's language."""

    @wraps(view)
    def found(request: HttpRequest, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
        visit = session_of(request)
        if visit.merchant_id is None or visit.subject_id is None:
            return HttpResponseRedirect(reverse("office:sign_in"))
        with reading(visit.merchant_id) as session:
            desk = desk_of(session, visit.subject_id)
        if desk is None:
            visit.flush()
            return HttpResponseRedirect(reverse("office:sign_in"))
        speak(request, desk.language)
        return view(request, visit, desk, *args, **kwargs)

    return cast("Callable[Concatenate[HttpRequest, Rest], HttpResponse]", found)


@require_http_methods(["GET", "HEAD", "POST"])
@visiting
def choose_merchant(request: HttpRequest, visit: SessionStore, _desk: Desk) -> HttpResponse:
    """Ask for which merchant somebody works now who works for several."""
    doors = [Door(UUID(one[0]), UUID(one[1])) for one in visit.get("choices", [])]
    if visit.get(STAGE) != "choose":
        return HttpResponseRedirect(onward(visit))
    chosen = [one for one in doors if one.merchant_id.hex == request.POST.get("merchant", "")]
    if chosen:
        wanted = visit.get("next", "")
        enter(request, chosen[0])
        visit["next"] = wanted
        return HttpResponseRedirect(onward(visit))
    names = []
    for door in doors:
        with reading(door.merchant_id) as session:
            names.append((door.merchant_id.hex, merchants.merchant(session)))
    return render(request, "office/choose_merchant.html", {"merchants": names})


@require_http_methods(["GET", "HEAD", "POST"])
@visiting
def give_code(request: HttpRequest, visit: SessionStore, desk: Desk) -> HttpResponse:
    """Ask for the second factor."""
    if visit.get(STAGE) != "code":
        return HttpResponseRedirect(onward(visit))
    form = CodeForm(request.POST or None)
    if form.is_valid():
        try:
            confirm_code(desk.merchant_id, desk.staff_id, form.cleaned_data["code"], real_now())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return _let_in(visit, desk)
    return render(request, "office/give_code.html", {"form": form, "desk": desk})


@require_http_methods(["GET", "HEAD", "POST"])
@visiting
def set_up_codes(request: HttpRequest, visit: SessionStore, desk: Desk) -> HttpResponse:
    """Let an authenticator be set up: when it must be, or whenever somebody wishes."""
    if visit.get(STAGE) in {"choose", "code"}:
        return HttpResponseRedirect(onward(visit))
    if "totp" not in visit:
        visit["totp"] = pyotp.random_base32()
    form = CodeForm(request.POST or None)
    if form.is_valid():
        codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
        try:
            keep_codes(
                *(desk.merchant_id, desk.staff_id, visit["totp"], form.cleaned_data["code"]),
                *(codes, real_now()),
            )
        except Refused as refusal:
            form.refuse(refusal)
        else:
            del visit["totp"]
            visit["recovery_codes"] = codes
            _let_in(visit, desk)
            return HttpResponseRedirect(reverse("office:recovery_codes"))
    account = f"{desk.merchant_name} ({desk.email})"
    address = pyotp.TOTP(visit["totp"], name=account, issuer="Kesto").provisioning_uri()
    # Loaded for whoever sets up codes, once in each member's life.
    code = import_module("segno").make(address, error="m")
    picture = code.svg_data_uri(scale=4, border=4, light="#fff")
    context = {
        "form": form,
        "desk": desk,
        "picture": picture,
        "secret": " ".join(visit["totp"][at : at + 4] for at in range(0, len(visit["totp"]), 4)),
        "is_must": visit.get(STAGE) == "set_up",
    }
    return render(request, "office/set_up_codes.html", context)


@visiting
def recovery_codes(request: HttpRequest, visit: SessionStore, desk: Desk) -> HttpResponse:
    """Show the recovery codes, once."""
    codes = visit.pop("recovery_codes", None)
    if codes is None:
        return HttpResponseRedirect(onward(visit))
    context = {"codes": codes, "desk": desk, "onward": onward(visit)}
    return render(request, "office/recovery_codes.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def welcome(request: HttpRequest, token: str) -> HttpResponse:
    """Let who holds a one-time link choose a password; only choosing spends the link."""
    try:
        found = look_at_staff_link(token, real_now())
    except NotFound as refusal:
        return render(request, "office/void_link.html", {"text": refusal_text(refusal)}, status=404)
    speak(request, found.member.language)
    form = NewPasswordForm(request.POST or None)
    if form.is_valid():
        try:
            door = accept_staff_link(token, form.cleaned_data["password"], real_now())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            enter(request, door)
            return HttpResponseRedirect(onward(session_of(request)))
    return render(request, "office/welcome.html", {"form": form, "found": found})


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the visit."""
    session_of(request).flush()
    return HttpResponseRedirect(reverse("office:sign_in"))


def _let_in(visit: SessionStore, desk: Desk) -> HttpResponse:
    visit.pop(STAGE, None)
    visit.cycle_key()
    arrive(Door(desk.merchant_id, desk.staff_id), real_now())
    return HttpResponseRedirect(onward(visit))


def _recovery_code() -> str:
    letters = base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode().lower()
    return "-".join(letters[at : at + 4] for at in range(0, len(letters), 4))
