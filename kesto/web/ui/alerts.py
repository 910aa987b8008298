"""Alerts of usage on pages of the portal and the office: a list, and a form for one more."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from uuid import UUID

from django import forms
from django.utils.translation import gettext, gettext_lazy
from msgspec import Struct

from kesto.core.alerts import Alert
from kesto.core.catalog import SoldMeter
from kesto.core.money import digits
from kesto.core.refusals import Invalid, Refused
from kesto.flows.set_alert import NewAlert
from kesto.flows.show_usage import UsedSoFar
from kesto.web.ui.language import words_language
from kesto.web.ui.usage import meter_name
from kesto.words import forms as written

KINDS = {
    "share": gettext_lazy("A share of what is included (%)"),
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


class AlertForm(forms.Form):
    """Of what, how, and how much."""

    meter = forms.ChoiceField(label=gettext_lazy("What is used"))
    kind = forms.ChoiceField(label=gettext_lazy("When it reaches"))
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

    def asked(self, used: Sequence[UsedSoFar]) -> NewAlert:
        """What the form says; people write amounts in whole units. Raises Invalid."""
        said = self.cleaned_data
        text = str(said["threshold"]).replace("\N{NO-BREAK SPACE}", "").replace(" ", "")
        try:
            threshold = Decimal(text.replace(",", "."))
        except InvalidOperation:
            raise Invalid("is no number", code="bad_decimal", field="threshold") from None
        if said["kind"] == "amount" and threshold.is_finite():
            currency = next(one.price.currency for one in used if one.meter.code == said["meter"])
            threshold = threshold.scaleb(digits(currency))
        return NewAlert(str(said["meter"]), str(said["kind"]), threshold)

    def refuse(self, refusal: Refused) -> None:
        """Put a refusal in its place."""
        field = refusal.field if refusal.field in self.fields else None
        self.add_error(field, REFUSED.get(refusal.code, refusal.detail))


class AlertRow(Struct, frozen=True):
    """An alert in words."""

    id: UUID
    name: str
    limit: str


def alert_row(alert: Alert, meters: Mapping[str, SoldMeter], currency: str) -> AlertRow:
    """An alert in words; an amount is in the currency of the subscription."""
    language = words_language()
    meter = meters.get(alert.meter)
    match alert.kind:
        case "amount":
            limit = written.amount(int(alert.threshold), currency, language)
        case "share":
            facts = {"share": written.number(alert.threshold, language)}
            limit = gettext("%(share)s percent of what is included") % facts
        case _:
            limit = written.measure(alert.threshold, meter.unit if meter else "", language)
    return AlertRow(alert.id, meter_name(meter) if meter else alert.meter, limit)
