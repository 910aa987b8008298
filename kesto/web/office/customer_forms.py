"""What is asked of a customer: a new one, and one that is known."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy

from kesto.adapters.files import checks
from kesto.adapters.files.customers import read_customer, vat_id
from kesto.core.customers import Customer
from kesto.core.refusals import Invalid, Refused
from kesto.web.office import words
from kesto.web.office.forms import AskedForm

COMPANY = "company"
OF_COMPANIES = ("business_id", "vat_id")
KINDS = [
    ("consumer", gettext_lazy("Consumer")),
    (COMPANY, gettext_lazy("Company")),
]
METHODS = [*words.PAYMENT_METHODS.items()]
CHANNELS = [(code, words.CHANNELS[code]) for code in ("email", "letter", "portal")]
CHOSEN = ("payment_method", "channel")
WRONG = {
    "currency": gettext_lazy("Give the currency by three letters, such as EUR."),
    "country": gettext_lazy("Give the country by two letters, such as FI."),
    "email": gettext_lazy(
        "This is not a valid e-mail address. Write one such as name@example.com."
    ),
    "phone": gettext_lazy("Give the number with digits, spaces and + only."),
    "postal_code": gettext_lazy("In Finland a postal code has five digits."),
    "business_id": gettext_lazy(
        "This is not a valid business ID. A Finnish one looks like 2915046-7."
    ),
    "vat_id": gettext_lazy("This is not a valid VAT number. Write it with the country’s letters."),
    "zone": gettext_lazy("Give a time zone by its name, such as Europe/Helsinki."),
}
ON_ONE_LINE = gettext_lazy("Write it on one line, up to 200 characters.")
COMPANIES_ONLY = gettext_lazy("Only companies have one. Leave it empty, or choose Company.")


def text_field(label: Any, help_text: Any = "", *, required: bool = False) -> forms.CharField:
    """A short text on one line."""
    return forms.CharField(label=label, max_length=200, required=required, help_text=help_text)


class PersonForm(AskedForm):
    """Who a customer is, where, and what their invoices say."""

    name = text_field(gettext_lazy("Name"), required=True)
    external_id = text_field(
        gettext_lazy("Customer number"),
        gettext_lazy("Your own number for the customer: files and programs name them by it."),
        required=True,
    )
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=[*words.LANGUAGES.items()])
    currency = text_field(
        gettext_lazy("Currency"), gettext_lazy("Three letters. Empty: the seller’s own.")
    )
    zone = text_field(
        gettext_lazy("Time zone"),
        gettext_lazy("Such as Europe/Helsinki. Empty: the seller’s own."),
    )
    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        max_length=254,
        required=False,
        help_text=gettext_lazy("Invoices, messages and links to the portal go there."),
    )
    phone = text_field(gettext_lazy("Phone"), gettext_lazy("Such as +358 40 123 4567."))
    street = text_field(gettext_lazy("Street"))
    postal_code = text_field(gettext_lazy("Postal code"))
    city = text_field(gettext_lazy("City"))
    country = forms.CharField(
        label=gettext_lazy("Country"),
        max_length=2,
        initial="FI",
        help_text=gettext_lazy("Two letters, such as FI."),
    )
    business_id = text_field(gettext_lazy("Business ID"), gettext_lazy("Such as 2915046-7."))
    vat_id = text_field(gettext_lazy("VAT ID"), gettext_lazy("Such as FI29150467."))
    buyer_reference = text_field(
        gettext_lazy("Their reference"),
        gettext_lazy("Whom they ask to have named on invoices."),
    )
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

    def clean_zone(self) -> str:
        """A time zone by its name."""
        return self._checked("zone", checks.zone)

    def refuse(self, refusal: Refused) -> None:
        """Put a refusal beside its field, in words that say what the field takes."""
        if refusal.code == "bad_value" and refusal.field in self.fields:
            self.add_error(refusal.field, WRONG.get(refusal.field, ON_ONE_LINE))
        else:
            super().refuse(refusal)

    def check_kind(self, kind: str) -> None:
        """Refuse the numbers of a company for somebody who is none."""
        for name in OF_COMPANIES:
            if kind != COMPANY and self.cleaned_data.get(name):
                self.add_error(name, COMPANIES_ONLY)

    def _checked(self, field: str, check: Callable[[str], Any]) -> str:
        text: str = self.cleaned_data[field]
        if not text:
            return text
        try:
            return str(check(text))
        except Invalid:
            raise forms.ValidationError(WRONG[field]) from None


class CustomerForm(PersonForm):
    """A new customer."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=KINDS)
    payment_method = forms.ChoiceField(label=gettext_lazy("Pays by"), choices=METHODS)
    channel = forms.ChoiceField(label=gettext_lazy("Invoices come by"), choices=CHANNELS)

    def clean(self) -> dict[str, Any]:
        """Everything; only companies have the numbers of companies."""
        found: dict[str, Any] = super().clean() or {}
        self.check_kind(found.get("kind", ""))
        return found

    def customer(self, own: UUID) -> Customer:
        """The customer, once the form is valid. Raises Invalid with the field."""
        return read_customer({name: str(text) for name, text in self.cleaned_data.items()}, own)


class ChangeCustomerForm(PersonForm):
    """A customer that is known."""

    payment_method = forms.ChoiceField(
        label=gettext_lazy("Pays by"), choices=METHODS, required=False
    )
    channel = forms.ChoiceField(
        label=gettext_lazy("Invoices come by"), choices=CHANNELS, required=False
    )

    def __init__(self, kind: str, *values: Any, **options: Any) -> None:
        super().__init__(*values, **options)
        self.kind = kind

    def clean(self) -> dict[str, Any]:
        """Everything; only companies have the numbers of companies."""
        found: dict[str, Any] = super().clean() or {}
        self.check_kind(self.kind)
        return found

    def changes(self, before: Mapping[str, str]) -> dict[str, str]:
        """What is not as before, by field."""
        given = {name: str(text) for name, text in self.cleaned_data.items()}
        for name in (one for one in CHOSEN if not given[one]):
            del given[name]  # what is not chosen stays
        return {name: text for name, text in given.items() if text != before[name]}
