"""What a subscriber is asked: a day, and no more than needed."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy, pgettext_lazy

from kesto.core.refusals import Refused
from kesto.web.portal.words import refusal_text


def day_field(label: Any, help_text: Any = "", *, required: bool = False) -> forms.DateField:
    """A day."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, help_text=help_text, required=required, widget=widget)


def text_field(label: Any, complete: str) -> forms.CharField:
    """A text on one line, which the browser may know."""
    widget = forms.TextInput(attrs={"autocomplete": complete})
    return forms.CharField(label=label, max_length=200, required=False, widget=widget)


class AskedForm(forms.Form):
    """A form that may be refused: beside the field it is about, or above all."""

    def refuse(self, refusal: Refused) -> None:
        """Put a refusal in its place."""
        field = refusal.field if refusal.field in self.fields else None
        self.add_error(field, refusal_text(refusal))


class PlanForm(AskedForm):
    """Another plan; the page lists them with their prices."""

    plan = forms.CharField(max_length=64)


class AddOnForm(AskedForm):
    """An add-on to take or to give up."""

    add_on = forms.CharField(max_length=64)


class PauseForm(AskedForm):
    """A pause."""

    on = day_field(gettext_lazy("First day of the pause"), required=True)
    until = day_field(gettext_lazy("It goes on again on"), required=True)


class CancelForm(AskedForm):
    """A notice; nothing has to be filled in."""

    last_day = day_field(
        gettext_lazy("A later last day"),
        gettext_lazy("Only if you want to keep it longer. You may leave this empty."),
    )
    reason = forms.CharField(
        label=pgettext_lazy("portal", "Why are you leaving?"),
        help_text=gettext_lazy("Only if you want to tell us. You may leave this empty."),
        max_length=200,
        required=False,
    )


class NothingForm(AskedForm):
    """Nothing is asked."""


class DeliveryForm(AskedForm):
    """A delivery, by its day."""

    on = day_field(gettext_lazy("Delivery day"), required=True)


class AddressForm(AskedForm):
    """Where deliveries go; the own address needs no more than a cross."""

    is_own = forms.BooleanField(
        label=gettext_lazy("To my own address again"),
        help_text=gettext_lazy("Then leave the address below empty."),
        required=False,
    )
    name = text_field(gettext_lazy("Who receives it"), "name")
    street = text_field(pgettext_lazy("portal", "Street address"), "street-address")
    postal_code = text_field(pgettext_lazy("portal", "Postal code"), "postal-code")
    city = text_field(pgettext_lazy("portal", "City"), "address-level2")
    phone = text_field(gettext_lazy("Phone, if the carrier may call"), "tel")
    on = day_field(
        pgettext_lazy("portal", "From this day"),
        gettext_lazy("You may leave it empty: as soon as it is possible."),
    )

    def clean(self) -> dict[str, Any]:
        """Of a cross and an address the cross counts; without one the address must be whole."""
        asked = super().clean() or {}
        if not asked.get("is_own"):
            for field in ("name", "street", "postal_code", "city"):
                if not asked.get(field):
                    self.add_error(field, gettext_lazy("Please fill this in."))
        return asked
