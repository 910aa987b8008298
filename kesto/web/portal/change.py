"""A subscriber changes a subscription: chooses, sees what it comes to, confirms exactly that."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy, pgettext_lazy

from kesto.core.changes import (
    AddAddOn,
    CallOff,
    Cancel,
    ChangeAddress,
    ChangePlan,
    Command,
    Keep,
    Pause,
    RemoveAddOn,
    Resume,
    SkipDelivery,
    UnskipDelivery,
    Withdraw,
)
from kesto.core.ids import parsed, shown
from kesto.core.refusals import NotAllowed, NotFound, Refused
from kesto.flows.quote_change import Quoted, confirm_quote, quote_change
from kesto.flows.show_subscription import ShownSubscription
from kesto.flows.show_usage import used_so_far
from kesto.store import quotes
from kesto.store.session import reading
from kesto.web.portal import offers
from kesto.web.portal.change_forms import (
    AddOnForm,
    AddressForm,
    AskedForm,
    CancelForm,
    DeliveryForm,
    NothingForm,
    PauseForm,
    PlanForm,
)
from kesto.web.portal.deliveries import skipping_words
from kesto.web.portal.gate import Customer, PortalRequest, page, portal
from kesto.web.portal.preview import preview_of
from kesto.web.portal.subscription import changeable, is_told_by_customer, own_plans, title_of
from kesto.web.portal.words import refusal_text
from kesto.web.ui.language import words_language
from kesto.web.ui.pause_words import pause_words
from kesto.web.ui.said import say
from kesto.words.changes import ending
from kesto.words.tongue import Tongue

Text = str | Promise
Asked = dict[str, Any]
TITLES: Mapping[str, Text] = {
    "plan": pgettext_lazy("portal", "Change plan"),
    "add-ons": pgettext_lazy("portal", "Add-ons"),
    "add": gettext_lazy("Take an add-on"),
    "remove": gettext_lazy("Give up an add-on"),
    "pause": pgettext_lazy("portal", "Pause"),
    "resume": pgettext_lazy("portal", "End the pause"),
    "cancel": pgettext_lazy("portal", "Cancel the subscription"),
    "keep": gettext_lazy("Take the cancellation back"),
    "withdraw": gettext_lazy("Withdraw from the contract here"),
    "skip": pgettext_lazy("portal", "Skip a delivery"),
    "unskip": pgettext_lazy("portal", "Deliver after all"),
    "address": pgettext_lazy("portal", "Change the delivery address"),
}
CALLING_OFF = pgettext_lazy("portal", "Call off what you planned")
LONGEST_NUMBER = 18
FORMS: Mapping[str, type[AskedForm]] = {
    "plan": PlanForm,
    "add": AddOnForm,
    "remove": AddOnForm,
    "pause": PauseForm,
    "resume": NothingForm,
    "cancel": CancelForm,
    "keep": NothingForm,
    "withdraw": NothingForm,
    "skip": DeliveryForm,
    "unskip": DeliveryForm,
    "address": AddressForm,
}


def address_asked(asked: Asked) -> Command:
    """Another delivery address, or the own one again."""
    if asked["is_own"]:
        return ChangeAddress(is_own=True, on=asked["on"])
    return ChangeAddress(
        name=str(asked["name"]),
        street=str(asked["street"]),
        postal_code=str(asked["postal_code"]),
        city=str(asked["city"]),
        phone=str(asked["phone"]),
        on=asked["on"],
    )


NO_PAUSE = NotAllowed("this plan can't be paused", code="no_pause", field="action")
COMMANDS: Mapping[str, Callable[[Asked], Command]] = {
    "plan": lambda asked: ChangePlan(str(asked["plan"])),
    "add": lambda asked: AddAddOn(str(asked["add_on"])),
    "remove": lambda asked: RemoveAddOn(str(asked["add_on"])),
    "pause": lambda asked: Pause(asked["on"], asked["until"]),
    "resume": lambda _: Resume(),
    "cancel": lambda asked: Cancel(last_day=asked["last_day"], reason=str(asked["reason"])),
    "keep": lambda _: Keep(),
    "withdraw": lambda _: Withdraw(),
    "skip": lambda asked: SkipDelivery(asked["on"]),
    "unskip": lambda asked: UnskipDelivery(asked["on"]),
    "address": address_asked,
}
OWN = (
    *(ChangePlan, AddAddOn, RemoveAddOn, Pause, Resume, Cancel, Keep, Withdraw),
    *(SkipDelivery, UnskipDelivery, ChangeAddress),
)


@portal(methods=("GET", "HEAD", "POST"))
def change(request: PortalRequest, subscription_id: UUID, action: str) -> HttpResponse:
    """Show what can be chosen; a choice is shown in money before anything happens."""
    about = changeable(request.customer, subscription_id)
    if action not in TITLES or (request.method == "POST" and action not in FORMS):
        raise NotFound("there is no such change", code="unknown_change", field="action")
    if request.method != "POST":
        kind = FORMS.get(action, NothingForm)
        form = kind(initial={"on": request.GET["on"]}) if request.GET.get("on") else kind()
        return _form_page(request, about, action, form)
    form = FORMS[action](request.POST)
    if form.is_valid():
        try:
            quoted = _quoted(request.customer, about, COMMANDS[action](form.cleaned_data))
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return _preview(request, about, quoted, action)
    return _form_page(request, about, action, form)


@portal(methods=("POST",))
def call_off(request: PortalRequest, subscription_id: UUID) -> HttpResponse:
    """Show what it comes to when a change that the customer planned does not come about."""
    about = changeable(request.customer, subscription_id)
    asked = request.POST.get("event", "")
    number = int(asked) if asked.isdecimal() and len(asked) < LONGEST_NUMBER else 0
    try:
        if number not in own_plans(about):
            raise NotFound("no such change lies ahead", code="nothing_ahead", field="event")
        quoted = _quoted(request.customer, about, CallOff(number))
    except Refused as refusal:
        say(request, "bad", refusal_text(refusal))
        return HttpResponseRedirect(reverse("portal:subscription", args=[subscription_id]))
    return _preview(request, about, quoted, "call-off")


@portal(methods=("POST",))
def confirm(request: PortalRequest, subscription_id: UUID) -> HttpResponse:
    """Carry out a quote as it was shown, once; where it no longer holds, show the new one."""
    customer = request.customer
    about = changeable(customer, subscription_id)
    quote, action = request.POST.get("quote", ""), request.POST.get("action", "")
    try:
        _check_quote(customer, about, quote)
        done = confirm_quote(
            *(customer.merchant_id, quote, customer.now, customer.actor), is_staff=False
        )
    except Refused as refusal:
        tone = "info" if refusal.code == "already_confirmed" else "bad"
        say(request, tone, refusal_text(refusal))
    else:
        if done.quoted is not None:
            return _preview(request, about, done.quoted, action, is_stale=True)
        say(request, "ok", _said(action), gettext("You see it below, under what happened."))
    return HttpResponseRedirect(reverse("portal:subscription", args=[subscription_id]))


def _said(action: str) -> str:
    if action == "cancel":
        return gettext("The subscription is cancelled.")
    if action == "call-off":
        return gettext("It is called off.")
    if action == "keep":
        return gettext("The cancellation is taken back. Your subscription goes on.")
    return gettext("The change is confirmed.")


def _quoted(customer: Customer, about: ShownSubscription, command: Command) -> Quoted:
    name = shown("subscription", about.id)
    return quote_change(customer.merchant_id, name, command, customer.now, is_staff=False)


def _check_quote(customer: Customer, about: ShownSubscription, quote: str) -> None:
    """A quote of another subscription, or of what only staff does, is none. Raises NotFound."""
    with reading(customer.merchant_id) as session:
        found = quotes.quote(session, parsed("quote", quote))
    is_own = found is not None and found.subscription_id == about.id
    if found is None or not is_own or not _may_ask(found.command, about):
        raise NotFound("there is no such quote", code="unknown_quote", field="quote")


def _may_ask(command: Command, about: ShownSubscription) -> bool:
    """Whether a subscriber may ask for this by themselves."""
    match command:
        case CallOff():
            return is_told_by_customer(about, command.event)
        case Cancel(waives_notice=True) | Withdraw(pays_for_use=False):
            return False
        case SkipDelivery() | UnskipDelivery() | ChangeAddress() if command.waives_terms:
            return False
        case _:
            return isinstance(command, OWN)


def _form_page(
    request: PortalRequest, about: ShownSubscription, action: str, form: AskedForm
) -> HttpResponse:
    last = about.ending
    longest = about.life.terms.longest_pause_days
    return page(
        request,
        "change",
        "home",
        shown=about,
        title=title_of(about),
        action=action,
        what=TITLES[action],
        form=form,
        plans=offers.plans(about) if action == "plan" else (),
        add_ons=offers.add_ons(about) if action in {"add-ons", "add", "remove"} else (),
        ending=last if action == "cancel" else None,
        ending_why=ending(last.rule, Tongue(words_language(), about.found.currency))
        if last
        else "",
        longest_pause_days=longest,
        no_pause=refusal_text(NO_PAUSE) if action == "pause" and not longest else "",
        skipping=skipping_words(about) if action == "skip" else "",
        pause_does=list(pause_words(about)) if action == "pause" else (),
    )


def _preview(
    request: PortalRequest,
    about: ShownSubscription,
    quoted: Quoted,
    action: str,
    *,
    is_stale: bool = False,
) -> HttpResponse:
    customer = request.customer
    is_payer = about.found.payer_id == customer.id
    with reading(customer.merchant_id) as session:
        used = used_so_far(session, about.found, customer.now)
        preview = preview_of(session, about, quoted, used, is_payer=is_payer)
    return page(
        request,
        "change_preview",
        "home",
        shown=about,
        title=title_of(about),
        action=action,
        what=CALLING_OFF if action == "call-off" else TITLES.get(action, TITLES["plan"]),
        preview=preview,
        quote=shown("quote", quoted.quote.id),
        expires_at=quoted.quote.expires_at,
        is_stale=is_stale,
    )
