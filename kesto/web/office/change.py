"""Change a subscription: a form, what it would come to, and one button that does exactly that."""

from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy, pgettext_lazy

from kesto.core.changes import CallOff, Command
from kesto.core.ids import parsed, shown
from kesto.core.refusals import NotFound, Refused
from kesto.flows.quote_change import Quoted, confirm_quote, quote_change
from kesto.flows.show_subscription import ShownSubscription, show_subscription
from kesto.flows.show_usage import used_in_all
from kesto.store import quotes
from kesto.store.session import reading
from kesto.web.office.change_forms_time import FORMS
from kesto.web.office.gate import OfficeRequest, Staff, office, page
from kesto.web.office.preview import preview_of
from kesto.web.office.refusals import refusal_text
from kesto.web.office.subscription import title_of, why_of
from kesto.web.ui.language import words_language
from kesto.web.ui.pause_words import pause_words
from kesto.web.ui.said import say

TITLES: dict[str, str | Promise] = {
    "plan": gettext_lazy("Change plan"),
    "quantity": gettext_lazy("Change quantity"),
    "add-on": gettext_lazy("Add an add-on"),
    "remove-add-on": gettext_lazy("Remove an add-on"),
    "pause": pgettext_lazy("to do", "Pause"),
    "resume": gettext_lazy("Resume"),
    "coupon": gettext_lazy("Give a coupon"),
    "end-discount": gettext_lazy("End a discount"),
    "extra": gettext_lazy("Sell something once"),
    "billing-day": gettext_lazy("Change billing periods"),
    "payer": gettext_lazy("Another payer"),
    "currency": gettext_lazy("Another currency"),
    "renew": gettext_lazy("Renew"),
    "keep": gettext_lazy("Take the notice back"),
    "cancel": pgettext_lazy("a subscription, to do", "Cancel"),
    "withdraw": gettext_lazy("Withdraw from the contract"),
    "skip": gettext_lazy("Skip a delivery"),
    "unskip": gettext_lazy("Deliver after all"),
    "address": gettext_lazy("Change the delivery address"),
    "call-off": gettext_lazy("Call off"),
}

LONGEST_NUMBER = 18


@office("serve", methods=("GET", "HEAD", "POST"))
def change(request: OfficeRequest, subscription_id: UUID, action: str) -> HttpResponse:
    """Ask for a change, then show what it would come to."""
    staff = request.staff
    if action not in FORMS:
        raise NotFound("there is no such change", code="unknown_change", field="action")
    about = _shown(staff, subscription_id)
    data = request.POST if request.method == "POST" else None
    form = FORMS[action](about, data, initial=request.GET.dict())
    if data is not None and form.is_valid():
        try:
            quoted = _quoted(staff, about, form.command())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return _preview(request, about, quoted, action)
    return page(
        request,
        "change",
        "customers",
        form=form,
        action=action,
        shown=about,
        title=title_of(about),
        what=TITLES[action],
        ending_why=why_of(about.ending, about.found.currency),
        pause_does=list(pause_words(about)) if action == "pause" else (),
    )


@office("serve", methods=("POST",))
def call_off(request: OfficeRequest, subscription_id: UUID) -> HttpResponse:
    """Show what it comes to when a change that lies ahead does not come about."""
    about = _shown(request.staff, subscription_id)
    asked = request.POST.get("event", "")
    number = int(asked) if asked.isdecimal() and len(asked) < LONGEST_NUMBER else 0
    try:
        quoted = _quoted(request.staff, about, CallOff(number))
    except Refused as refusal:
        return _back(request, subscription_id, "bad", refusal_text(refusal))
    return _preview(request, about, quoted, "call-off")


@office("serve", methods=("POST",))
def confirm(request: OfficeRequest, subscription_id: UUID) -> HttpResponse:
    """Carry out a quote as it was shown, once; where it no longer holds, show the new one."""
    staff = request.staff
    quote, action = request.POST.get("quote", ""), request.POST.get("action", "")
    try:
        _check_quote(staff, subscription_id, quote)
        done = confirm_quote(staff.desk.merchant_id, quote, staff.now, staff.actor)
    except Refused as refusal:
        tone = "info" if refusal.code == "already_confirmed" else "bad"
        return _back(request, subscription_id, tone, refusal_text(refusal))
    if done.quoted is not None:
        about = _shown(staff, subscription_id)
        return _preview(request, about, done.quoted, action, is_stale=True)
    return _back(request, subscription_id, "ok", gettext("The change is made."))


def _quoted(staff: Staff, about: ShownSubscription, command: Command) -> Quoted:
    name = shown("subscription", about.id)
    return quote_change(staff.desk.merchant_id, name, command, staff.now)


def _preview(
    request: OfficeRequest,
    about: ShownSubscription,
    quoted: Quoted,
    action: str,
    *,
    is_stale: bool = False,
) -> HttpResponse:
    with reading(request.staff.desk.merchant_id) as session:
        used = used_in_all(session, about.found, request.staff.now)
        preview = preview_of(session, about, quoted, used)
    return page(
        request,
        "change_preview",
        "customers",
        shown=about,
        title=title_of(about),
        what=TITLES.get(action, TITLES["plan"]),
        action=action if action in TITLES else "",
        preview=preview,
        quote=shown("quote", quoted.quote.id),
        expires_at=quoted.quote.expires_at,
        is_stale=is_stale,
        back=_form_address(about.id, action),
    )


def _form_address(subscription_id: UUID, action: str) -> str:
    if action in FORMS and action != "keep":
        return reverse("office:change", args=[subscription_id, action])
    return reverse("office:subscription", args=[subscription_id])


def _shown(staff: Staff, subscription_id: UUID) -> ShownSubscription:
    with reading(staff.desk.merchant_id) as session:
        return show_subscription(session, subscription_id, staff.now, words_language())


def _check_quote(staff: Staff, subscription_id: UUID, quote: str) -> None:
    """A quote of another subscription is none of this one. Raises NotFound."""
    with reading(staff.desk.merchant_id) as session:
        found = quotes.quote(session, parsed("quote", quote))
    if found is None or found.subscription_id != subscription_id:
        raise NotFound("there is no such quote", code="unknown_quote", field="quote")


def _back(request: OfficeRequest, subscription_id: UUID, tone: str, text: str) -> HttpResponse:
    say(request, tone, text)
    return HttpResponseRedirect(reverse("office:subscription", args=[subscription_id]))
