"""The forms of the office: what is asked, and how a flow's refusal comes back to its field."""

from datetime import date
from decimal import InvalidOperation
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy, pgettext_lazy

from kesto.adapters.passwords import LONGEST
from kesto.core.api_keys import USUAL_SCOPES
from kesto.core.billing_schedule import LAST_HOUR
from kesto.core.money import format_minor, parse_minor
from kesto.core.refusals import Invalid, Refused, RefusedTogether
from kesto.core.staff import ROLES
from kesto.flows.change_settings import (
    LEAST_USAGE_MONTHS,
    MOST_GRACE_DAYS,
    MOST_INVOICES,
    MOST_LINK_DAYS,
    MOST_NOTICE_DAYS,
    MOST_USAGE_MONTHS,
)
from kesto.web.office import words
from kesto.web.office.refusals import refusal_text


class AskedForm(forms.Form):
    """A form whose flow may refuse."""

    def refuse(self, refusal: Refused) -> None:
        """Put a refusal beside the field that it is about, or above all."""
        refusals = refusal.refusals if isinstance(refusal, RefusedTogether) else (refusal,)
        for one in refusals:
            field = one.field if one.field in self.fields else None
            self.add_error(field, refusal_text(one))


class MinorField(forms.CharField):
    """A sum as people write it, in minor units of a currency."""

    def __init__(self, currency: str, **options: Any) -> None:
        self.currency = currency
        super().__init__(max_length=20, **options)

    def prepare_value(self, value: Any) -> Any:
        """A sum of the form's own beginning, as it is written."""
        return format_minor(value, self.currency) if isinstance(value, int) else value

    def clean(self, value: Any) -> int | None:
        """The minor units; None for no sum where none is required."""
        text = super().clean(value).replace(" ", "").replace("\N{NO-BREAK SPACE}", "")
        if not text:
            return None
        try:
            return parse_minor(text.replace(",", "."), self.currency)
        except (Invalid, InvalidOperation):
            raise forms.ValidationError(gettext_lazy("Give a sum, such as 100.00.")) from None


def password_field(label: Any, *, is_new: bool) -> forms.CharField:
    """A field for a password; what is typed is never shown again."""
    complete = "new-password" if is_new else "current-password"
    widget = forms.PasswordInput(attrs={"autocomplete": complete})
    return forms.CharField(label=label, max_length=LONGEST, strip=False, widget=widget)


class SignInForm(AskedForm):
    """E-mail and password."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    password = password_field(gettext_lazy("Password"), is_new=False)


class CodeForm(AskedForm):
    """A code of the authenticator, or a recovery code."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}
        ),
    )


class NewPasswordForm(AskedForm):
    """A password that somebody chooses."""

    password = password_field(gettext_lazy("New password"), is_new=True)
    password.help_text = gettext_lazy(
        "At least 12 characters. A few words in a row are easy to remember."
    )


class ChangePasswordForm(AskedForm):
    """The old password and a new one."""

    old = password_field(gettext_lazy("Your current password"), is_new=False)
    password = password_field(gettext_lazy("New password"), is_new=True)


class LanguageForm(AskedForm):
    """The language of one's pages."""

    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=[*words.LANGUAGES.items()])


class InviteForm(AskedForm):
    """Who is to work in the office."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    email = forms.EmailField(label=gettext_lazy("E-mail"), max_length=254)
    role = forms.ChoiceField(
        label=gettext_lazy("Role"), choices=[(role, words.ROLES[role]) for role in ROLES]
    )
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=[*words.LANGUAGES.items()])


USUAL_KEYS = [
    (" ".join(USUAL_SCOPES), gettext_lazy("Everything but approving billing runs")),
    *((scope, words.SCOPES[scope]) for scope in USUAL_SCOPES),
]


class KeyForm(AskedForm):
    """A key of the API: which system it is for, and what it may do."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=200,
        help_text=gettext_lazy("Which system it is for, such as: web shop."),
    )
    scopes = forms.ChoiceField(
        label=pgettext_lazy("a key", "May"),
        choices=USUAL_KEYS,
    )

    def __init__(self, *values: Any, may_approve: bool, **options: Any) -> None:
        super().__init__(*values, **options)
        if may_approve:
            field = cast("forms.ChoiceField", self.fields["scopes"])
            word = gettext_lazy("See billing runs that wait, and approve them")
            field.choices = [*USUAL_KEYS, ("read approve", word)]


class RoleForm(AskedForm):
    """Another role."""

    role = forms.ChoiceField(
        label=gettext_lazy("Role"), choices=[(role, words.ROLES[role]) for role in ROLES]
    )


