"""What is asked about deliveries: skipping one, another address, and what happened to it."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy, pgettext_lazy

from kesto.core.changes import ChangeAddress, Command, SkipDelivery, UnskipDelivery
from kesto.core.ids import shown
from kesto.flows.show_deliveries import Stop
from kesto.flows.show_subscription import ShownSubscription
from kesto.web.office import written
from kesto.web.office.change_forms import ChangeForm, day_field
from kesto.web.office.forms import AskedForm
from kesto.web.ui.delivery_words import STATES, place_of

TOLD = ("sent", "delivered", "failed", "returned")
WAIVES = gettext_lazy("Also after the time for changes, or against the plan’s rules")
OWN, NEW = "own", "new"


def state_field() -> forms.ChoiceField:
    """What happened to a delivery."""
    return forms.ChoiceField(
        label=gettext_lazy("What happened"), choices=[(one, STATES[one]) for one in TOLD]
    )


def text_field(label: Any) -> forms.CharField:
    """A short text that may be left out."""
    return forms.CharField(label=label, max_length=200, required=False)


class MarkForm(AskedForm):
    """What happened to several deliveries of a day."""

    state = state_field()
    carrier = text_field(pgettext_lazy("of a delivery", "Carrier"))


class ReportForm(MarkForm):
    """What happened to one delivery."""

    tracking = text_field(gettext_lazy("Tracking number"))
    note = text_field(pgettext_lazy("of a delivery", "Note"))


class SkipForm(ChangeForm):
    """A delivery that is not to come."""

    on = forms.ChoiceField(label=gettext_lazy("Delivery"))
    waives_terms = forms.BooleanField(label=WAIVES, required=False)

    def fill(self, about: ShownSubscription) -> None:
        """Offer the deliveries that are not skipped and did not arrive."""
        self.choose("on", [_choice(one) for one in about.deliveries if _may_be_skipped(one)])

    def command(self) -> Command:
        """Skip it."""
        asked = self.cleaned_data
        return SkipDelivery(_day(asked["on"]), waives_terms=asked["waives_terms"])


class UnskipForm(ChangeForm):
    """A skipped delivery that is to come after all."""

    on = forms.ChoiceField(label=gettext_lazy("Delivery"))
    waives_terms = forms.BooleanField(label=WAIVES, required=False)

    def fill(self, about: ShownSubscription) -> None:
        """Offer the deliveries that are skipped."""
        self.choose("on", [_choice(one) for one in about.deliveries if one.status == "skipped"])

    def command(self) -> Command:
        """Have it come."""
        asked = self.cleaned_data
        return UnskipDelivery(_day(asked["on"]), waives_terms=asked["waives_terms"])


class AddressForm(ChangeForm):
    """Where deliveries go from a day on."""

    where = forms.ChoiceField(label=gettext_lazy("Deliver to"))
    name = text_field(pgettext_lazy("of an address", "Name"))
    street = text_field(gettext_lazy("Street address"))
    postal_code = text_field(gettext_lazy("Postal code"))
    city = text_field(gettext_lazy("City"))
    country = forms.CharField(
        label=gettext_lazy("Country"), max_length=2, required=False, initial="FI"
    )
    phone = text_field(gettext_lazy("Phone"))
    on = day_field(
        gettext_lazy("From this day"),
        gettext_lazy("Empty: as soon as it is possible."),
    )
    waives_terms = forms.BooleanField(label=WAIVES, required=False)

    def fill(self, about: ShownSubscription) -> None:
        """Offer a new address, the own one, and those from before."""
        known = [
            (shown("delivery_address", own), f"{one.name}, {place_of(one)}")
            for own, one in about.addresses.items()
        ]
        self.choose(
            "where", [(NEW, gettext("A new address")), (OWN, gettext("Their own address")), *known]
        )

    def command(self) -> Command:
        """Have deliveries go there."""
        asked = self.cleaned_data
        where, waives = asked["where"], asked["waives_terms"]
        if where == OWN:
            return ChangeAddress(is_own=True, on=self.day(), waives_terms=waives)
        if where != NEW:
            return ChangeAddress(address=where, on=self.day(), waives_terms=waives)
        return ChangeAddress(
            *(asked["name"], asked["street"], asked["postal_code"], asked["city"]),
            country=asked["country"].upper() or "FI",
            phone=asked["phone"],
            on=self.day(),
            waives_terms=waives,
        )


def _may_be_skipped(one: Stop) -> bool:
    return one.planned is not None and one.status in {"planned", "failed", "returned"}


def _choice(one: Stop) -> tuple[str, str]:
    return one.on.isoformat(), written.day(one.on)


def _day(text: str) -> date:
    return date.fromisoformat(text)
