"""The way in, by a message's link, and the way out."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import rotate_token
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from kesto.core.refusals import NotFound
from kesto.flows import portal_link
from kesto.flows.portal_link import Entered
from kesto.store import invoices, notices
from kesto.store import portal as store
from kesto.store.portal_links import Door
from kesto.store.session import reading
from kesto.web.clock import real_now
from kesto.web.ui.sessions import session_of


@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, token: str) -> HttpResponse:
    """Show a link's one button; only pressing it spends the link and opens the visit."""
    try:
        known = portal_link.follow_link(token, _visit(request))
        if known is not None:
            return _onward(known)
        if request.method == "POST":
            return _enter(request, portal_link.spend_link(token, real_now()))
        name = portal_link.look_at_link(token, real_now())
    except NotFound:
        return _void(request, token)
    return _told_to_nobody(render(request, "portal/link.html", {"merchant_name": name}))


@require_POST
def ask_new_link(request: HttpRequest, token: str) -> HttpResponse:
    """Have a new link sent to whom a void one belonged; the answer is the same for any token."""
    portal_link.ask_new_link(token, real_now())
    return _told_to_nobody(render(request, "portal/link_asked.html"))


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the visit."""
    session_of(request).flush()
    return render(request, "portal/signed_out.html")


def _visit(request: HttpRequest) -> Door | None:
    visit = session_of(request)
    if visit.merchant_id is None or visit.subject_id is None:
        return None
    return Door(visit.merchant_id, visit.subject_id)


def _enter(request: HttpRequest, entered: Entered) -> HttpResponse:
    session_of(request).sign_in(entered.door.merchant_id, entered.door.customer_id)
    rotate_token(request)
    return _onward(entered)


def _onward(entered: Entered) -> HttpResponse:
    """To the invoice or subscription that the message was about, else to the first page."""
    page, subject_id = reverse("portal:home"), entered.subject_id
    if subject_id is not None:
        with reading(entered.door.merchant_id) as session:
            own = store.invoice_about(session, entered.door.customer_id, subject_id)
            numbers = invoices.numbers_of(session, [own] if own else [])
            subscription = notices.subscription_about(session, entered.door.customer_id, subject_id)
        if own is not None:
            page = reverse("portal:invoice", args=[numbers[own]])
            page += "" if own == subject_id else "#life"
        elif subscription is not None:
            page = reverse("portal:subscription", args=[subscription])
    return _told_to_nobody(HttpResponseRedirect(page))


def _void(request: HttpRequest, token: str) -> HttpResponse:
    """One and the same page for a link that is unknown, spent or too old."""
    return _told_to_nobody(render(request, "portal/void_link.html", {"token": token}, status=404))


def _told_to_nobody(answer: HttpResponse) -> HttpResponse:
    """The address of this page is a key: the browser tells no other page more than our name.

    Not `no-referrer`: with it browsers send forms from nowhere, which the check of forms refuses.
    """
    answer["Referrer-Policy"] = "strict-origin"
    return answer
