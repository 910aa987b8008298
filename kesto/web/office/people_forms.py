"""What is asked of a new customer and of a new subscription."""

from collections.abc import Callable, Sequence
from typing import Any, cast
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy, pgettext_lazy

from kesto.adapters.files import checks
from kesto.adapters.files.customers import vat_id
from kesto.core.calendar import Alignment
from kesto.core.catalog import AddOn, PlanVersion
from kesto.core.customers import Customer, Person
from kesto.core.refusals import Invalid
from kesto.core.subscription import NewSubscription, Term
from kesto.web.office import words, written
from kesto.web.office.change_forms import day_field
from kesto.web.office.change_forms_time import ALIGNMENTS
from kesto.web.office.forms import AskedForm
from kesto.web.office.subscriptions import price_summary

KINDS = [
    ("consumer", gettext_lazy("Consumer")),
    ("company", gettext_lazy("Company")),
]
METHODS = [*words.PAYMENT_METHODS.items()]
CHANNELS = [(code, words.CHANNELS[code]) for code in ("email", "letter", "portal")]


def text_field(label: Any, help_text: Any = "", *, required: bool = False) -> forms.CharField:
    """A short text on one line."""
    return forms.CharField(label=label, max_length=200, required=required, help_text=help_text)


class CustomerForm(AskedForm):
    """A new customer."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=KINDS)
    name = text_field(gettext_lazy("Name"), required=True)
    external_id = text_field(
        gettext_lazy("Customer number"),
        gettext_lazy("Your own number for the customer. It stays."),
        required=True,
    )
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=[*words.LANGUAGES.items()])
    currency = text_field(
        gettext_lazy("Currency"), gettext_lazy("Three letters. Empty: the seller’s own.")
    )
    email = forms.EmailField(label=gettext_lazy("E-mail"), max_length=254, required=False)
    phone = text_field(gettext_lazy("Phone"))
    street = text_field(gettext_lazy("Street"))
    postal_code = text_field(gettext_lazy("Postal code"))
    city = text_field(gettext_lazy("City"))
    country = forms.CharField(
        label=gettext_lazy("Country"),
        max_length=2,
        initial="FI",
        help_text=gettext_lazy("Two letters, such as FI."),
    )
    payment_method = forms.ChoiceField(label=gettext_lazy("Pays by"), choices=METHODS)
    channel = forms.ChoiceField(label=gettext_lazy("Invoices come by"), choices=CHANNELS)
    business_id = text_field(gettext_lazy("Business ID"))
    vat_id = text_field(gettext_lazy("VAT ID"))
    buyer_reference = text_field(gettext_lazy("Their reference"))
    order_number = text_field(gettext_lazy("Order number"))
    cost_centre = text_field(gettext_lazy("Cost centre"))

    def clean_country(self) -> str:
        """A country by its two letters."""
        return self._checked("country", lambda text: checks.country(text.upper()))

    def clean_currency(self) -> str:
        """A currency by its three letters."""
        return self._checked("currency", lambda text: checks.currency(text.upper()))

    def clean_phone(self) -> str:
        """A telephone number."""
        return self._checked("phone", checks.phone)

    def clean_vat_id(self) -> str:
        """A VAT number."""
        return self._checked("vat_id", vat_id)

    def customer(self, own: UUID) -> Customer:
        """The customer, once the form is valid."""
        asked = self.cleaned_data
        person = Person(**{name: asked[name] for name in Person.__struct_fields__})
        rest = [
            name
            for name in Customer.__struct_fields__
            if name in asked and name not in {"id", "person"}
        ]
        return Customer(id=own, person=person, **{name: asked[name] for name in rest})

    def _checked(self, field: str, check: Callable[[str], Any]) -> str:
        text: str = self.cleaned_data[field]
        if not text:
            return text
        try:
            return str(check(text))
        except Invalid:
            raise forms.ValidationError(WRONG[field]) from None


WRONG = {
    "currency": gettext_lazy("Give the currency by three letters, such as EUR."),
    "country": gettext_lazy("Give the country by two letters, such as FI."),
    "phone": gettext_lazy("Give the number with digits, spaces and + only."),
    "vat_id": gettext_lazy("This is not a valid VAT number. Write it with the country’s letters."),
}


class WhichPlanForm(AskedForm):
    """Which plan is ordered; what the order says is prefilled from it."""

    plan = forms.ChoiceField(label=gettext_lazy("Plan"))

    def __init__(self, plans: Sequence[PlanVersion], *values: Any, **options: Any) -> None:
        super().__init__(*values, **options)
        cast("forms.ChoiceField", self.fields["plan"]).choices = plan_choices(plans)


class OrderForm(WhichPlanForm):
    """A new subscription."""

    id = forms.UUIDField(widget=forms.HiddenInput)
    add_ons = forms.MultipleChoiceField(
        label=gettext_lazy("Add-ons"), required=False, widget=forms.CheckboxSelectMultiple
    )
    quantity = forms.DecimalField(label=gettext_lazy("Quantity"), initial=1)
    start_on = day_field(gettext_lazy("First day"), required=True)
    alignment = forms.ChoiceField(label=gettext_lazy("Periods begin"), choices=ALIGNMENTS)
    billing_day = forms.IntegerField(
        label=gettext_lazy("Day of the month"),
        min_value=1,
        max_value=31,
        required=False,
        help_text=gettext_lazy("Only for a day of the month."),
    )
    minimum_months = forms.IntegerField(
        label=gettext_lazy("Minimum, months"), min_value=0, max_value=120
    )
    notice_days = forms.IntegerField(
        label=gettext_lazy("Notice, days"), min_value=0, max_value=3650
    )
    payer = text_field(
        gettext_lazy("Payer’s customer number"), gettext_lazy("Empty: the customer pays.")
    )
    user = text_field(
        pgettext_lazy("of a subscription", "User’s customer number"),
        gettext_lazy("Empty: the customer uses it."),
    )
    coupon = text_field(
        gettext_lazy("Coupon"),
        gettext_lazy("Its code, or one that subscribers type in. It counts from the first day."),
    )
    is_separate = forms.BooleanField(
        label=gettext_lazy("Bill it on invoices of its own"), required=False
    )
    external_id = text_field(
        gettext_lazy("Contract number"), gettext_lazy("Empty: one of Kesto’s own.")
    )
    field_order = ("id", "plan", "quantity", "add_ons")

    def __init__(
        self,
        plans: Sequence[PlanVersion],
        add_ons: Sequence[AddOn],
        *values: Any,
        **options: Any,
    ) -> None:
        super().__init__(plans, *values, **options)
        self.fields["coupon"].widget.attrs |= {"list": "coupons", "autocomplete": "off"}
        cast("forms.MultipleChoiceField", self.fields["add_ons"]).choices = [
            (one.code, f"{written.name(one.names)} · {price_summary(one.prices)}")
            for one in add_ons
        ]

    def order(self, holder: str) -> NewSubscription:
        """The order, once the form is valid."""
        asked = self.cleaned_data
        alignment: Alignment = asked["alignment"]
        return NewSubscription(
            id=asked["id"],
            external_id=asked["external_id"].strip() or asked["id"].hex,
            holder=holder,
            plan=asked["plan"],
            start_on=asked["start_on"],
            payer=asked["payer"].strip(),
            user=asked["user"].strip(),
            add_ons=tuple(asked["add_ons"]),
            quantity=asked["quantity"],
            alignment=alignment,
            billing_day=(asked["billing_day"] or 0) if alignment == "billing_day" else 0,
            term=Term(asked["minimum_months"], asked["notice_days"]),
            is_consolidated=not asked["is_separate"],
            coupon=asked["coupon"].strip(),
        )


def plan_choices(plans: Sequence[PlanVersion]) -> list[tuple[str, str]]:
    """Plans with their prices, for a list."""
    return [(one.plan, f"{written.name(one.names)} · {price_summary(one.prices)}") for one in plans]
