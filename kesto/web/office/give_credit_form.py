"""The form of credit that is given: how much, why, and until when."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy, pgettext_lazy

from kesto.core.wallets import GIVEN
from kesto.flows.give_credit import LONGEST_REASON, MOST_PRIORITY, USUAL_PRIORITY, NewCredit
from kesto.web.office.forms import AskedForm, MinorField

BEFORE_TAX = "before_tax"
KINDS = (
    ("given", gettext_lazy("We give it: it costs us when it is used")),
    (BEFORE_TAX, gettext_lazy("We give it as a discount, before VAT")),
    ("paid", gettext_lazy("The customer has paid for it")),
)
DAY = {"type": "date"}


class GiveCreditForm(AskedForm):
    """Credit for a customer."""

    kind = forms.ChoiceField(label=pgettext_lazy("credit", "Kind"), choices=KINDS)
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=LONGEST_REASON)
    valid_from = forms.DateField(
        label=gettext_lazy("Can be used from"),
        required=False,
        widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"),
    )
    expires_on = forms.DateField(
        label=gettext_lazy("Can be used until"),
        required=False,
        widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"),
    )
    priority = forms.IntegerField(
        label=gettext_lazy("Order of use"),
        min_value=0,
        max_value=MOST_PRIORITY,
        initial=USUAL_PRIORITY,
    )

    def __init__(self, *values: Any, currency: str, **options: Any) -> None:
        super().__init__(*values, **options)
        self.fields["amount"] = MinorField(currency, label=gettext_lazy("Sum"))
        self.is_preview = "preview" in self.data

    @property
    def wanted(self) -> NewCredit:
        """The credit that is asked for, of a valid form."""
        found = self.cleaned_data
        before_tax = found["kind"] == BEFORE_TAX
        return NewCredit(
            kind=GIVEN if before_tax else found["kind"],
            before_tax=before_tax,
            amount_minor=found["amount"],
            reason=found["reason"],
            priority=found["priority"],
            valid_from=found["valid_from"],
            expires_on=found["expires_on"],
        )