class ThroughForm(AskedForm):
    """Through which day is billed."""

    through = forms.DateField(
        label=gettext_lazy("Bill what is due by"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *values: Any, latest_on: date, **options: Any) -> None:
        super().__init__(*values, **options)
        self.fields["through"].widget.attrs["max"] = latest_on.isoformat()


class ApprovalForm(AskedForm):
    """What somebody says to a decision on a run."""

    note = forms.CharField(label=gettext_lazy("Note"), max_length=500, required=False)


class BankFileForm(AskedForm):
    """A file of the bank."""

    file = forms.FileField(label=gettext_lazy("Bank file (camt.053 or camt.054)"))


class WriteOffForm(AskedForm):
    """Why an invoice is given up, and whether its VAT is taken back."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)
    relieves_tax = forms.BooleanField(label=gettext_lazy("Take back the VAT on it"), required=False)


class MerchantForm(AskedForm):
    """What a merchant sets for itself."""

    name = forms.CharField(label=gettext_lazy("Name in the office and the portal"), max_length=200)

    def __init__(self, *values: Any, currency: str, **options: Any) -> None:
        super().__init__(*values, **options)
        self.fields["invoice_limit_minor"] = MinorField(
            currency, label=gettext_lazy("Set an invoice aside above")
        )
        self.fields["service_credit_minor"] = MinorField(
            currency, label=gettext_lazy("Customer service credits up to")
        )
        self.fields["portal_link_days"] = forms.IntegerField(
            label=gettext_lazy("A link in a message works for"),
            min_value=1,
            max_value=MOST_LINK_DAYS,
        )
        self.fields["grace_days"] = forms.IntegerField(
            label=gettext_lazy("What falls due is a draft for"),
            min_value=0,
            max_value=MOST_GRACE_DAYS,
        )
        self.fields["billing_days"] = forms.CharField(
            label=gettext_lazy("Bill on days of the month"), max_length=100, required=False
        )
        self.fields["billing_hour"] = forms.IntegerField(
            label=gettext_lazy("Bill not before"), min_value=0, max_value=LAST_HOUR
        )
        self.fields["bills_by_hand"] = forms.BooleanField(
            label=gettext_lazy("Bill only when somebody starts it"), required=False
        )
        self.fields["run_limit_invoices"] = forms.IntegerField(
            label=gettext_lazy("Ask before a run of more than"),
            min_value=0,
            max_value=MOST_INVOICES,
            required=False,
        )
        self.fields["run_limit_minor"] = MinorField(
            currency, label=gettext_lazy("Ask before a run above"), required=False
        )
        self.fields["uses_credit"] = forms.BooleanField(
            label=gettext_lazy("A customer’s credit pays its next invoices"), required=False
        )
        self.fields["sends_confirmations"] = forms.BooleanField(
            label=gettext_lazy("Confirm each change to the subscriber"), required=False
        )
        self.fields["sends_reminders"] = forms.BooleanField(
            label=gettext_lazy("Remind before trials, terms, discounts and pauses end"),
            required=False,
        )
        self.fields["notice_days"] = forms.IntegerField(
            label=gettext_lazy("Tell of another price at least"),
            min_value=0,
            max_value=MOST_NOTICE_DAYS,
        )
        self.fields["usage_months"] = forms.IntegerField(
            label=gettext_lazy("Keep usage that nobody was billed for"),
            min_value=LEAST_USAGE_MONTHS,
            max_value=MOST_USAGE_MONTHS,
            required=False,
        )


class SellerForm(AskedForm):
    """What stands on invoices."""

    name = forms.CharField(label=gettext_lazy("Company"), max_length=200)
    business_id = forms.CharField(label=gettext_lazy("Business ID"), max_length=40)
    vat_id = forms.CharField(label=gettext_lazy("VAT ID"), max_length=40, required=False)
    street = forms.CharField(label=gettext_lazy("Street"), max_length=200)
    postal_code = forms.CharField(label=gettext_lazy("Postal code"), max_length=20)
    city = forms.CharField(label=gettext_lazy("City"), max_length=100)
    email = forms.EmailField(label=gettext_lazy("E-mail for questions"), max_length=254)
    iban = forms.CharField(label=gettext_lazy("Account (IBAN)"), max_length=50)
    bic = forms.CharField(label=gettext_lazy("Bank’s code (BIC)"), max_length=20, required=False)
    due_days = forms.IntegerField(label=gettext_lazy("Payment term"), min_value=1, max_value=90)


class DeliveryForm(AskedForm):
    """How messages leave."""

    host = forms.CharField(label=gettext_lazy("Mail server"), max_length=200)
    port = forms.IntegerField(label=gettext_lazy("Port"), min_value=1, max_value=65_535)
    security = forms.ChoiceField(
        label=gettext_lazy("Encryption"), choices=[*words.SECURITIES.items()]
    )
    username = forms.CharField(label=gettext_lazy("User name"), max_length=200, required=False)
    sender = forms.EmailField(label=gettext_lazy("Sender"), max_length=254)
    reply_to = forms.EmailField(label=gettext_lazy("Answers to"), max_length=254, required=False)
    is_attached = forms.BooleanField(
        label=gettext_lazy("Attach the invoice as a PDF"), required=False
    )
    letters_from_hour = forms.IntegerField(
        label=gettext_lazy("Letters are put together from"), min_value=0, max_value=23
    )
    sends_receipts = forms.BooleanField(
        label=gettext_lazy("Send a receipt for each payment"), required=False
    )
