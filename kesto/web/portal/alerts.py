"""Alerts of usage that a subscriber sets: a list of them, and a form for one more."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from uuid import UUID

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy
from msgspec import Struct

from kesto.core.alerts import Alert
from kesto.core.ids import shown as named_id
from kesto.core.money import digits
from kesto.core.refusals import Invalid, Refused
from kesto.flows.set_alert import NewAlert, drop_alert, set_alert
from kesto.flows.show_subscription import ShownSubscription
from kesto.flows.show_usage import UsedSoFar, used_so_far
from kesto.store import usage_alerts
from kesto.store.session import reading
from kesto.web.portal.change_forms import AskedForm
from kesto.web.portal.gate import PortalRequest, page, portal
from kesto.web.portal.subscription import changeable, title_of
from kesto.web.ui.language import words_language
from kesto.web.ui.said import say
from kesto.web.ui.usage import meter_name
from kesto.words import forms as written

KINDS = {
    "share": gettext_lazy("Percent of what is included"),
    "quantity": gettext_lazy("A quantity"),
    "amount": gettext_lazy("An amount of money"),
}
REFUSED = {
    "out_of_range": gettext_lazy("Write a number above zero."),
    "bad_decimal": gettext_lazy("Write a number, such as 80 or 12.50."),
    "nothing_included": gettext_lazy(
        "Nothing is included in this price. Choose a quantity or an amount."
    ),
    "exists": gettext_lazy("This is set already."),
    "too_many": gettext_lazy("There are twenty already. Remove one first."),
    "unknown_meter": gettext_lazy("This is not counted for you now. Choose another."),
}


class AlertForm(AskedForm):
    """Of what, how, and how much."""

    meter = forms.ChoiceField(label=gettext_lazy("What is used"))
    kind = forms.ChoiceField(label=gettext_lazy("Tell me when it reaches"))
    threshold = forms.CharField(
        label=gettext_lazy("The limit"),
        max_length=30,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )

    def __init__(self, used: Sequence[UsedSoFar], data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]  # what was sent, or nothing
        meters = {one.meter.code: meter_name(one.meter) for one in used}
        has_included = any(one.included for one in used)
        kinds = [one for one in KINDS.items() if one[0] != "share" or has_included]
        for name, choices in (("meter", list(meters.items())), ("kind", kinds)):
            field = self.fields[name]
            if isinstance(field, forms.ChoiceField):
                field.choices = choices

    def refuse(self, refusal: Refused) -> None:
        """Put a refusal in its place, in words of this form where there are any."""
        said = REFUSED.get(refusal.code)
        if said is None:
            super().refuse(refusal)
        else:
            self.add_error(refusal.field if refusal.field in self.fields else None, said)


class AlertRow(Struct, frozen=True):
    """An alert in words."""

    id: UUID
    name: str
    limit: str


@portal(methods=("GET", "HEAD", "POST"))
def alerts(request: PortalRequest, subscription_id: UUID) -> HttpResponse:
    """Show the alerts of a subscription and set one more."""
    customer = request.customer
    about = changeable(customer, subscription_id)
    with reading(customer.merchant_id) as session:
        used = used_so_far(session, about.found, customer.now)
        kept = usage_alerts.of_subscription(session, subscription_id)
    form = AlertForm(used, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            asked = _asked(form, used)
            actor = named_id("customer", customer.id)
            set_alert(customer.merchant_id, subscription_id, asked, customer.now, actor)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            say(request, "ok", gettext("It is set. You are told once in each period."))
            return HttpResponseRedirect(reverse("portal:alerts", args=[subscription_id]))
    return page(
        request,
        "alerts",
        "home",
        shown=about,
        title=title_of(about),
        form=form if used else None,
        rows=[_row(one, about, used) for one in kept],
    )


@portal(methods=("POST",))
def drop(request: PortalRequest, subscription_id: UUID, alert_id: UUID) -> HttpResponse:
    """Remove an alert."""
    customer = request.customer
    changeable(customer, subscription_id)
    actor = named_id("customer", customer.id)
    drop_alert(customer.merchant_id, subscription_id, alert_id, customer.now, actor)
    say(request, "ok", gettext("It is removed."))
    return HttpResponseRedirect(reverse("portal:alerts", args=[subscription_id]))


def _asked(form: AlertForm, used: Sequence[UsedSoFar]) -> NewAlert:
    """What the form says; people write amounts in whole units. Raises Invalid."""
    said = form.cleaned_data
    text = str(said["threshold"]).replace("\N{NO-BREAK SPACE}", "").replace(" ", "")
    try:
        threshold = Decimal(text.replace(",", "."))
    except InvalidOperation:
        raise Invalid("is no number", code="bad_decimal", field="threshold") from None
    if said["kind"] == "amount" and threshold.is_finite():
        currency = next(one.price.currency for one in used if one.meter.code == said["meter"])
        threshold = threshold.scaleb(digits(currency))
    return NewAlert(str(said["meter"]), str(said["kind"]), threshold)


def _row(alert: Alert, about: ShownSubscription, used: Sequence[UsedSoFar]) -> AlertRow:
    language = words_language()
    meter = about.meters.get(alert.meter)
    match alert.kind:
        case "amount":
            currency = next((one.price.currency for one in used), about.found.currency)
            limit = written.amount(int(alert.threshold), currency, language)
        case "share":
            facts = {"share": written.number(alert.threshold, language)}
            limit = gettext("%(share)s percent of what is included") % facts
        case _:
            limit = written.measure(alert.threshold, meter.unit if meter else "", language)
    return AlertRow(alert.id, meter_name(meter) if meter else alert.meter, limit)
